"""Read plain text files in the encodings Chinese offices use.

Called by the child through `reader_for`.
"""

from pathlib import Path

from cluster.resources.extraction.encodings import UnknownEncoding, decode_text
from cluster.resources.extraction.failure import UnreadableDocument
from cluster.resources.extraction.sink import TextSink

LONGEST_CHARACTER = 4


def read(path: Path, sink: TextSink) -> None:
    """Pour out the file; no more is read than the sink can hold."""
    with path.open("rb") as stream:
        data = stream.read((sink.room + 1) * LONGEST_CHARACTER)
    try:
        sink.add(decode_text(data))
    except UnknownEncoding as error:
        raise UnreadableDocument(str(error)) from error
