"""EDGE=0: no web server finds a stored page any more, none is kept true, and nobody waits for confirmations."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from cluster.context import in_site
from cluster.edge.agent import EdgeAgent
from cluster.edge.models import COMMITTER, EdgeEvent, EdgeServer
from cluster.edge.wsgi import StoreLayer
from sites.content.models import ArticleAttachment
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import page_in, publish_article
from tests.support.pages import address_of
from tests.support.pictures import add_document

OURS, THEIRS = "甲县的春耕安排", "乙市的春耕安排"


@contextmanager
def switched_off(stored: Stored) -> Iterator[None]:
    """Be the server with the store switched off."""
    with override_settings(EDGE_ENABLED=False, EDGE_ROOT=stored.east.root, EDGE_SERVER="east"):
        yield


def is_served(stored: Stored) -> bool:
    """Tell whether a web server finds anything by name."""
    return any((stored.east.root / name).exists() for name in ("current", "previous", "files"))


def store_an_attachment(stored: Stored) -> None:
    """Have a page with an attachment stored, so that its file is served, too."""
    page = publish_article(stored.alpha, "附件", attachments=[ArticleAttachment(document=add_document(stored.alpha))])
    stored.east.catch_up()
    stored.east.visit(stored.alpha, address_of(stored.alpha, page))
    assert (stored.east.root / "files").is_dir()


def test_a_withdrawal_is_taken_from_what_is_still_served(stored: Stored) -> None:
    """A command with EDGE=0 beside a site that was not restarted yet."""
    with switched_off(stored), in_site(stored.alpha):
        page_in(stored.alpha, stored.ours).unpublish()
    assert stored.east.pages_with(OURS) == []
    assert stored.east.pages_with(THEIRS) != []


def test_the_site_takes_the_store_from_the_web_server_when_it_starts(stored: Stored) -> None:
    store_an_attachment(stored)
    with stored.east.here():
        StoreLayer(lambda environ, start_response: [])
    assert is_served(stored), "switched on, a start takes nothing"
    with switched_off(stored):
        StoreLayer(lambda environ, start_response: [])
    assert not is_served(stored)


def test_the_worker_does_so_too_and_is_told_nothing_any_more(stored: Stored) -> None:
    store_an_attachment(stored)
    EdgeServer.objects.create(name="west")
    with switched_off(stored):
        assert EdgeAgent().run() is False
    assert not is_served(stored)
    publish_article(stored.alpha, "关闭之后的消息")
    assert list(EdgeServer.objects.values_list("name", flat=True)) == ["west"]
    # Left for a committer outside of Django (here: the cleaning between tests), they are addressed to no server.
    assert set(EdgeEvent.objects.exclude(server=COMMITTER).values_list("server", flat=True)) == {"west"}


def test_a_process_that_was_not_restarted_yet_does_not_bring_it_back(stored: Stored) -> None:
    with switched_off(stored):
        StoreLayer(lambda environ, start_response: [])
    assert stored.east.visit(stored.alpha, stored.path).status_code == 200
    stored.east.catch_up()
    assert not is_served(stored)


def test_switched_on_again_it_begins_anew(stored: Stored) -> None:
    with switched_off(stored):
        EdgeAgent().run()
    with in_site(stored.alpha):
        page_in(stored.alpha, stored.ours).unpublish()  # the store is not there to hear of it
    with stored.east.here() as store:
        type(store)(store.root, store.generation)  # another process of the site starts
    stored.east.agent = EdgeAgent()
    stored.east.catch_up()
    assert stored.east.pages_with(OURS) == []
    assert THEIRS in stored.east.visit(stored.beta, "/dtyw/").content.decode()
    assert THEIRS in (stored.east.text(stored.beta, "/dtyw/") or "")
