"""Recording what a render uses; variants by cookie; headers of the classes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from cluster.edge import recording
from cluster.edge.headers import CLASSES, headers_of
from cluster.edge.variants import COOKIE_OF, Variant, of_cookie, read_cookies

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_nothing_is_noted_where_nobody_records() -> None:
    recording.uses("page:site_alpha:1")
    recording.uses_all(["a"])
    recording.holds_until(NOON)
    recording.storable()
    recording.never_store("")
    assert not recording.is_recording()


def test_what_is_used_is_noted_with_the_widest_bound() -> None:
    with recording.record(7) as noted:
        recording.uses("bounded", NOON)
        recording.uses("bounded", NOON - timedelta(days=1))
        recording.uses("bounded", NOON)
        recording.uses("whole", NOON)
        recording.uses("whole")
        recording.uses("whole", NOON)
        recording.uses_all(["line"])
    earlier = (NOON - timedelta(days=1)).timestamp()
    assert noted.keys == {"bounded": earlier, "whole": None, "line": None}
    assert noted.position == 7


def test_a_page_holds_until_the_first_of_its_ends() -> None:
    with recording.record(0) as noted:
        recording.holds_until(NOON)
        recording.holds_until(NOON - timedelta(hours=1))
        recording.holds_until(NOON + timedelta(hours=1))
    assert noted.holds_until == (NOON - timedelta(hours=1)).timestamp()


def test_only_what_asks_is_stored_and_a_refusal_beats_it() -> None:
    with recording.record(0) as silent:
        pass
    with recording.record(0) as asking:
        recording.storable(["page"], kind="column")
    with recording.record(0) as refused:
        recording.never_store("含有个人信息")
        recording.storable()
    assert [noted.is_storable for noted in (silent, asking, refused)] == [False, True, False]
    assert (asking.params, asking.kind) == (frozenset({"page"}), "column")


def test_what_is_read_to_decide_is_not_noted() -> None:
    with recording.record(0) as noted:
        with recording.unrecorded():
            recording.uses("a")
        recording.uses("b")
    assert list(noted.keys) == ["b"]


@pytest.mark.parametrize("variant", list(Variant))
def test_each_variant_has_its_cookie(variant: Variant) -> None:
    assert of_cookie(COOKIE_OF[variant]) is variant


@pytest.mark.parametrize(
    ("header", "variant", "others"),
    [
        ("", Variant.NORMAL, False),
        ("qz_view=elder", Variant.ELDER, False),
        ("qz_view=elder-hant", Variant.ELDER_HANT, False),
        ("qz_view=", Variant.NORMAL, False),
        ("qz_view=<script>", Variant.NORMAL, False),
        ("qz_view=elder; sessionid=x", Variant.ELDER, True),
        ("sessionid=x", Variant.NORMAL, True),
        ("csrftoken=x; qz_view=hant", Variant.HANT, True),
        ("]]]]", Variant.NORMAL, True),
    ],
)
def test_cookies_choose_among_four_and_others_are_noticed(header: str, variant: Variant, others: bool) -> None:
    assert read_cookies(header) == (variant, others)


@pytest.mark.parametrize("name", list(CLASSES))
def test_headers_follow_from_class_and_variant(name: str) -> None:
    headers = headers_of(name, Variant.ELDER_HANT)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("Content-Security-Policy" in headers) == (name == "html")
    assert headers.get("Content-Language", "zh-Hant") == "zh-Hant"
    assert "Strict-Transport-Security" not in headers
    with override_settings(SECURE_HSTS_SECONDS=60):
        assert headers_of(name, Variant.NORMAL)["Strict-Transport-Security"] == "max-age=60"
