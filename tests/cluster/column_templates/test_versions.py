"""Versions: one draft at a time, saved only when it is right; the law in force follows; rows that the database refuses."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from cluster.audit.actor import acting_as
from cluster.column_templates import current, versions
from cluster.column_templates.models import TemplateVersion, Waiver
from cluster.column_templates.reading import BrokenTemplates
from cluster.column_templates.sources import digest_of, shipped_sources
from cluster.subsites.models import Subsite

pytestmark = pytest.mark.django_db


def changed(before: str = 'name = "政策"', after: str = 'name = "文库"') -> dict[str, str]:
    """Return the texts in force with one change in the county's."""
    texts = versions.newest_sources()
    assert before in texts["county.toml"]
    return {**texts, "county.toml": texts["county.toml"].replace(before, after)}


def test_a_fresh_cluster_begins_with_the_shipped_texts() -> None:
    first = TemplateVersion.objects.get()
    assert (first.number, first.state, first.sources) == (1, "current", shipped_sources())
    assert first.digest == digest_of(shipped_sources())
    assert current.current_law().version == 1


def test_without_a_version_the_shipped_texts_hold() -> None:
    TemplateVersion.objects.all().delete()
    current.forget()
    assert current.current_law().version == 0
    assert current.site_law("county").column("zcwj")
    assert versions.newest_sources() == shipped_sources()


def test_a_draft_is_numbered_signed_and_in_force_nowhere() -> None:
    with acting_as(name="王敏", reason="增设栏目"):
        saved = versions.save_draft(changed(), note="改名")
    assert (saved.number, saved.state, saved.actor["name"], saved.note) == (2, "draft", "王敏", "改名")
    current.forget()
    assert current.current_law().version == 1
    assert current.site_law("county").by_code["zc"].name == "政策"


def test_a_draft_that_is_written_again_keeps_its_number_and_is_read_anew() -> None:
    first = versions.save_draft(changed(), note="改名")
    assert current.law_of_version(2, first.digest).of("county").by_code["zc"].name == "文库"
    second = versions.save_draft(changed('name = "文库"', 'name = "书库"'))
    assert (second.number, second.note) == (2, "改名")
    assert current.law_of_version(2, second.digest).of("county").by_code["zc"].name == "书库"


def test_broken_texts_leave_the_draft_as_it_was() -> None:
    kept = versions.save_draft(changed())
    with pytest.raises(BrokenTemplates):
        versions.save_draft(changed('name = "文库"', "name = 3"))
    assert versions.draft() == kept
    assert versions.newest_sources() == kept.sources


def test_the_law_follows_the_version_in_force() -> None:
    saved = versions.save_draft(changed())
    assert current.current_law().version == 1
    TemplateVersion.objects.filter(number=1).update(state="past")
    TemplateVersion.objects.filter(number=2).update(state="current")
    current.forget()
    assert current.current_law().version == saved.number
    assert current.site_law("county").by_code["zc"].name == "文库"
    assert current.site_law("city").by_code["zc"].name == "政策法规"


def test_the_law_of_a_moment_is_that_of_the_version_then_in_force() -> None:
    saved, before = versions.save_draft(changed()), timezone.now()
    assert current.law_before(before) is None, "it is the law of today"
    TemplateVersion.objects.filter(number=1).update(state="past", applied_at=before - timedelta(days=9))
    TemplateVersion.objects.filter(number=saved.number).update(state="current", applied_at=before + timedelta(days=1))
    current.forget()
    then = current.law_before(before)
    assert then is not None
    assert (then.version, then.of("county").by_code["zc"].name) != (saved.number, "文库")
    assert current.law_before(before + timedelta(days=1)) is None
    assert current.law_before(before - timedelta(days=10)) is None, "nobody knows of an earlier one"


def test_the_version_in_force_is_asked_for_once_a_second(django_assert_num_queries, monkeypatch) -> None:
    current.current_law()
    current.forget()
    with django_assert_num_queries(1):
        for _ in range(500):
            current.site_law("county")
    now = current.time.monotonic()
    monkeypatch.setattr(current.time, "monotonic", lambda: now + 2)
    with django_assert_num_queries(1):
        current.current_law()


def test_a_second_draft_and_a_second_law_are_refused_by_the_database() -> None:
    versions.save_draft(changed())
    for state in ("draft", "current"):
        with pytest.raises(IntegrityError, match=f"template_one_{state}"), transaction.atomic():
            TemplateVersion.objects.create(number=9, state=state, sources={}, digest="")
    TemplateVersion.objects.create(number=9, state="past", sources={}, digest="")


def test_what_has_been_in_force_stays_as_it_was() -> None:
    """Not even the owner of the tables changes its text; a draft's is changed as often as one likes."""
    saved = versions.save_draft(changed())
    for change in ({"sources": {}}, {"digest": "x"}, {"number": 7}):
        TemplateVersion.objects.filter(number=saved.number).update(note="草稿可以改")
        with pytest.raises(InternalError, match="第 1 版已经启用过"), transaction.atomic():
            TemplateVersion.objects.filter(number=1).update(**change)
    TemplateVersion.objects.filter(number=saved.number).update(sources={})
    TemplateVersion.objects.filter(number=1).update(note="说明可以改")


def test_a_waiver_is_granted_only_with_signer_and_end(alpha: Subsite, beta: Subsite) -> None:
    asked = {"column_code": "zcwj", "rule_id": "zcwj.issuer.required", "reason": "历史文件"}
    for lacking in ({}, {"signer": {"name": "王敏"}}, {"expires_on": date(2027, 1, 1)}):
        with pytest.raises(IntegrityError, match="waiver_granted_is_signed"), transaction.atomic():
            Waiver.objects.create(site=alpha, state="granted", **asked, **lacking)
    granted = {"signer": {"name": "王敏"}, "expires_on": date(2027, 1, 1)}
    Waiver.objects.create(site=alpha, state="granted", **asked, **granted)
    Waiver.objects.create(site=beta, **asked)
    with pytest.raises(IntegrityError, match="waiver_has_reason"), transaction.atomic():
        Waiver.objects.create(site=beta, **{**asked, "reason": ""})
