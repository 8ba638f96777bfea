"""Turn the client's errors into those of engines.base, so that only this folder knows the client. Called by bulk and engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from elastic_transport import TransportError
from elasticsearch import ApiError

from search.engines.base import EngineUnavailable, IndexMissing


@contextmanager
def translated() -> Iterator[None]:
    """Raise IndexMissing for a missing index and EngineUnavailable for everything else that is no answer."""
    try:
        yield
    except ApiError as error:
        if error.status_code == 404 and "index_not_found" in str(error):
            raise IndexMissing(str(error)) from error
        raise EngineUnavailable(f"Elasticsearch 回答 {error.status_code}：{error}") from error
    except TransportError as error:
        raise EngineUnavailable(f"Elasticsearch 没有回答：{error}") from error
