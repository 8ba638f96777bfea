"""Leaks L6 and L9: files of one site that another deletes, overwrites or serves."""

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.db import connection, transaction
from django.test import Client
from django_tenants.postgresql_backend.base import DatabaseWrapper as DjangoTenantsWrapper
from wagtail.documents import get_document_model

from cluster.context import in_site
from cluster.postgresql.base import DatabaseWrapper
from cluster.subsites.models import Subsite
from sites.content.models import ArticleAttachment
from tests.support.articles import publish_article
from tests.support.pictures import add_document, add_image

Pair = tuple[Subsite, Subsite]


def _has(site: Subsite, name: str) -> bool:
    with in_site(site):
        return default_storage.exists(name)


# ---- L6: work of on_commit in the wrong site


def _delete_in_alpha_and_commit_in_beta(alpha: Subsite, beta: Subsite) -> str:
    """Add a file of the same name to both sites, delete alpha's, and let the commit happen while beta is entered."""
    name = add_document(alpha, name="gong-bao.txt").file.name
    assert add_document(beta, name="gong-bao.txt").file.name == name
    with in_site(beta), transaction.atomic(), in_site(alpha):
        get_document_model().objects.get(file=name).delete()
        connection.set_tenant(beta)  # leaving alpha by any road; the commit comes after
    return name


def test_l6_a_file_is_deleted_in_the_site_of_its_document(living: Pair) -> None:
    alpha, beta = living
    name = _delete_in_alpha_and_commit_in_beta(alpha, beta)
    assert not _has(alpha, name)
    assert _has(beta, name)


def test_l6_leaks_with_callbacks_that_forget_their_site(living: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """With django-tenants' own on_commit the document of beta loses its file and alpha's stays as an orphan."""
    monkeypatch.setattr(DatabaseWrapper, "on_commit", DjangoTenantsWrapper.on_commit)
    alpha, beta = living
    name = _delete_in_alpha_and_commit_in_beta(alpha, beta)
    assert _has(alpha, name)
    assert not _has(beta, name)
    with in_site(alpha):
        default_storage.delete(name)


def test_l6_leaving_the_site_before_the_commit(living: Pair) -> None:
    """The usual form: in_site ends inside the transaction, and the commit comes in public."""
    alpha, beta = living
    image, twin = add_image(alpha, name="xiao-yang.png"), add_image(beta, name="xiao-yang.png")
    with in_site(alpha):
        rendition = image.get_rendition("fill-10x10").file.name
    with transaction.atomic(), in_site(alpha):
        image.delete()
    assert not _has(alpha, image.file.name)
    assert not _has(alpha, rendition)
    assert _has(beta, twin.file.name)


def test_l6_a_rollback_deletes_nothing(living: Pair) -> None:
    alpha, _ = living
    document = add_document(alpha)
    with pytest.raises(RuntimeError), transaction.atomic(), in_site(alpha):
        get_document_model().objects.get(pk=document.pk).delete()
        raise RuntimeError("undone")
    assert _has(alpha, document.file.name)


# ---- L9: one folder for all sites


def _same_name_in_both(alpha: Subsite, beta: Subsite, storage: Storage) -> tuple[str, str, bytes | None]:
    """Store a file under one name in both sites, delete beta's, and return both names and what alpha reads then."""
    names = []
    for site in (alpha, beta):
        with in_site(site):
            names.append(storage.save("tong-zhi.txt", ContentFile(site.code.encode())))
    with in_site(beta):
        storage.delete("tong-zhi.txt")
    with in_site(alpha):
        read = storage.open(names[0]).read() if storage.exists(names[0]) else None
        storage.delete(names[0])
    with in_site(beta):
        storage.delete(names[1])
    return names[0], names[1], read


def test_l9_equal_names_are_different_files(alpha: Subsite, beta: Subsite) -> None:
    assert _same_name_in_both(alpha, beta, default_storage) == ("tong-zhi.txt", "tong-zhi.txt", b"alpha")


def test_l9_leaks_with_a_storage_that_does_not_know_the_site(alpha: Subsite, beta: Subsite) -> None:
    """The second site gets another name, and deleting its own takes the first site's file away."""
    ours, theirs, read = _same_name_in_both(alpha, beta, FileSystemStorage())
    assert ours == "tong-zhi.txt"
    assert theirs != ours
    assert read is None


def test_l9_addresses_name_the_site(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        image = add_image(site)
        with in_site(site):
            assert image.file.url.startswith(f"/media/{site.schema_name}/")


# ---- what the addresses under /media/ and /documents/ give away


@pytest.fixture
def two_clients(living: Pair, client_for: Callable[..., Client]) -> tuple[Client, Client]:
    """Return a citizen at alpha and a citizen at beta."""
    return client_for(living[0]), client_for(living[1])


def test_pictures_are_served_on_their_own_site_only(living: Pair, two_clients: tuple[Client, Client]) -> None:
    at_alpha, at_beta = two_clients
    image = add_image(living[0])
    publish_article(living[0], "题图", lead_image=image, lead_image_alt="大楼")
    with in_site(living[0]):
        address = image.file.url
    answer = at_alpha.get(address)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert at_beta.get(address).status_code == 404
    assert at_beta.get(address.replace("site_alpha", "site_beta")).status_code == 404


CLIMBING = (
    "/media/site_alpha/images/../../site_beta/documents/nei-bu.txt",
    "/media/site_alpha/images/../documents/nei-bu.txt",
    "/media/site_alpha/images/%2e%2e/%2e%2e/site_beta/documents/nei-bu.txt",
    "/media/site_alpha/images/..%2f..%2fsite_beta/documents/nei-bu.txt",
    "/media/site_alpha/images/..\\..\\site_beta\\documents\\nei-bu.txt",
    "/media/site_alpha//images/../documents/nei-bu.txt",
    "/media/site_alpha/images/./../documents/nei-bu.txt",
    "/media/site_alpha/documents/nei-bu.txt",
    "/media/../secret-key",
    "/media/site_alpha/images/../../../secret-key",
)


@pytest.mark.parametrize("address", CLIMBING)
def test_no_path_climbs_out_of_the_pictures(address: str, living: Pair, two_clients: tuple[Client, Client]) -> None:
    """Documents of the own and of another site lie beside the pictures; no spelling of a path reaches them.

    Found by this test: the prefix was checked before ".." was resolved, so alpha served beta's documents.
    """
    for site in living:
        add_document(site, name="nei-bu.txt", data=b"nei bu")
    assert two_clients[0].get(address).status_code == 404


def test_a_document_is_served_from_its_own_site(living: Pair, two_clients: tuple[Client, Client]) -> None:
    """Both sites have a document of one number and one name; each host gives its own.

    The names are no other test's: one that is rolled back leaves its file, and the next of that name is stored under another.
    """
    alpha, beta = living
    for site in living:
        document = add_document(site, pk=700_001, name="tong-hao.txt", data=site.code.encode())
        publish_article(site, "办法", attachments=[ArticleAttachment(document=document)])
    for client, site in zip(two_clients, (alpha, beta), strict=True):
        answer = client.get("/documents/700001/tong-hao.txt")
        assert b"".join(answer.streaming_content) == site.code.encode()


def test_a_document_of_alpha_is_unknown_in_beta(living: Pair, two_clients: tuple[Client, Client]) -> None:
    at_alpha, at_beta = two_clients
    document = add_document(living[0], pk=700_002, name="jia-xian.txt")
    publish_article(living[0], "办法", attachments=[ArticleAttachment(document=document)])
    assert at_alpha.get("/documents/700002/jia-xian.txt").status_code == 200
    assert at_beta.get("/documents/700002/jia-xian.txt").status_code == 404
