"""Addresses made from titles."""

from datetime import date

import pytest

from sites.common.slugs import RESERVED_SLUGS, slug_for

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("关于做好供暖工作的通知", "gyzhgngzdtz-20261123"),
        ("2026年工作要点", "2026ngzyd-20261123"),
        ("Hello World", "hello-world"),
        ("😀 表情", "bq-20261123"),
        ("！！！", "page-20261123"),
        ("", "page-20261123"),
        ("admin", "admin-20261123"),
        ("长" * 200, "z" * 24 + "-20261123"),
        ("\x00空字符", "kzf-20261123"),
    ],
)
def test_slug_is_short_ascii_and_never_reserved(title, slug):
    made = slug_for(title, on=DAY)
    assert made == slug
    assert made.isascii()
    assert made not in RESERVED_SLUGS
