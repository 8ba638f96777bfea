"""Every step of a version stands in the ledger: who drafted, edited, loaded, gave up, put in force; and what became of each site."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.column_templates import versions
from cluster.column_templates.applying import apply_version
from cluster.column_templates.current import forget
from cluster.column_templates.models import SiteVersion, TemplateVersion
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from tests.support.templates import NEW_WORDS, draft_with
from tests.support.templates import draft as written


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def lines() -> list[tuple[str, str, str, str]]:
    """Return action, site, actor and reason of the ledger's lines about templates, oldest first."""
    rows = LedgerEntry.objects.filter(subject_type="template").order_by("id")
    return [(row.action, row.site_code, row.actor["name"], row.reason) for row in rows if row.subject_id != "1"]


def test_writing_editing_and_giving_up(alpha: Subsite) -> None:
    with acting_as(name="王敏", reason="增设栏目"):
        first = draft_with(('name = "政策"', 'name = "文库"'))
    with acting_as(name="李雷"):
        versions.save_draft({**first.sources, "city.toml": first.sources["city.toml"] + "\n# 市"}, note="补充说明")
        versions.save_draft(versions.newest_sources())
        versions.discard_draft()
    assert lines() == [
        ("template_drafted", "", "王敏", "增设栏目"),
        ("template_edited", "", "李雷", ""),
        ("template_discarded", "", "李雷", ""),
    ]
    entry = LedgerEntry.objects.get(action="template_edited")
    assert (entry.title, entry.detail, entry.get_action_display()) == (
        "栏目模板第 2 版",
        {"note": "补充说明"},
        "修改栏目模板草稿",
    )


def test_loading_names_the_files(alpha: Subsite, tmp_path: Path) -> None:
    file = tmp_path / "county.toml"
    file.write_text(versions.newest_sources()["county.toml"].replace('name = "政策"', 'name = "文库"'))
    call_command("column_templates", "load", str(file), "--actor", "王敏", "--note", "改名", stdout=StringIO())
    assert lines() == [("template_drafted", "", "王敏", "载入 county.toml")]
    assert LedgerEntry.objects.get(action="template_drafted").detail == {"note": "改名"}


def test_what_an_apply_did_stands_in_each_sites_ledger(alpha: Subsite, beta: Subsite) -> None:
    number = written(add={"xslm": NEW_WORDS}, kinds=("county",)).number
    with acting_as(name="王敏", reason="全省统一"):
        apply_version(number)
        apply_version(number)
    in_force = TemplateVersion.objects.get(number=number)
    found = [line for line in lines() if line[0] != "template_drafted"]
    assert found == [
        ("template_in_force", "", "王敏", "全省统一"),
        ("template_applied", "alpha", "王敏", "全省统一"),
        ("template_applied", "beta", "王敏", "全省统一"),
    ]
    assert LedgerEntry.objects.get(action="template_in_force", subject_id="2").content_hash == in_force.digest
    done = {row.site_code: row.detail["done"] for row in LedgerEntry.objects.filter(action="template_applied")}
    assert ["新植“新设栏目”" in line for line in done["alpha"]] == [True]
    assert done["beta"] == []


def test_a_site_that_is_born_with_a_version_has_nothing_applied(alpha: Subsite) -> None:
    open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    assert SiteVersion.objects.get(site__code="gamma").version == 1
    assert not LedgerEntry.objects.filter(action="template_applied").exists()
