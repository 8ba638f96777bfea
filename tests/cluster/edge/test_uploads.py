"""Pictures and attachments of stored pages: served without asking while the page is, never those of anything else."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction

from cluster.context import in_site
from cluster.edge import keys, uploads
from cluster.edge.entries import Touch
from cluster.subsites.models import Subsite
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import publish_article
from tests.support.edging import Front
from tests.support.pages import address_of
from tests.support.pictures import add_document, add_image

Pair = tuple[Subsite, Subsite]


def links(edge: Front) -> set[str]:
    """Return what nginx serves, by host and address."""
    return set(edge.store.uploads.walk())


def with_files(site: Subsite, title: str = "办法", name: str = "ban-fa.txt") -> tuple[ArticlePage, Image, Document]:
    """Publish an item with a lead picture and an attachment."""
    image, document = add_image(site, name="da-lou.png"), add_document(site, name=name)
    attached = [ArticleAttachment(document=document)]
    return (
        publish_article(site, title, lead_image=image, lead_image_alt="大楼", attachments=attached),
        image,
        document,
    )


def expected_of(site: Subsite, image: Image, document: Document) -> set[str]:
    """Return the names of an item's links."""
    with in_site(site):
        forms = {f"{site.primary_host}{form.url}" for form in image.renditions.all()}
        assert len(forms) == 2, "one for every browser, one in WebP"
        return {*forms, f"{site.primary_host}/documents/{document.pk}/{document.filename}"}


def test_files_come_with_the_page_and_go_with_it(edge: Front, living: Pair) -> None:
    pages = {}
    for site in living:
        pages[site.code] = with_files(site)
    assert links(edge) == set()
    for site in living:
        page, image, document = pages[site.code]
        assert edge.get(site, address_of(site, page)).status == 200
        pages[site.code] = page, expected_of(site, image, document)
    alpha = living[0]
    assert links(edge) == pages["alpha"][1] | pages["beta"][1]
    for name in links(edge):
        assert (edge.store.uploads.folder / name).stat().st_nlink == 2
    page = pages["alpha"][0]
    edge.store.touch([Touch(keys.page(alpha.schema_name, page.pk), gone=True)])
    assert links(edge) == pages["beta"][1]


def test_they_stay_while_another_stored_page_uses_them(edge: Front, living: Pair) -> None:
    alpha = living[0]
    page, image, document = with_files(alpha)
    attached = [ArticleAttachment(document=document)]
    other = publish_article(alpha, "另一条", lead_image=image, lead_image_alt="大楼", attachments=attached)
    for one in (page, other):
        edge.get(alpha, address_of(alpha, one))
    edge.store.touch([Touch(keys.page(alpha.schema_name, page.pk), gone=True)])
    assert links(edge) == expected_of(alpha, image, document)
    edge.store.touch([Touch(keys.page(alpha.schema_name, other.pk), gone=True)])
    assert links(edge) == set()


def test_a_name_in_chinese_is_the_one_that_nginx_decodes(edge: Front, living: Pair) -> None:
    alpha = living[0]
    page, image, document = with_files(alpha, name="办法.txt")
    edge.get(alpha, address_of(alpha, page))
    assert links(edge) == expected_of(alpha, image, document)
    assert any(not name.isascii() for name in links(edge)) is not document.filename.isascii()


def test_an_address_typed_into_a_text_keeps_no_file_public(edge: Front, living: Pair) -> None:
    """The attachment is public for its own item's sake; the text that merely names its address must not outlive that."""
    alpha = living[0]
    page, image, document = with_files(alpha)
    typed = publish_article(alpha, "转发", text=f'<a href="{document.url}">办法</a>')
    edge.get(alpha, address_of(alpha, typed))
    assert links(edge) == set()
    edge.get(alpha, address_of(alpha, page))
    assert links(edge) == expected_of(alpha, image, document)


def test_a_file_that_asks_for_a_password_is_for_the_application(edge: Front, living: Pair) -> None:
    alpha = living[0]
    page, image, document = with_files(alpha)
    with in_site(alpha), transaction.atomic():
        hidden = Collection.get_first_root_node().add_child(name="内部")
        kind = CollectionViewRestriction.PASSWORD
        CollectionViewRestriction.objects.create(collection=hidden, restriction_type=kind, password="mi")
        document.collection = hidden
        document.save()
    edge.get(alpha, address_of(alpha, page))
    assert not any("/documents/" in name for name in links(edge))
    assert any("/images/" in name for name in links(edge))
    assert expected_of(alpha, image, document) > links(edge)


def test_a_file_replaced_under_its_name_is_linked_anew(edge: Front, living: Pair) -> None:
    alpha = living[0]
    page, _, document = with_files(alpha)
    edge.get(alpha, address_of(alpha, page))
    with in_site(alpha):
        path = Path(document.file.path)
        path.unlink()
        default_storage.save(document.file.name, ContentFile(b"new"))
    edge.store.forget(edge.store.index.entries_at(alpha.primary_host, address_of(alpha, page)))
    edge.get(alpha, address_of(alpha, page))
    name = f"{alpha.primary_host}/documents/{document.pk}/{document.filename}"
    assert (edge.store.uploads.folder / name).read_bytes() == b"new"


def test_another_file_system_gets_signposts(edge: Front, living: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(uploads.os, "link", refuse)
    alpha = living[0]
    page, image, document = with_files(alpha)
    edge.get(alpha, address_of(alpha, page))
    assert links(edge) == expected_of(alpha, image, document)
    assert all((edge.store.uploads.folder / name).is_symlink() for name in links(edge))
    edge.store.touch([Touch(keys.page(alpha.schema_name, page.pk), gone=True)])
    assert links(edge) == set()
    with in_site(alpha):
        assert Path(document.file.path).is_file()


def test_links_that_no_copy_uses_are_swept(edge: Front, living: Pair) -> None:
    alpha = living[0]
    page, image, document = with_files(alpha)
    edge.get(alpha, address_of(alpha, page))
    stray = edge.store.uploads.folder / alpha.primary_host / "documents" / "999999" / "left.txt"
    stray.parent.mkdir(parents=True)
    stray.write_text("left by a crash")
    assert edge.store.check_disk() == (1, 0)
    assert links(edge) == expected_of(alpha, image, document)
