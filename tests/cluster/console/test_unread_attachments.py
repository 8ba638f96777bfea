"""Attachments without text, in the console: named with reason, site and item, and read again when the office says so."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from cluster.context import in_site
from cluster.resources.models import AttachmentState, AttachmentText, Resource
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, Subsite
from tests.search.builders import make_row, withdraw
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
PAGE, RETRY, FRONT = "/admin/console/feed/", "/admin/console/feed/attachments/retry/", "/admin/"
FILE = 7


def read(client: Client, path: str) -> str:
    """Return the page's text."""
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def attach(site: Subsite, title: str, state: str, error: str = "", number: int = FILE) -> AttachmentText:
    """Publish an item with a file that was read, or was not."""
    make_row(site, title, document_ids=[number])
    name = f"fujian-{site.code}-{number}.txt"
    return AttachmentText.objects.create(
        schema_name=site.schema_name, document_id=number, file=f"documents/{name}", filename=name, state=state,
        error=error, attempts=5,
    )  # fmt: skip


@pytest.fixture
def left(alpha: Subsite, beta: Subsite) -> AttachmentText:
    """Have a file of alpha without text; the file of the same number in beta was read."""
    attach(beta, "乙市通知", AttachmentState.DONE)
    return attach(alpha, "甲县<b>通知", AttachmentState.FAILED, "文件已损坏<b>，无法读取文字。")


def test_without_any_nothing_is_due(inspector: Client, alpha: Subsite, beta: Subsite) -> None:
    attach(beta, "乙市通知", AttachmentState.DONE)
    attach(alpha, "甲县通知", AttachmentState.PENDING)
    assert "全部附件的文字都已读出" in read(inspector, PAGE)
    assert "读不出文字</a>" not in read(inspector, FRONT)


@pytest.mark.usefixtures("left")
def test_what_could_not_be_read_is_named(inspector: Client, alpha: Subsite) -> None:
    page = read(inspector, PAGE)
    link = f'<a href="{alpha.root_url}{Resource.objects.get(site=alpha).path}">甲县&lt;b&gt;通知</a>'
    for shown in (f"fujian-alpha-{FILE}.txt", alpha.name, link, "文件已损坏&lt;b&gt;，无法读取文字。"):
        assert shown in page, shown
    for hidden in (f"fujian-beta-{FILE}.txt", "乙市通知", "损坏<b>", "全部重新读取"):
        assert hidden not in page, hidden
    assert "1 个附件读不出文字" in read(inspector, FRONT)
    assert inspector.post(RETRY).status_code in {302, 403}
    assert not Job.objects.exists(), "an inspector reads"


def test_a_file_of_an_item_that_was_withdrawn_is_nobodys_business(
    inspector: Client, left: AttachmentText, alpha: Subsite, beta: Subsite
) -> None:
    attach(beta, "乙市公告", AttachmentState.REFUSED, "与文件名不符", number=8)
    assert "2 个附件读不出文字" in read(inspector, FRONT)
    withdraw(Resource.objects.get(site=alpha))
    page = read(inspector, PAGE)
    assert "fujian-beta-8.txt" in page
    assert left.filename not in page
    assert "1 个附件读不出文字" in read(inspector, FRONT)


def test_the_office_has_them_read_again(office: Client, left: AttachmentText, alpha: Subsite, beta: Subsite) -> None:
    assert "全部重新读取" in read(office, PAGE)
    assert office.get(RETRY).status_code == 405
    for _ in range(2):
        assert office.post(RETRY).status_code == 302
    job = Job.objects.get()
    assert f"/{job.pk}/" in read(office, PAGE), "the one that is under way"
    work_until_idle(run_jobs)
    job.refresh_from_db()
    assert job.message == "已重新安排 1 个附件，后台将逐个再读。"
    left.refresh_from_db()
    assert (left.state, left.attempts, left.error) == ("pending", 0, "")
    theirs = AttachmentText.objects.get(schema_name=beta.schema_name)
    assert (theirs.state, theirs.attempts) == ("done", 5)
    assert "全部附件的文字都已读出" in read(office, PAGE)
    with in_site(alpha):
        left.file = default_storage.save(left.file, ContentFile("种子补贴发放标准".encode()))
        left.save(update_fields=["file"])
    work_until_idle()
    left.refresh_from_db()
    assert (left.state, left.text.strip()) == ("done", "种子补贴发放标准")
    assert Resource.objects.get(site=alpha).attachments_digest, "search is told"
    assert not Resource.objects.get(site=beta).attachments_digest


@pytest.mark.usefixtures("left")
def test_whoever_has_no_role_is_told_nothing(roleless: Client, editor: Client, client_for, console: Subsite) -> None:
    for client in (roleless, editor, client_for(console)):
        assert client.get(PAGE).status_code in {302, 403, 404}
        assert client.post(RETRY).status_code in {302, 403, 404}
    assert not Job.objects.exists()
