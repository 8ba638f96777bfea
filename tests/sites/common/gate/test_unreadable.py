"""What cannot be read is not let stand: a broken body on a live item takes it off, however it is broken; in one site alone."""

import pytest
from django.db import OperationalError, connection, transaction
from wagtail.models import Page

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.resources.models import Mark
from cluster.resources.projection import project_pages
from cluster.subsites.models import Subsite
from sites.common.gate.rechecking import recheck
from sites.content.models import ArticlePage
from tests.sites.common.gate.conftest import GOOD
from tests.support.articles import page_in, publish_article
from tests.support.laws import GiveRules, demand
from tests.support.registry import is_published, is_tombstone, row_of
from tests.support.violations import twinned
from tests.support.working import work_until_idle

BROKEN = {
    "a number for a table": '[{"type": "table", "value": 5}]',
    "no list": '{"x": 1}',
    "a block without a value": '[{"type": "paragraph"}]',
    "a list of texts": '["甲", "乙"]',
}
SOUND = '[{"type": "paragraph", "value": "<p>数据库里改的正文</p>"}]'


def write_body(site: Subsite, page: ArticlePage, body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {site.schema_name}.content_articlepage SET body = %s, summary = '数据库里改的摘要' WHERE page_ptr_id = %s",
            [body, page.pk],
        )


@pytest.mark.parametrize("ruled", [False, True], ids=["only broken", "and breaks a rule"])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
@twinned("raw SQL: of a body that cannot be read, taken off")
def test_a_broken_body_is_taken_off_and_a_sound_one_stays(
    ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, body: str, ruled: bool, give_rules: GiveRules
) -> None:
    alpha, _ = ruled_pair
    give_rules(tzgg=(demand("tzgg", "title", check="at_most", argument=6),))
    twin = publish_article(alpha, "孪生通知", column="tzgg", **GOOD)
    work_until_idle()
    with in_site(alpha):
        Page.objects.filter(pk=ours.pk).update(title="长得违规的新标题" if ruled else "新标题")
    write_body(alpha, ours, body)
    write_body(alpha, twin, SOUND)
    work_until_idle()
    with in_site(alpha):
        assert not Page.objects.get(pk=ours.pk).live
    write_body(alpha, ours, SOUND)
    assert is_tombstone(alpha, ours)
    assert is_published(alpha, twin)
    assert "数据库里改的正文" in row_of(alpha, twin).text
    finding = Finding.objects.get()
    assert (finding.site, finding.page_id, finding.kind) == (alpha, ours.pk, "taken_off")
    line = LedgerEntry.objects.filter(action="withdraw", subject_id=str(row_of(alpha, ours).pk)).latest("id")
    assert (line.actor["name"], line.reason.startswith("绕过发布检查的改动")) == ("发布检查程序", True)
    assert not Mark.objects.filter(schema_name=alpha.schema_name, attempts__gt=0).exists()


def test_what_fails_for_another_reason_is_tried_again_and_not_taken_off(
    ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not answer says nothing of the page."""
    alpha, _ = ruled_pair
    work_until_idle()

    def fail(self: ArticlePage) -> str:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patched:
        patched.setattr(ArticlePage, "facts_digest", fail)
        write_body(alpha, ours, SOUND)
        with transaction.atomic(), in_site(alpha), pytest.raises(OperationalError):
            project_pages([ours.pk], recheck=recheck)
    work_until_idle()
    assert page_in(alpha, ours).live
    assert not Finding.objects.exists()
