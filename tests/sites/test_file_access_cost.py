"""What it costs to ask who may have a file: as many questions to the database in a full site as in an empty one."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from wagtail.images.models import Image
from wagtail.models import PageViewRestriction

from cluster.context import in_site
from cluster.edge import keys
from cluster.subsites.models import Subsite
from sites.columns.file_access import File, may_read
from sites.columns.public_uploads import public_uploads
from sites.content.models import ArticleAttachment
from tests.support.articles import column_of, publish_article, through_the_gate
from tests.support.columns import own_column
from tests.support.pictures import add_document, add_image


@pytest.fixture
def alpha(living: tuple[Subsite, Subsite]) -> Subsite:
    """Return site A; what is published is committed, for only then does the registry know of it."""
    return living[0]


@pytest.fixture
def beta(living: tuple[Subsite, Subsite]) -> Subsite:
    """Return site B."""
    return living[1]


def citizen() -> HttpRequest:
    request = HttpRequest()
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    return request


def asked(site: Subsite, file: File) -> tuple[bool, int]:
    """Return whether a citizen may have the file, and how many questions that took."""
    with in_site(site):
        may_read(file, citizen())  # content types are remembered
        with CaptureQueriesContext(connection) as queries:
            allowed = may_read(file, citizen())
        return allowed, len(queries)


def write_columns(site: Subsite, image: Image, codes: range) -> None:
    """Give the site columns whose bodies show a picture."""
    for number in codes:
        own_column(site, f"zslm{number}", f"自设栏目{number}", body=[("image", {"image": image, "alt": "大楼"})])


def test_a_file_that_nothing_shows(alpha: Subsite, beta: Subsite) -> None:
    document, shown = add_document(alpha), add_image(alpha)
    before = asked(alpha, document)
    for number in range(6):
        publish_article(alpha, f"第{number}条", attachments=[ArticleAttachment(document=add_document(alpha))])
    write_columns(alpha, shown, range(6))
    assert asked(alpha, document) == before
    assert before[0] is False
    assert asked(beta, add_document(beta))[0] is False


@pytest.mark.parametrize("kind", ["item", "column"])
def test_a_file_that_many_show(alpha: Subsite, kind: str) -> None:
    image = add_image(alpha)

    def show(numbers: range) -> None:
        if kind == "column":
            write_columns(alpha, image, numbers)
        for number in numbers if kind == "item" else ():
            publish_article(alpha, f"第{number}条", lead_image=image, lead_image_alt="大楼")

    show(range(1))
    once = asked(alpha, image)
    show(range(1, 7))
    assert asked(alpha, image) == once
    assert once[0] is True


def test_a_file_in_many_items_behind_a_password(alpha: Subsite) -> None:
    image = add_image(alpha)
    own_column(alpha)
    with in_site(alpha):
        rule = PageViewRestriction.objects.create(
            page=column_of("zslm"), restriction_type=PageViewRestriction.PASSWORD, password="mi"
        )
    publish_article(alpha, "一", column="zslm", lead_image=image, lead_image_alt="大楼")
    once = asked(alpha, image)
    for number in range(6):
        publish_article(alpha, f"第{number}条", column="zslm", lead_image=image, lead_image_alt="大楼")
    assert asked(alpha, image) == once
    assert once[0] is False
    knowing = citizen()
    knowing.session[PageViewRestriction.passed_view_restrictions_session_key] = [rule.pk]  # type: ignore[index]
    with in_site(alpha):
        assert may_read(image, knowing)


def test_a_mirror_of_what_is_restricted_opens_nothing(alpha: Subsite) -> None:
    image = add_image(alpha)
    own_column(alpha)
    page = publish_article(alpha, "一", column="zslm", lead_image=image, lead_image_alt="大楼")
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        page.create_alias(parent=column_of("tzgg"), update_slug="jing-xiang")
    assert asked(alpha, image)[0] is True
    with in_site(alpha):
        PageViewRestriction.objects.create(page=column_of("zslm"), restriction_type=PageViewRestriction.LOGIN)
    assert asked(alpha, image)[0] is False


def test_a_stored_page_asks_once_for_each_picture_not_for_each_form(alpha: Subsite) -> None:
    image = add_image(alpha)
    publish_article(alpha, "一", lead_image=image, lead_image_alt="大楼")
    with in_site(alpha):
        addresses = [image.get_rendition(f"width-{width}|format-webp").url for width in (10, 20, 30)]
        used = {keys.image(alpha.schema_name, image.pk)}
        public_uploads(addresses, used)
        with CaptureQueriesContext(connection) as for_one:
            assert set(public_uploads(addresses[:1], used)) == set(addresses[:1])
        with CaptureQueriesContext(connection) as for_three:
            assert set(public_uploads(addresses, used)) == set(addresses)
        assert len(for_three) == len(for_one)
        assert public_uploads(addresses, set()) == {}
