"""Pictures: citizens get what something published uses, staff what their site has; gone with the page, whoever sends them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from wagtail.images.models import Image
from wagtail.models import Page, PageViewRestriction

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column
from tests.support.pages import address_of
from tests.support.people import make_user, sign_in
from tests.support.pictures import add_document, add_image

ClientFor = Callable[..., Client]


@pytest.fixture
def pair(living: tuple[Subsite, Subsite]) -> tuple[Subsite, Subsite, Image, Image]:
    """Give each site a picture of one number and one name."""
    ours, theirs = (add_image(site, pk=720_001, name="da-lou.png") for site in living)
    return *living, ours, theirs


def led_by(image: Image) -> dict[str, object]:
    """Return the fields of an item that this picture leads."""
    return {"lead_image": image, "lead_image_alt": "大楼"}


def addresses(site: Subsite, image: Image) -> list[str]:
    """Return where the picture lies: as uploaded, and as pages show it."""
    with in_site(site):
        return [image.file.url, image.get_rendition("width-20|format-webp").url]


def statuses(client: Client, site: Subsite, image: Image) -> list[int]:
    return [client.get(address).status_code for address in addresses(site, image)]


class TestWhoMaySee:
    def test_a_drafts_picture_is_for_staff_of_its_site(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, beta, ours, theirs = pair
        with in_site(alpha), transaction.atomic():
            draft = ArticlePage(title="草稿", live=False, **led_by(ours))
            column_of("tzgg").add_child(instance=draft)
            draft.save_revision()
        publish_article(beta, "已发布", **led_by(theirs))
        assert statuses(client_for(alpha), alpha, ours) == [404, 404]
        assert statuses(client_for(beta), beta, theirs) == [200, 200]
        assert statuses(sign_in(client_for(alpha), make_user(alpha)), alpha, ours) == [200, 200]
        stranger = sign_in(client_for(beta), make_user(beta))
        stranger.defaults["HTTP_HOST"] = alpha.primary_host
        assert statuses(stranger, alpha, ours) == [404, 404]

    @pytest.mark.parametrize("shown", ["lead", "block"])
    def test_withdrawal_takes_it_away_at_once(
        self, shown: str, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, beta, ours, theirs = pair
        pages = {}
        for site, image in ((alpha, ours), (beta, theirs)):
            pages[site.code] = page = publish_article(site, "大楼", **(led_by(image) if shown == "lead" else {}))
            if shown == "block":
                with in_site(site), transaction.atomic():
                    page = page_in(site, page)
                    page.body = [("image", {"image": image, "alt": "大楼"})]
                    page.save_revision().publish()
        citizens = client_for(alpha), client_for(beta)
        assert statuses(citizens[0], alpha, ours) == [200, 200]
        with in_site(alpha):
            page_in(alpha, pages["alpha"]).unpublish()
        assert statuses(citizens[0], alpha, ours) == [404, 404]
        assert statuses(citizens[1], beta, theirs) == [200, 200]
        assert statuses(sign_in(client_for(alpha), make_user(alpha)), alpha, ours) == [200, 200]

    def test_it_stays_while_another_item_shows_it(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, _, ours, _ = pair
        page = publish_article(alpha, "一", **led_by(ours))
        publish_article(alpha, "二", **led_by(ours))
        with in_site(alpha):
            page_in(alpha, page).unpublish()
        assert statuses(client_for(alpha), alpha, ours) == [200, 200]

    def test_withdrawal_by_an_update_waits_for_no_worker(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, beta, ours, theirs = pair
        page = publish_article(alpha, "大楼", **led_by(ours))
        publish_article(beta, "大楼", **led_by(theirs))
        with in_site(alpha):
            Page.objects.filter(pk=page.pk).update(live=False)
        assert statuses(client_for(alpha), alpha, ours) == [404, 404]
        assert statuses(client_for(beta), beta, theirs) == [200, 200]

    def test_a_column_shows_it_while_it_is_live(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, _, ours, _ = pair
        own_column(alpha)
        with in_site(alpha), transaction.atomic():
            column = column_of("zslm")
            column.body = [("image", {"image": ours, "alt": "大楼"})]
            column.save_revision().publish()
        assert statuses(client_for(alpha), alpha, ours) == [200, 200]
        with in_site(alpha):
            column_of("zslm").unpublish()
        assert statuses(client_for(alpha), alpha, ours) == [404, 404]

    def test_a_locked_items_picture_is_for_those_with_the_word(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, _, ours, _ = pair
        page = publish_article(alpha, "大楼", **led_by(ours))
        with in_site(alpha):
            kind = PageViewRestriction.PASSWORD
            lock = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="mi-ma")
        assert statuses(client_for(alpha), alpha, ours) == [404, 404]
        with_word = client_for(alpha)
        told = {"password": "mi-ma", "return_url": address_of(alpha, page)}
        assert with_word.post(f"/_util/authenticate_with_password/{lock.pk}/{page.pk}/", told).status_code == 302
        assert statuses(with_word, alpha, ours) == [200, 200]

    def test_a_file_that_no_picture_has_is_nobodys(self, alpha: Subsite, client_for: ClientFor) -> None:
        image = add_image(alpha)
        with in_site(alpha):
            Path(image.file.path).with_name("bie-de.png").write_bytes(b"x")
            address = image.file.url.replace(Path(image.file.name).name, "bie-de.png")
        assert sign_in(client_for(alpha), make_user(alpha)).get(address).status_code == 404


class TestHowItIsSent:
    def test_uploads_are_sandboxed_and_asked_for_again(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha, _, ours, _ = pair
        document = add_document(alpha, name="办法.txt")
        publish_article(alpha, "大楼", attachments=[ArticleAttachment(document=document)], **led_by(ours))
        for address in (*addresses(alpha, ours), document.url):
            answer = client_for(alpha).get(address)
            assert answer.status_code == 200, address
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer["Cache-Control"] == "public, no-cache"
            assert "Content-Encoding" not in answer
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        as_editor = sign_in(client_for(alpha), make_user(alpha)).get(document.url)
        assert as_editor["Cache-Control"] == "private, no-cache"

    def test_a_pdf_is_shown_and_not_saved(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
    ) -> None:
        alpha = pair[0]
        document = add_document(alpha, name="ban-fa.pdf", data=b"%PDF-1.4")
        publish_article(alpha, "办法", attachments=[ArticleAttachment(document=document)])
        answer = client_for(alpha).get(document.url)
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["Content-Security-Policy"] == "default-src 'none'"

    def test_the_server_in_front_sends_what_was_allowed(
        self, pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor, settings: LazySettings
    ) -> None:
        settings.EDGE_ACCEL = True
        alpha, beta, ours, theirs = pair
        document = add_document(alpha, name="办法.txt")
        publish_article(alpha, "大楼", attachments=[ArticleAttachment(document=document)], **led_by(ours))
        for address, name in zip(addresses(alpha, ours), ("original_images/", "images/"), strict=True):
            answer = client_for(alpha).get(address)
            assert answer["X-Accel-Redirect"].startswith(f"/-uploads/site_alpha/{name}da-lou")
            assert answer.content == b""
        answer = client_for(alpha).get(document.url)
        assert answer["X-Accel-Redirect"].startswith("/-uploads/site_alpha/documents/")
        assert answer["X-Accel-Redirect"].isascii()
        assert "Content-Length" not in answer or answer["Content-Length"] == "0"
        refused = client_for(beta).get(addresses(beta, theirs)[0])
        assert refused.status_code == 404
        assert "X-Accel-Redirect" not in refused


def test_an_item_whose_picture_is_lost_is_still_read(
    pair: tuple[Subsite, Subsite, Image, Image], client_for: ClientFor
) -> None:
    alpha, beta, ours, theirs = pair
    pages = [publish_article(site, "大楼", **led_by(image)) for site, image in ((alpha, ours), (beta, theirs))]
    with in_site(alpha):
        Path(ours.file.path).unlink()
    lost, kept = (client_for(s).get(address_of(s, page)) for s, page in zip((alpha, beta), pages, strict=True))
    assert (lost.status_code, kept.status_code) == (200, 200)
    assert b"<figure>" not in lost.content
    assert b"<figure>" in kept.content
