"""Pictures that could not be turned into AVIF, in the console: named with their site and error, tried again when the office says so."""

import pytest
from django.test import Client

from cluster.pictures.models import PictureOrder
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, Subsite
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
PAGE, RETRY, FRONT = "/admin/console/edge/", "/admin/console/edge/pictures/retry/", "/admin/"


def read(client: Client, path: str) -> str:
    """Return the page's text."""
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def order(site: Subsite, number: int, **fields: object) -> PictureOrder:
    """Order AVIF of a picture, or have the order given up."""
    file = f"original_images/da-lou-{site.code}-{number}.jpg"
    return PictureOrder.objects.create(schema_name=site.schema_name, image_id=number, file=file, **fields)


@pytest.fixture
def left(alpha: Subsite, beta: Subsite) -> PictureOrder:
    """Give up a picture of alpha; one of beta merely waits."""
    order(beta, 7, attempts=1, error="还没有放弃")
    return order(alpha, 7, given_up=True, attempts=4, error="UnidentifiedImageError('<b>坏了</b>')")


def test_without_any_nothing_is_due(inspector: Client, beta: Subsite) -> None:
    order(beta, 7)
    assert "没有搁置的图片" in read(inspector, PAGE)
    assert "没有转成 AVIF" not in read(inspector, FRONT)


@pytest.mark.usefixtures("left")
def test_what_was_given_up_is_named(inspector: Client, alpha: Subsite) -> None:
    page = read(inspector, PAGE)
    for shown in ("da-lou-alpha-7.jpg", alpha.name, "UnidentifiedImageError", "&lt;b&gt;坏了"):
        assert shown in page
    for hidden in ("da-lou-beta-7.jpg", "还没有放弃", "<b>坏了", "全部重新转换"):
        assert hidden not in page, hidden
    assert "1 张图片没有转成 AVIF" in read(inspector, FRONT)
    assert inspector.post(RETRY).status_code in {302, 403}
    assert not Job.objects.exists(), "an inspector reads"


def test_the_office_has_them_tried_again(office: Client, left: PictureOrder) -> None:
    assert "全部重新转换" in read(office, PAGE)
    assert office.get(RETRY).status_code == 405
    for _ in range(2):
        assert office.post(RETRY).status_code == 302
    job = Job.objects.get()
    assert f"/{job.pk}/" in read(office, PAGE), "the one that is under way"
    work_until_idle(run_jobs)
    job.refresh_from_db()
    assert job.message == "已重新安排 1 张图片，后台将逐张再试。"
    left.refresh_from_db()
    assert (left.given_up, left.attempts, left.error) == (False, 0, "")
    assert PictureOrder.objects.filter(attempts=1, error="还没有放弃").count() == 1
    assert "没有搁置的图片" in read(office, PAGE)


@pytest.mark.usefixtures("left")
def test_without_a_role_nothing_is_told(roleless: Client, editor: Client) -> None:
    for client in (roleless, editor):
        assert client.get(PAGE).status_code in {302, 403, 404}
        assert client.post(RETRY).status_code in {302, 403, 404}
    assert not Job.objects.exists()
