"""import_documents as operators run it: good and bad records, again, after editors, after a kill."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from wagtail.models import Page

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from sites.content.importing import run as run_module
from sites.content.models import ArticlePage, ImportedDocument
from tests.support.running import REPO

Sites = tuple[Subsite, Subsite]
Command = Callable[..., str]


def document(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"n{number}", "title": f"第{number}号文件", "body": f"第一章 总则\n第一条 正文{number}。", **changes}


def write(path: Path, *lines: dict[str, Any] | bytes) -> Path:
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report.jsonl"


@pytest.fixture
def bring(living: Sites, report: Path) -> Iterator[Command]:
    """Return a function that runs the command and gives what it said; remove its pages afterwards."""

    def bring(path: Path, *arguments: str, site: str = "beta", column: str = "flfg") -> str:
        place = ["--site", site] if site else []
        said = io.StringIO()
        call_command(
            *("import_documents", str(path), *place, "--column", column, "--report", str(report)),
            *("--actor", "张三", "--reason", "测试导入", *arguments),
            stdout=said,
            stderr=io.StringIO(),
        )
        return said.getvalue()

    yield bring
    for one in living:
        _remove_articles(one)


def _remove_articles(site: Subsite) -> None:
    """Remove thousands of pages at once; the fixture would take a minute to delete them as an editor does."""
    with in_site(site), connection.cursor() as cursor:
        cursor.execute(
            """WITH gone AS (DELETE FROM content_articlepage RETURNING page_ptr_id)
               DELETE FROM wagtailcore_page USING gone WHERE id = page_ptr_id"""
        )


def entries(report: Path) -> list[tuple[int, str, str]]:
    found = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    return [(entry["line"], entry["kind"], entry["field"]) for entry in found]


def page_of(site: Subsite, source_id: str) -> ArticlePage:
    with in_site(site):
        return ArticlePage.objects.get(source_id=source_id)


def test_documents_are_published_with_their_own_issuer_and_region(
    living: Sites, bring: Command, tmp_path: Path
) -> None:
    alpha, beta = living
    law = document(
        1,
        region="浙江省 杭州市",
        issuer="杭州市人民代表大会",
        level="city",
        pub_date="2018-03-11",
        doc_no=["杭政〔2018〕1号"],
        category="地方性法规",
        is_current=True,
        effective_date="2018-05-01",
        note="题注",
        source="collection:1",
    )
    assert "新发布 2" in bring(write(tmp_path / "in.jsonl.gz", law, document(2)))
    row = Resource.objects.get(source_id="n1")
    assert (row.site, row.column_code, row.title, row.text) == (
        beta,
        "flfg",
        "第1号文件",
        "第一章 总则\n第一条 正文1。",
    )
    assert (row.region_name, row.issuer, row.source, row.doc_no) == (
        *("浙江省 杭州市", "杭州市人民代表大会", "杭州市人民代表大会", ["杭政〔2018〕1号"]),
    )
    assert (row.level, row.category, row.is_current, str(row.effective_date)) == (
        "city",
        "地方性法规",
        True,
        "2018-05-01",
    )
    assert row.published_at.isoformat() == "2018-03-10T16:00:00+00:00"
    assert Resource.objects.get(source_id="n2").source == beta.name
    line = LedgerEntry.objects.get(subject_id=str(row.pk))
    assert (line.action, line.actor["name"], line.reason) == ("publish", "张三", "测试导入")
    assert page_of(beta, "n1").note == "题注"
    assert not Resource.objects.filter(site=alpha).exists()


def test_bad_records_are_named_and_the_rest_goes_in(
    living: Sites, bring: Command, report: Path, tmp_path: Path
) -> None:
    _, beta = living
    path = write(
        tmp_path / "in.jsonl",
        *(document(1), b'{"id": "n2", "title"', document(3, title=None), b"", document(1, title="又一个"), document(4)),
        *(document(5, body="长" * 18_000_000), document(6, title="空\x00字符😀"), document(7, title="半\ud83d个")),
        *('{"id": "n8", "title": "编码", "body": "b"}'.encode("gb18030"), document(9, pub_date="2018-13-01")),
    )
    with pytest.raises(CommandError, match="有 7 条记录没有导入"):
        bring(path)
    rejected = [(2, "整行"), (3, "title"), (5, "id"), (7, "body"), (9, "title"), (10, "整行"), (11, "pub_date")]
    assert entries(report) == [*((line, "rejected", field) for line, field in rejected), (8, "notice", "title")]
    with in_site(beta):
        titles = set(ArticlePage.objects.values_list("title", flat=True))
    assert titles == {"第1号文件", "第4号文件", "空字符😀"}


def test_a_clean_run_leaves_no_report(bring: Command, report: Path, tmp_path: Path) -> None:
    bring(write(tmp_path / "in.jsonl", document(1)))
    assert not report.exists()


def test_again_changes_nothing_and_a_changed_document_gets_a_new_version(
    living: Sites, bring: Command, tmp_path: Path
) -> None:
    _, beta = living
    path = write(tmp_path / "in.jsonl", document(1), document(2))
    bring(path)
    before = page_of(beta, "n1")
    versions = list(Resource.objects.order_by("pk").values_list("pk", "version"))
    assert "未变化 2" in bring(path)
    assert list(Resource.objects.order_by("pk").values_list("pk", "version")) == versions
    assert "更新 1，未变化 1" in bring(write(path, document(1, title="新标题", body="新正文"), document(2)))
    after = page_of(beta, "n1")
    with in_site(beta):
        assert (after.pk, after.slug, after.title) == (before.pk, before.slug, "新标题")
        assert after.live_revision_id != before.live_revision_id
        assert after.revisions.count() == 2
    assert Resource.objects.get(source_id="n1").text == "新正文"
    assert "未变化 2" in bring(path)


def test_what_editors_changed_stays_until_the_source_changes(
    living: Sites, bring: Command, report: Path, tmp_path: Path
) -> None:
    _, beta = living
    path = write(tmp_path / "in.jsonl", document(1))
    bring(path)
    page = page_of(beta, "n1")
    with in_site(beta), transaction.atomic():
        page.title = "编辑改过"
        page.save_revision().publish()
        page.title = "编辑的草稿"
        page.save_revision()
    assert "未变化 1" in bring(path)
    assert page_of(beta, "n1").title == "编辑改过"
    assert "更新 1" in bring(write(path, document(1, title="来源改过")))
    assert page_of(beta, "n1").title == "来源改过"
    assert entries(report) == [(1, "notice", "")]


def test_what_editors_took_down_stays_down(living: Sites, bring: Command, report: Path, tmp_path: Path) -> None:
    _, beta = living
    path = write(tmp_path / "in.jsonl", *[document(number) for number in (1, 2, 3, 4)])
    bring(path)
    with in_site(beta), transaction.atomic():
        page_of(beta, "n1").unpublish()
        page_of(beta, "n2").delete()
        ArticlePage.objects.filter(source_id="n3").update(locked=True)
    write(path, *[document(number, title=f"新{number}") for number in (1, 2, 3, 4)])
    assert "更新 1，未变化 0，因编辑已撤下而不再发布 3" in bring(path)
    assert entries(report) == [(line, "kept_back", "") for line in (1, 2, 3)]
    published = set(Resource.objects.filter(state="published").values_list("source_id", "title"))
    assert published == {("n3", "第3号文件"), ("n4", "新4")}
    assert "新发布 1" in bring(path, "--restore-deleted")
    assert Resource.objects.filter(source_id="n2", state="published").get().title == "新2"


def test_by_region(living: Sites, bring: Command, report: Path, tmp_path: Path) -> None:
    path = write(
        tmp_path / "in.jsonl",
        *(document(1, region="230184"), document(2, region="黑龙江省 齐齐哈尔市"), document(3, region="浙江省 杭州市")),
        *(document(4, region="全国"), document(5)),
    )
    with pytest.raises(CommandError, match="有 2 条"):
        bring(path, "--by-region", site="", column="zcwj")
    assert dict(Resource.objects.values_list("source_id", "site__code")) == {"n1": "alpha", "n2": "beta", "n3": "beta"}
    assert entries(report) == [(4, "rejected", "region"), (5, "rejected", "region")]


def test_the_same_id_in_two_sites_are_two_documents(living: Sites, bring: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", document(1))
    for site in ("alpha", "beta"):
        assert "新发布 1" in bring(path, site=site, column="zcwj")
    assert Resource.objects.filter(source_id="n1", state="published").count() == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"site": "nowhere"}, "没有代码为“nowhere”的站点"),
        ({"column": "nothing"}, "没有可以发布信息的栏目“nothing”"),
        ({"site": "console"}, "控制台"),
    ],
)
def test_unknown_places_are_one_sentence(bring: Command, tmp_path: Path, arguments: dict[str, str], word: str) -> None:
    path = write(tmp_path / "in.jsonl", document(1))
    with pytest.raises(CommandError, match=word):
        bring(path, **arguments)
    assert "新发布 1" in bring(path)


def test_actor_and_reason_are_required(living: Sites, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", document(1))
    with pytest.raises(CommandError, match="--actor"):
        call_command("import_documents", str(path), "--site", "beta", "--column", "flfg", "--reason", "x")


@pytest.mark.parametrize("blank", [("--actor", ""), ("--reason", ""), ("--reason", "  ")])
def test_blanks_are_no_actor_and_no_reason(bring: Command, tmp_path: Path, blank: tuple[str, str]) -> None:
    path = write(tmp_path / "in.jsonl", document(1))
    with pytest.raises(CommandError, match="都要写明"):
        bring(path, *blank)
    assert not Resource.objects.exists()
    assert "新发布 1" in bring(path)


def test_a_file_cut_off_brings_what_it_has(living: Sites, bring: Command, tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join(json.dumps(document(n, note=os.urandom(60).hex())).encode() for n in range(400)))
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match="不完整"):
        bring(path)
    first = Resource.objects.count()
    assert 0 < first < 400
    path.write_bytes(whole)
    assert f"新发布 {400 - first}，更新 0，未变化 {first}" in bring(path)


def test_a_file_of_another_kind_stops_early(bring: Command, report: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="很可能不是所要的格式"):
        bring(write(tmp_path / "in.csv", *[b"a,b,c"] * 1000))
    assert len(entries(report)) == run_module.HOPELESS


@pytest.mark.parametrize("site", ["alpha", "beta"])
def test_many_bad_records_before_the_first_good_one_are_each_named(
    living: Sites, bring: Command, report: Path, tmp_path: Path, site: str
) -> None:
    """Objects with wrong fields are records: the file is of the right kind, however long the bad stretch."""
    bad = [document(n, title="") for n in range(run_module.HOPELESS + 10)]
    with pytest.raises(CommandError, match=f"有 {len(bad)} 条记录没有导入"):
        bring(write(tmp_path / "in.jsonl", *bad, document(900)), site=site, column="zcwj")
    assert entries(report) == [(line, "rejected", "title") for line in range(1, len(bad) + 1)]
    assert list(Resource.objects.values_list("source_id", "site__code")) == [("n900", site)]


@pytest.mark.parametrize("before", [[], [{"id": "n1"}]], ids=["nothing before", "after an object with wrong fields"])
def test_damaged_lines_stop_the_import_only_where_no_object_was_seen(
    living: Sites, bring: Command, report: Path, tmp_path: Path, before: list[dict[str, Any]]
) -> None:
    damaged = [b'{"id": "n2", "title'] * (run_module.HOPELESS + len(before) - 1)
    path = tmp_path / "in.jsonl"
    with pytest.raises(CommandError, match=f"有 {len(before) + len(damaged)} 条记录没有导入"):
        bring(write(path, *before, *damaged, document(900)))
    assert Resource.objects.get().source_id == "n900"
    if not before:
        with pytest.raises(CommandError, match="很可能不是所要的格式"):
            bring(write(path, *damaged, b"one more", document(901)))
        assert not Resource.objects.filter(source_id="n901").exists()


def test_the_report_never_overwrites_the_source(bring: Command, report: Path) -> None:
    write(report, document(1))
    with pytest.raises(CommandError, match="报告不能写到"):
        bring(report)
    assert json.loads(report.read_text())["id"] == "n1"


def test_a_report_that_cannot_be_written_stops_the_import_with_a_cure(living: Sites, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", document(1), b"broken", document(2))
    (tmp_path / "file").touch()
    arguments = (
        "--site",
        "beta",
        "--column",
        "flfg",
        "--actor",
        "a",
        "--reason",
        "b",
        "--report",
        str(tmp_path / "file" / "r"),
    )
    with pytest.raises(CommandError, match="无法写入报告文件"):
        call_command("import_documents", str(path), *arguments, stderr=io.StringIO())


def test_what_only_the_database_refuses_is_found_by_halving(
    living: Sites, bring: Command, report: Path, tmp_path: Path
) -> None:
    _, beta = living
    with in_site(beta), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE content_articlepage ADD CONSTRAINT strange CHECK (level <> 'strange')")
    try:
        with pytest.raises(CommandError, match="有 1 条"):
            bring(write(tmp_path / "in.jsonl", *[document(n, level="strange" if n == 5 else "") for n in range(9)]))
    finally:
        with in_site(beta), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE content_articlepage DROP CONSTRAINT strange")
    assert entries(report) == [(6, "rejected", "整行")]
    assert Resource.objects.count() == 8


def test_killed_in_the_middle_it_goes_on_where_it_stopped(living: Sites, bring: Command, tmp_path: Path) -> None:
    _, beta = living
    path = write(tmp_path / "in.jsonl", *[document(n, body="正文。" * 800) for n in range(2000)])
    command = (sys.executable, "manage.py", "import_documents", str(path), "--site", "beta", "--column", "flfg")
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + settings.DATABASES["default"]["NAME"]).geturl()
    process = subprocess.Popen(
        [*command, "--actor", "a", "--reason", "b"],
        cwd=REPO,
        env={**os.environ, "DATABASE_URL": url, "VAR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while not Resource.objects.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    first = Resource.objects.count()
    assert 0 < first < 2000
    with in_site(beta):
        assert ArticlePage.objects.count() == ImportedDocument.objects.count() == first
    assert f"新发布 {2000 - first}，更新 0，未变化 {first}" in bring(path)
    with in_site(beta):
        assert Page.find_problems() == ([], [], [], [], [])
