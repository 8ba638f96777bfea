"""What the store itself wrote, as nginx serves it, and what a real withdrawal leaves of it: page, picture of it in lists, file."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from wagtail.documents.models import Document

from cluster.context import in_site
from cluster.subsites.models import Subsite
from deploy.launcher.elasticsearch import free_port
from sites.content.models import ArticleAttachment, ArticlePage
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import page_in, publish_article
from tests.support.front import Front, StandIn, fronted
from tests.support.pictures import add_document

SAID = "附件里的话"


@dataclass
class Attached:
    """An item of alpha with an attachment, stored with all that shows it; beta has the like."""

    page: ArticlePage
    path: str
    file: str


def attach(stored: Stored, site: Subsite, document: Document) -> Attached:
    """Publish an item with the attachment, and read it."""
    page = publish_article(site, "带附件的通知", attachments=[ArticleAttachment(document=document)])
    stored.east.catch_up()
    path = f"/dtyw/{page.slug}/"
    for read in ("/", "/dtyw/", path):
        assert stored.east.visit(site, read).status_code == 200
    with in_site(site):
        return Attached(page, path, document.url)


@pytest.fixture
def ours(stored: Stored) -> Attached:
    return attach(stored, stored.alpha, add_document(stored.alpha, data=SAID.encode()))


@pytest.fixture
def theirs(stored: Stored) -> Attached:
    return attach(stored, stored.beta, add_document(stored.beta, data=SAID.encode()))


def files_of(stored: Stored) -> set[str]:
    """Return the hosts for which attachments lie in the store."""
    with stored.east.here() as store:
        return {name.partition("/")[0] for name in store.uploads.walk()}


def test_a_withdrawal_takes_the_attachment_along(stored: Stored, ours: Attached, theirs: Attached) -> None:
    """In the process that withdraws, while no worker runs; one that another page still shows stays."""
    with in_site(stored.alpha):
        document = Document.objects.get()
    again = attach(stored, stored.alpha, document)
    assert files_of(stored) == {stored.alpha.primary_host, stored.beta.primary_host}
    with stored.east.here(), in_site(stored.alpha):
        page_in(stored.alpha, ours.page).unpublish()
    assert files_of(stored) == {stored.alpha.primary_host, stored.beta.primary_host}, "the second item shows it, too"
    with stored.east.here(), in_site(stored.alpha):
        page_in(stored.alpha, again.page).unpublish()
    assert files_of(stored) == {stored.beta.primary_host}


class TestServedByNginx:
    @pytest.fixture
    def front(self, stored: Stored) -> Iterator[Front]:
        """Return nginx on the store of this server."""
        backend, folder = StandIn(free_port()), stored.east.root.parent / "nginx"
        folder.mkdir()
        folders = {"media": Path(settings.MEDIA_ROOT), "static": Path(settings.STATIC_ROOT)}
        with fronted(folder, app_port=backend.server_port, store=stored.east.root, **folders) as running:
            yield running
        backend.close()
        shutil.rmtree(folder)

    def test_every_view_and_list_comes_from_the_disk(self, stored: Stored, front: Front) -> None:
        for site in (stored.alpha, stored.beta):
            for path in ("/", "/dtyw/", "/dtyw/rss/"):
                answer = front.ask(site.primary_host, path)
                assert (answer.status, answer.by_app, answer.text) == (200, False, stored.east.text(site, path)), path
        assert front.ask(stored.alpha.primary_host, "/", Cookie="qz_view=elder").by_app, "nobody has asked for it yet"

    def test_what_is_withdrawn_is_asked_of_the_application(
        self, stored: Stored, front: Front, ours: Attached, theirs: Attached
    ) -> None:
        alpha, beta = stored.alpha.primary_host, stored.beta.primary_host
        assert front.ask(alpha, ours.path).text == stored.east.text(stored.alpha, ours.path)
        assert front.ask(alpha, ours.file).text == SAID
        with stored.east.here(), in_site(stored.alpha), transaction.atomic():
            page_in(stored.alpha, ours.page).unpublish()
        for path in (ours.path, ours.file, "/", "/dtyw/"):
            assert front.ask(alpha, path).by_app, path
        stored.east.catch_up()
        home = front.ask(alpha, "/")
        assert not home.by_app
        assert "带附件的通知" not in home.text
        assert front.ask(beta, theirs.path).text == stored.east.text(stored.beta, theirs.path)
        assert front.ask(beta, theirs.file).text == SAID
        assert "带附件的通知" in front.ask(beta, "/").text

    def test_an_edited_page_is_another_one_to_those_who_have_it(
        self, stored: Stored, front: Front, ours: Attached
    ) -> None:
        host = stored.alpha.primary_host
        tag = front.ask(host, ours.path).headers["etag"]
        assert front.ask(host, ours.path, If_None_Match=tag).status == 304
        with stored.east.here(), in_site(stored.alpha), transaction.atomic():
            page = page_in(stored.alpha, ours.page)
            page.title = "带附件的公告"
            page.save_revision().publish()
        stored.east.catch_up()
        answer = front.ask(host, ours.path, If_None_Match=tag)
        assert (answer.status, answer.by_app, "带附件的公告" in answer.text) == (200, False, True)
