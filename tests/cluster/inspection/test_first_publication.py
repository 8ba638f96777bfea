"""Nothing that stood in the site before is published anew: copies, mirrors, what was deleted and made again, a lost registry row."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.inspection.evaluation import evaluate_columns
from cluster.inspection.models import Clock
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.support.articles import column_of as page_of
from tests.support.articles import publish_article, through_the_gate
from tests.support.documents import project_now
from tests.support.inspecting import column, column_of, law_of, under

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10))
LONG_AGO = timezone.now() - timedelta(days=40)


def publish(site: Subsite, title: str = "旧通知", **fields: object) -> ArticlePage:
    page = publish_article(site, title, column="tzgg", **fields)
    with in_site(site):
        project_now()
    return page


@pytest.fixture
def old(alpha: Subsite) -> ArticlePage:
    return publish(alpha, text="停水三天", first_published_at=LONG_AGO, published_at=LONG_AGO)


def state(site: Subsite) -> Clock:
    with under(LAW):
        return column_of(evaluate_columns([site.code]), site, "tzgg").state


def copied(page: ArticlePage) -> None:
    page.copy(update_attrs={"slug": "fuben"}, keep_live=True)


def mirrored(page: ArticlePage) -> None:
    page.create_alias(parent=page_of("tzgg"), update_slug="ming")


def edited_and_copied(page: ArticlePage) -> None:
    page.body = [("paragraph", "<p>停水四天</p>")]
    page.save_revision().publish()
    project_now()
    copied(ArticlePage.objects.get(pk=page.pk))


def copied_and_taken_off(page: ArticlePage) -> None:
    copied(page)
    project_now()
    ArticlePage.objects.get(pk=page.pk).unpublish()


@pytest.mark.parametrize("deed", [copied, mirrored, edited_and_copied, copied_and_taken_off])
def test_a_copy_refreshes_nothing(alpha: Subsite, old: ArticlePage, deed: Callable[[ArticlePage], None]):
    assert state(alpha) == Clock.LATE
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        deed(ArticlePage.objects.get(pk=old.pk))
        project_now()
    assert Resource.objects.filter(site=alpha, column_code="tzgg").count() == 2
    assert state(alpha) == Clock.LATE
    publish(alpha, text="停电三天")
    assert state(alpha) == Clock.NORMAL


def test_what_is_deleted_and_made_again_refreshes_nothing(alpha: Subsite, beta: Subsite, old: ArticlePage):
    with in_site(alpha):
        old.delete()
        project_now()
    assert state(alpha) == Clock.BLANK
    publish(alpha, text="停水 三天", slug="zailai")
    assert state(alpha) == Clock.LATE
    # On another site it is news, and so is another text here.
    publish(beta, text="停水三天")
    assert state(beta) == Clock.NORMAL
    publish(alpha, text="停水五天")
    assert state(alpha) == Clock.NORMAL


def test_a_lost_registry_row_comes_back_as_old_as_it_was(alpha: Subsite, beta: Subsite, old: ArticlePage):
    Resource.objects.filter(site=alpha, page_id=old.pk).delete()
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        page = ArticlePage.objects.get(pk=old.pk)
        page.title, page.first_published_at = "改过的通知", timezone.now()
        page.body = [("paragraph", "<p>改过的正文</p>")]
        page.save_revision().publish()
        project_now()
    row = Resource.objects.get(site=alpha, page_id=old.pk)
    assert row.first_published_at == LONG_AGO
    assert state(alpha) == Clock.LATE
    # The same page number on another site means another page.
    Resource.objects.create(
        site=beta, page_id=old.pk, page_type=row.page_type, state="published", title="别的", path="/x/",
        column_code="tzgg", published_at=timezone.now(), first_published_at=timezone.now(), content_hash="0" * 64,
    )  # fmt: skip
    assert state(beta) == Clock.NORMAL


def test_items_without_text_or_files_are_not_compared(alpha: Subsite):
    for page_id, ago in ((2_000_001, 40), (2_000_002, 0)):
        at = timezone.now() - timedelta(days=ago)
        Resource.objects.create(
            site=alpha, page_id=page_id, page_type="content.ArticlePage", state="published", title="公告", path=f"/{page_id}/",
            column_code="tzgg", published_at=at, first_published_at=at, content_hash=f"{page_id}".zfill(64),
        )  # fmt: skip
    assert state(alpha) == Clock.NORMAL


# Past the fifty signs from which a text speaks for itself.
LONG = "因供水管网检修，定于本周六八时至十八时对文化路以东、人民大街以北停止供水，请各用户提前储水，恢复时间以现场通知为准，敬请谅解。"


def changed(site: Subsite, title: str, text: str, **fields: object) -> Clock:
    publish(site, title, text=text, **fields)
    return state(site)


@pytest.mark.parametrize("text", [LONG, f" {LONG[:20]}\u00a0{LONG[20:]}\u200b"], ids=["the same", "with other blanks"])
@pytest.mark.parametrize("fate", ["stands", "taken off", "edited", "deleted"])
def test_a_copy_under_another_title_refreshes_nothing(alpha: Subsite, beta: Subsite, fate: str, text: str):
    old = publish(alpha, "停水通知", text=LONG, first_published_at=LONG_AGO, published_at=LONG_AGO)
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        page = ArticlePage.objects.get(pk=old.pk)
        if fate == "edited":
            page.body = [("paragraph", f"<p>{LONG[::-1]}</p>")]
            page.save_revision().publish()
        elif fate == "taken off":
            page.unpublish()
        elif fate == "deleted":
            page.delete()
        project_now()
    assert changed(alpha, "停水通知（更新）", text) == Clock.LATE
    # In another site it is news, and so is what says something else.
    assert changed(beta, "停水通知（更新）", text) == Clock.NORMAL
    assert changed(alpha, "停水通知（第二次）", LONG.replace("周六", "周日")) == Clock.NORMAL


def test_a_short_text_speaks_only_with_its_title(alpha: Subsite, beta: Subsite):
    short = LONG[:49]
    for site in (alpha, beta):
        publish(site, "停水通知", text=short, first_published_at=LONG_AGO, published_at=LONG_AGO)
    assert changed(alpha, "停水通知", short, slug="zailai") == Clock.LATE
    assert changed(alpha, "停水通知（更新）", short) == Clock.NORMAL
    assert changed(beta, "停水通知（更新）", LONG[:50]) == Clock.NORMAL


def test_the_same_words_with_other_files_are_news(alpha: Subsite, beta: Subsite):
    """As with the lists that are published each month under the same words."""
    for site, files in ((alpha, [8]), (beta, [7])):
        for page_id, ago, ids in ((2_000_003, 40, [7]), (2_000_004, 0, files)):
            at = timezone.now() - timedelta(days=ago)
            Resource.objects.create(
                site=site, page_id=page_id, page_type="content.ArticlePage", state="published", title=f"第{ago}号名单",
                path=f"/{page_id}/", column_code="tzgg", text=LONG, document_ids=ids, published_at=at, first_published_at=at,
                content_hash=f"{page_id}".zfill(64),
            )  # fmt: skip
    assert (state(alpha), state(beta)) == (Clock.NORMAL, Clock.LATE)


@pytest.mark.parametrize("noted", [True, False])
def test_the_upgrade_notes_what_was_published_before(alpha: Subsite, beta: Subsite, noted: bool):
    publish(alpha, "停水通知", text=LONG, first_published_at=LONG_AGO, published_at=LONG_AGO)
    before = Resource.objects.get(site=alpha, column_code="tzgg").version
    with connection.cursor() as cursor:
        cursor.execute(
            """ALTER TABLE public.audit_ledgerentry DISABLE TRIGGER qz_append_only;
               UPDATE public.audit_ledgerentry SET detail = detail - '{page,digest,text}'::text[] WHERE site_code = 'alpha';
               ALTER TABLE public.audit_ledgerentry ENABLE TRIGGER qz_append_only"""
        )
        if noted:
            cursor.execute(import_module("cluster.resources.migrations.0005_content_noted").NOTE)
    assert changed(alpha, "停水通知（更新）", LONG) == (Clock.LATE if noted else Clock.NORMAL)
    assert changed(beta, "停水通知（更新）", LONG) == Clock.NORMAL
    assert Resource.objects.get(site=alpha, title="停水通知").version == before, "nothing is told anew"
    if noted:
        line = LedgerEntry.objects.get(action="content_noted", site_code="alpha", title="停水通知")
        written = LedgerEntry.objects.filter(subject_type="resource", title="停水通知（更新）", site_code="alpha").get()
        assert line.detail["text"] == written.detail["text"]


def test_what_the_upgrade_notes_is_what_publications_write(alpha: Subsite, beta: Subsite):
    """The migration must not drift from the functions."""
    publish(alpha, "停水通知", text=LONG)
    publish(beta, "短通知", text="停水三天")
    with connection.cursor() as cursor:
        cursor.execute(import_module("cluster.resources.migrations.0005_content_noted").NOTE)
    for title in ("停水通知", "短通知"):
        written = LedgerEntry.objects.filter(subject_type="resource", title=title).latest("id").detail
        noted = LedgerEntry.objects.get(action="content_noted", title=title).detail
        assert {name: written[name] for name in noted} == noted


# A document as offices issue it: its own number, the day of its making, a period and figures that are its matter.
ISSUED = (
    "根据黑政发〔2024〕12号文件，现将2024年3月份行政许可情况公布如下：3月1日至3月31日共受理申请56件，"
    "办结52件。自2024年4月5日起可以查询。哈尔滨市人民政府2024年4月2日"
)
NOTICE = (
    "定于2024年4月8日上午9时在市政务服务大厅召开座谈会，请各单位派一名负责人参加，"
    "并提前十分钟到场签到就座，届时不再另行通知。2024年4月2日"
)


@pytest.mark.parametrize(
    ("first", "again", "is_news"),
    [
        (ISSUED, ISSUED.replace("〔2024〕12号", "〔2026〕7号"), False),
        (ISSUED, ISSUED.replace("〔2024〕12号", "[2026] 第 107 号"), False),
        (ISSUED, ISSUED.replace("2024年4月2日", "二〇二六年十一月三日"), False),
        (ISSUED, ISSUED.replace("2024年4月2日", "2026-11-3（此件公开发布）。"), False),
        (ISSUED, ISSUED.replace("2024年4月5日", "2026年4月15日").replace("12号", "13号"), False),
        (ISSUED, ISSUED.replace("56件", "61件"), True),
        (ISSUED, ISSUED.replace("2024年3月份", "2024年4月份"), True),
        (ISSUED, ISSUED.replace("3月31日", "4月30日"), True),
        (NOTICE, NOTICE.replace("2024年4月2日", "2024年5月6日"), False),
        (NOTICE, NOTICE.replace("2024年4月8日", "2024年5月8日"), True),
        (NOTICE, f"市政府公告第12号{NOTICE}", True),
        (f"市政府公告第11号{NOTICE}", f"市政府公告第12号{NOTICE}", False),
    ],
    ids=[
        *(
            "another number",
            "a number in other marks",
            "day in words",
            "day with a remark",
            "all its days and the number",
        ),
        *("another figure", "another month", "another period", "day of a notice", "another meeting"),
        *("a number where none was", "number of an announcement"),
    ],
)
def test_an_old_text_under_another_number_or_day_is_no_news(
    alpha: Subsite, beta: Subsite, first: str, again: str, is_news: bool
):
    publish(alpha, "公布", text=first, first_published_at=LONG_AGO, published_at=LONG_AGO)
    assert changed(alpha, "再次公布", again) == (Clock.NORMAL if is_news else Clock.LATE)
    assert changed(beta, "再次公布", again) == Clock.NORMAL


def test_a_list_of_documents_is_told_apart_by_their_numbers(alpha: Subsite, beta: Subsite):
    """What would be left of it is too short to say anything."""
    listed = "现废止：" + "、".join(f"黑政发〔2024〕{number}号" for number in range(11, 16))
    publish(alpha, "废止", text=listed, first_published_at=LONG_AGO, published_at=LONG_AGO)
    assert changed(alpha, "再废止", listed) == Clock.LATE
    assert changed(alpha, "又废止", listed.replace("〕1", "〕2")) == Clock.NORMAL
    assert changed(beta, "再废止", listed) == Clock.NORMAL


FOLDED = "cluster.resources.migrations.0007_folded_texts_noted"


def with_its_text_as_it_stood(title: str) -> None:
    """Let the lines of an item say of its text what they said before numbers and days were left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """ALTER TABLE public.audit_ledgerentry DISABLE TRIGGER qz_append_only;
               UPDATE public.audit_ledgerentry l SET detail = jsonb_set(detail, '{text}', to_jsonb(
                   l.site_code || ':' || public.qz_exact_digest(r))) FROM public.resources_resource r
               WHERE l.subject_id = r.id::text AND r.title = %s;
               ALTER TABLE public.audit_ledgerentry ENABLE TRIGGER qz_append_only""",
            [title],
        )


@pytest.mark.parametrize("text", [ISSUED, NOTICE], ids=["with a number", "without"])
def test_the_upgrade_notes_texts_without_numbers_and_days(alpha: Subsite, beta: Subsite, text: str):
    other = text.replace("2024年4月2日", "2024年4月9日")
    for site in (alpha, beta):
        publish(site, "公布", text=text, first_published_at=LONG_AGO, published_at=LONG_AGO)
    publish(alpha, "没有日期的", text=LONG, first_published_at=LONG_AGO, published_at=LONG_AGO)
    with_its_text_as_it_stood("公布")
    with connection.cursor() as cursor:
        cursor.execute(f"{import_module(FOLDED).NOTE} AND s.code = 'alpha'")
    noted = LedgerEntry.objects.filter(action="content_noted", site_code="alpha")
    assert [line.title for line in noted] == ["公布"]
    assert changed(alpha, "再次公布", other) == Clock.LATE
    written = LedgerEntry.objects.filter(subject_type="resource", title="再次公布", site_code="alpha").get()
    assert noted.get().detail["text"] == written.detail["text"], "the migration must not drift from the functions"
    # Where nothing was noted, the very same text is known still, and no other.
    assert changed(beta, "照登", text) == Clock.LATE
    assert changed(beta, "再次公布", other.replace("9日", "10日")) == Clock.LATE, "the copy's own line says it"
