"""document_for holds every reason why something is found or not; plain objects, no database."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest

from search.documents import FORM, MAX_BODY_LENGTH, digest_of, document_for, title_key


def a_resource(**changes):
    values = {
        "pk": uuid4(),
        "is_published": True,
        "version": 7,
        "title": "供热办法",
        "summary": "摘要",
        "text": "正文",
        "keywords": "采暖",
        "issuer": "",
        "doc_no": ["黑政发〔2026〕5号"],
        "region_name": "黑龙江省 哈尔滨市",
        "column_code": "zcwj",
        "column_class": "periodic",
        "content_hash": "a" * 64,
        "attachments_digest": "",
        "published_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return SimpleNamespace(**(values | changes))


def a_site(is_public=True):
    return SimpleNamespace(code="alpha", is_public=is_public)


def test_a_published_resource_of_a_public_site_is_found():
    document = document_for(a_resource(), "", a_site())
    assert document is not None
    assert (document.version, document.site, document.column) == (7, "alpha", "zcwj")
    assert document.syllables == ("gong", "re", "ban", "fa")
    assert document.doc_numbers == ("黑政发|2026|5",)


def test_a_withdrawn_resource_is_not():
    assert document_for(a_resource(is_published=False), "", a_site()) is None


def test_a_resource_of_a_closed_site_is_not():
    assert document_for(a_resource(), "", a_site(is_public=False)) is None


def test_summary_keywords_and_attachments_are_searched():
    body = document_for(a_resource(), "附件里的话", a_site()).body
    assert all(word in body for word in ("摘要", "正文", "采暖", "附件里的话"))


def test_a_summary_that_opens_the_text_is_not_counted_twice():
    assert document_for(a_resource(summary="正文", keywords=""), "", a_site()).body == "正文"


def test_a_huge_text_is_cut():
    assert len(document_for(a_resource(text="字" * 3_000_000), "", a_site()).body) < MAX_BODY_LENGTH + 100


def test_traditional_and_wide_characters_are_folded():
    document = document_for(a_resource(title="供熱２０２６", text="暖氣"), "", a_site())
    assert document.title == "供热2026"
    assert "暖气" in document.body


def test_a_law_of_the_whole_country_has_no_region_to_be_found_by():
    assert document_for(a_resource(region_name="全国"), "", a_site()).region_name == ""


@pytest.mark.parametrize("changed", [("b" * 64, "", "alpha"), ("a" * 64, "x", "alpha"), ("a" * 64, "", "beta")])
def test_the_digest_changes_with_content_attachments_and_site(changed):
    assert digest_of(*changed) != digest_of("a" * 64, "", "alpha")
    assert FORM >= 1


def test_the_key_of_a_title_is_what_people_type():
    assert title_key("中华人民共和国《广告法》（修订）") == "广告法修订"
