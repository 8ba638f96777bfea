"""The language is tightened after versions were stored: they stay readable and in force, and somebody is told what to cure."""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, transaction

from cluster.column_templates import current, versions, vocabulary
from cluster.column_templates.applying import ApplyRefused, apply_version
from cluster.column_templates.models import TemplateVersion
from cluster.column_templates.reading import BrokenTemplates, limits, read_law, whole
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.support.articles import publish_article
from tests.support.templates import draft_with

RENAMED = ('name = "政策"', 'name = "文库"')


def _forget() -> None:
    current.forget()
    current.law_of_version.cache_clear()


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """What was read under one language is not remembered under the other."""
    _forget()
    yield
    _forget()


@pytest.fixture
def tightened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a word away and shorten the longest limit, as a later release might."""
    monkeypatch.setattr(vocabulary, "LANGUAGE", vocabulary.LANGUAGE + 1)
    monkeypatch.setattr(whole, "COLUMN_WORDS", tuple(word for word in whole.COLUMN_WORDS if word != "reviewer"))
    monkeypatch.setattr(limits, "LONGEST", 100)
    _forget()


def test_versions_carry_the_language_they_were_written_in() -> None:
    saved = draft_with(RENAMED)
    assert set(TemplateVersion.objects.values_list("language", flat=True)) == {vocabulary.LANGUAGE}
    TemplateVersion.objects.filter(number=saved.number).update(language=9)
    with pytest.raises(InternalError, match="第 1 版已经启用过"), transaction.atomic():
        TemplateVersion.objects.filter(number=1).update(language=9)


def test_a_stored_version_is_read_as_it_was_meant(tightened: None, alpha: Subsite, beta: Subsite) -> None:
    law = current.current_law()
    policies = law.of("county").by_code["zcwj"]
    assert policies.update
    assert policies.update.within == 180, "what is out of bounds by now holds as it was written"
    assert [rule.id for rule in policies.items] == [rule.id for rule in law.of("city").by_code["zcwj"].items]
    assert any("common.toml 第" in fault and "reviewer" in fault for fault in law.faults)
    for site in (alpha, beta):
        assert publish_article(site, "通知", column="tzgg").live
    assert apply_version(1).failed == {}


def test_new_texts_are_refused_and_old_ones_without_faults_are_not_named(tightened: None) -> None:
    sources = versions.newest_sources()
    with pytest.raises(BrokenTemplates, match="reviewer"):
        versions.save_draft({**sources, "city.toml": sources["city.toml"] + "\n# 市"})
    assert not read_law({"county.toml": "columns = []"}, 1, 1).faults


def test_texts_that_are_no_texts_are_refused_in_any_language(tightened: None) -> None:
    with pytest.raises(BrokenTemplates):
        read_law({"county.toml": "columns = ["}, 1, 1)


def test_the_night_names_it_until_it_is_cured(tightened: None, alpha: Subsite, beta: Subsite) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="需要处理"):
        call_command("check_columns", "--repair", stdout=out)
    assert "现行的第 1 版按旧的写法保存" in out.getvalue()
    assert "编辑下一版" in out.getvalue()
    sources = {name: _cured(text) for name, text in versions.newest_sources().items()}
    number = versions.save_draft(sources).number
    apply_version(number)
    out = StringIO()
    call_command("check_columns", stdout=out)
    assert out.getvalue() == "栏目结构和触发器全部完好\n"
    with in_site(beta):
        assert ColumnPage.objects.filter(code="zcwj", planted=True).exists()


def _cured(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("reviewer")]
    return re.sub(
        r"within = \d{3}, unit = \"(\w+)\", warn = \d+", r'within = 90, unit = "\1", warn = 9', "\n".join(lines)
    )


def test_a_draft_from_before_is_not_put_in_force(monkeypatch: pytest.MonkeyPatch, alpha: Subsite) -> None:
    number = draft_with(RENAMED).number
    monkeypatch.setattr(vocabulary, "LANGUAGE", vocabulary.LANGUAGE + 1)
    monkeypatch.setattr(whole, "COLUMN_WORDS", tuple(word for word in whole.COLUMN_WORDS if word != "reviewer"))
    _forget()
    with pytest.raises(ApplyRefused, match="旧的写法"):
        apply_version(number)
    monkeypatch.undo()
    _forget()
    assert not apply_version(number).failed
