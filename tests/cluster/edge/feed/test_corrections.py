"""What an edit takes from a page that stays public: attachments and pictures at once, its old text from the release before."""

import pytest
from django.db import transaction
from wagtail.documents.models import Document

from cluster.context import in_site
from cluster.edge import feed
from cluster.edge.store import Store
from sites.content.models import ArticleAttachment, ArticlePage
from tests.cluster.edge.feed.conftest import Stored
from tests.support.articles import page_in, publish_article
from tests.support.pages import address_of
from tests.support.pictures import add_document, add_image
from tests.support.working import work_until_idle

OURS, THEIRS = "甲县的春耕安排", "乙市的春耕安排"


def served(stored: Stored) -> set[str]:
    """Return the file names that nginx serves without asking."""
    return {path.name for path in (stored.east.root / "files").rglob("*") if path.is_file()}


@pytest.fixture
def item(stored: Stored) -> tuple[ArticlePage, Document, Document]:
    """Publish an item with two attachments, and have it stored; beta has one of its own."""
    taken, kept = add_document(stored.alpha, name="taken.txt"), add_document(stored.alpha, name="kept.txt")
    attachments = [ArticleAttachment(document=document) for document in (taken, kept)]
    page = publish_article(stored.alpha, "带附件的消息", attachments=attachments)
    theirs = publish_article(
        stored.beta,
        "带附件的消息",
        attachments=[ArticleAttachment(document=add_document(stored.beta, name="theirs.txt"))],
    )
    stored.east.catch_up()
    for site, its in ((stored.alpha, page), (stored.beta, theirs)):
        stored.east.visit(site, address_of(site, its))
    assert served(stored) == {"taken.txt", "kept.txt", "theirs.txt"}
    return page, taken, kept


def keep_only(stored: Stored, page: ArticlePage, kept: Document) -> None:
    """Take the other attachments from the item, as the editor's page does it."""
    with in_site(stored.alpha), transaction.atomic():
        draft = page_in(stored.alpha, page)
        draft.attachments = [ArticleAttachment(document=kept)]
        draft.save_revision().publish()


def correct(stored: Stored) -> None:
    """Publish alpha's article with another title."""
    with in_site(stored.alpha):
        page = page_in(stored.alpha, stored.ours)
        page.title = "更正后的标题"
        page.save_revision().publish()


def test_an_attachment_taken_from_a_public_item_is_gone_while_the_worker_is_dead(
    stored: Stored, item: tuple[ArticlePage, Document, Document]
) -> None:
    page, _, kept = item
    with stored.east.here():
        keep_only(stored, page, kept)
    assert "taken.txt" not in served(stored)
    assert "theirs.txt" in served(stored)
    stored.east.catch_up()
    assert "kept.txt" in stored.east.visit(stored.alpha, address_of(stored.alpha, page)).content.decode()
    assert served(stored) == {"kept.txt", "theirs.txt"}
    assert stored.east.wrong_pages() == []


def test_an_edit_that_takes_none_leaves_the_attachments_in_place(
    stored: Stored, item: tuple[ArticlePage, Document, Document]
) -> None:
    page, _, _ = item
    with stored.east.here(), in_site(stored.alpha):
        draft = page_in(stored.alpha, page)
        draft.title = "带附件的消息（修订）"
        draft.save_revision().publish()
    assert served(stored) == {"taken.txt", "kept.txt", "theirs.txt"}
    assert stored.east.text(stored.alpha, address_of(stored.alpha, page)) is not None


def test_a_picture_taken_from_a_public_item_is_gone_at_once(stored: Stored) -> None:
    image = add_image(stored.alpha, name="wrong-person.png")
    page = publish_article(stored.alpha, "带图的消息", lead_image=image, lead_image_alt="图")
    stored.east.catch_up()
    stored.east.visit(stored.alpha, address_of(stored.alpha, page))
    assert any(name.startswith("wrong-person") for name in served(stored))
    with stored.east.here(), in_site(stored.alpha), transaction.atomic():
        draft = page_in(stored.alpha, page)
        draft.lead_image = None
        draft.save_revision().publish()
    assert not any(name.startswith("wrong-person") for name in served(stored))
    stored.east.catch_up()
    assert stored.east.wrong_pages() == []


def test_the_release_before_keeps_no_attachment_that_was_taken_since(
    stored: Stored, item: tuple[ArticlePage, Document, Document]
) -> None:
    page, _, kept = item
    with stored.east.here() as store:
        new = Store(store.root, "f" * 16)  # deployed; nobody has read the item since
        keep_only(stored, page, kept)
        feed.hear("east", new.touch)
    assert "taken.txt" not in served(stored)
    assert "theirs.txt" in served(stored)


def test_the_release_before_does_not_bring_back_what_was_corrected(stored: Stored) -> None:
    theirs = stored.east.pages_with(THEIRS)
    with stored.east.here() as store:
        new = Store(store.root, "f" * 16)
        correct(stored)
        work_until_idle()
        feed.hear("east", new.touch)
    assert stored.east.pages_with(OURS) == [], "served as soon as the application is away"
    assert stored.east.pages_with(THEIRS) == theirs


def test_the_release_before_stands_where_something_new_is_merely_lacking(stored: Stored) -> None:
    ours = stored.east.pages_with(OURS)
    with stored.east.here() as store:
        new = Store(store.root, "f" * 16)
        publish_article(stored.alpha, "新发布的消息")
        work_until_idle()
        feed.hear("east", new.touch)
    assert stored.east.pages_with(OURS) == ours
