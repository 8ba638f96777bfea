"""Many items at once, and what comes around the application: the good ones go on, the database asks for the pass at the commit."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from wagtail.models import Page

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from sites.content.services import ArticleRefused, publish_articles
from tests.sites.common.gate.conftest import GOOD
from tests.sites.common.gate.roads import BODY, draft, in_tzgg_and_live, publish
from tests.support.articles import column_of, page_in, publish_article
from tests.support.laws import GiveRules, demand
from tests.support.violations import twinned


class TestBatches:
    """Bulk service and import: one bad item is named, the good ones go on."""

    @twinned("import: one bad item of a batch")
    def test_publish_articles_names_the_bad_one_and_publishes_none(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        with in_site(alpha):
            batch = [
                ArticlePage(title=f"第{n}条", body=BODY, **{**GOOD, "summary": "" if n == 2 else "有"})
                for n in range(5)
            ]
            with pytest.raises(ArticleRefused) as refused:
                publish_articles(column_of("tzgg"), batch)
        assert refused.value.index == 2
        assert in_tzgg_and_live(alpha) == []

    @twinned("import: the command")
    def test_import_rejects_the_bad_line_and_brings_in_the_others(
        self, ruled_pair: tuple[Subsite, Subsite], give_rules: GiveRules, tmp_path: Any
    ) -> None:
        alpha, _ = ruled_pair
        give_rules(tzgg=(demand("tzgg", "issuer"), demand("tzgg", "keywords", "warning")))
        lines = [
            {"id": f"d-{n}", "title": f"文件{n}", "body": "正文", "issuer": issuer, "region": "x", "level": "county"}
            for n, issuer in enumerate(["县政府", "", "县教育局", ""])
        ]
        path = tmp_path / "lines.jsonl"
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
        options = {"site": "alpha", "column": "tzgg", "actor": "王五", "reason": "历史文件迁移"}
        report = tmp_path / "report.jsonl"
        with pytest.raises(CommandError, match="有 2 条记录没有导入"):
            call_command("import_documents", str(path), report=report, **options)
        said = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
        assert [(one["line"], one["id"], one["field"]) for one in said] == [(2, "d-1", "issuer"), (4, "d-3", "issuer")]
        assert all("tzgg.issuer.required" in one["reason"] for one in said)
        assert sorted(in_tzgg_and_live(alpha)) == ["文件0", "文件2"]
        with in_site(alpha):
            imported = ArticlePage.objects.filter(source_id__startswith="d-").values("pk")
            passes = GatePass.objects.filter(page_id__in=imported)
            assert {(one.actor["name"], one.reason) for one in passes} == {("王五", "历史文件迁移")}

    @twinned("import: another version of what is live")
    def test_import_rejects_the_bad_versions_and_publishes_the_others(
        self, living: tuple[Subsite, Subsite], give_rules: GiveRules, tmp_path: Any
    ) -> None:
        """What is known already becomes a new version of its page; of a refused one the old wording stays, here and nowhere else."""
        give_rules(tzgg=(demand("tzgg", "issuer"),))
        report, options = tmp_path / "report.jsonl", {"column": "tzgg", "actor": "王五", "reason": "历史文件迁移"}

        def bring(site: Subsite, body: str, issuers: list[str]) -> None:
            lines = [
                {"id": f"v-{n}", "title": f"文件{n}", "body": body, "issuer": issuer, "region": "x", "level": "county"}
                for n, issuer in enumerate(issuers)
            ]
            path = tmp_path / "lines.jsonl"
            path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
            call_command("import_documents", str(path), report=report, site=site.code, **options)

        def bodies(site: Subsite) -> list[bool]:
            with in_site(site):
                found = ArticlePage.objects.filter(source_id__startswith="v-", live=True).order_by("source_id")
                return ["第二次" in str(page.body) for page in found]

        for site in living:
            bring(site, "第一次", ["县政府"] * 4)
        alpha, beta = living
        with pytest.raises(CommandError, match="有 2 条记录没有导入"):
            bring(alpha, "第二次", ["县政府", "", "县教育局", ""])
        said = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
        assert [(one["line"], one["id"], one["field"]) for one in said] == [(2, "v-1", "issuer"), (4, "v-3", "issuer")]
        assert bodies(alpha) == [True, False, True, False]
        assert bodies(beta) == [False] * 4
        bring(alpha, "第二次", ["县政府"] * 4)
        assert bodies(alpha) == [True] * 4


class TestDatabase:
    """Around the application: the database itself asks for the pass at the commit."""

    SQL = "UPDATE site_alpha.wagtailcore_page SET live = true WHERE id = %s"

    @pytest.mark.parametrize("way", ["update", "sql", "insert", "revision", "type"])
    @twinned(
        "QuerySet.update(): live",
        "raw SQL: live",
        "raw SQL: a new live row",
        "QuerySet.update(): another live revision",
        "QuerySet.update(): disguised as a column",
    )
    def test_nothing_turns_live_without_a_pass(self, ruled_pair: tuple[Subsite, Subsite], way: str) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, GOOD)
        live = publish_article(alpha, "上线的", column="tzgg", **GOOD)
        with pytest.raises(IntegrityError) as refused, in_site(alpha), transaction.atomic():
            if way == "update":
                Page.objects.filter(pk=page.pk).update(live=True)
            elif way == "sql":
                with connection.cursor() as cursor:
                    cursor.execute(self.SQL, [page.pk])
            elif way == "insert":
                with connection.cursor() as cursor:
                    cursor.execute(
                        """INSERT INTO wagtailcore_page SELECT (jsonb_populate_record(p, jsonb_build_object('id', 999999, 'live', true,
                           'path', p.path || '0001', 'depth', p.depth + 1, 'translation_key', gen_random_uuid()))).*
                           FROM wagtailcore_page p WHERE id = %s""",
                        [page.pk],
                    )
            elif way == "revision":
                other = page_in(alpha, live).save_revision()
                Page.objects.filter(pk=live.pk).update(live_revision=other)
            else:
                column = column_of("tzgg")
                Page.objects.filter(pk=page.pk).update(live=True, content_type=column.content_type)
                connection.check_constraints()  # disguised as a column …
                Page.objects.filter(pk=page.pk).update(content_type=page.content_type)  # … and then no more
        assert "没有经过发布检查" in str(refused.value)
        assert in_tzgg_and_live(alpha) == ["上线的"]

    def test_the_twin_publishes_and_sql_may_take_down(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        page_id = publish(alpha, GOOD)
        with in_site(alpha):
            Page.objects.filter(pk=page_id).update(live=False)
        assert in_tzgg_and_live(alpha) == []

    @twinned("QuerySet.update(): live again with an old pass")
    def test_a_pass_of_another_transaction_or_page_is_none(self, ruled_pair: tuple[Subsite, Subsite]) -> None:
        alpha, _ = ruled_pair
        page_id = publish(alpha, GOOD)
        with in_site(alpha):
            Page.objects.filter(pk=page_id).update(live=False)
            with pytest.raises(IntegrityError, match="没有经过发布检查"):
                Page.objects.filter(pk=page_id).update(live=True)

    @twinned("QuerySet.update(): of passes", "QuerySet.delete(): of passes")
    def test_passes_are_not_altered(self, ruled_pair: tuple[Subsite, Subsite], ours: ArticlePage) -> None:
        with in_site(ruled_pair[0]):
            for change in (lambda rows: rows.update(reason="另一个"), lambda rows: rows.delete()):
                with pytest.raises(DatabaseError, match="只能追加"):
                    change(GatePass.objects.filter(page_id=ours.pk))
