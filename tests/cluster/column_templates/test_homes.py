"""The three-way look at a home page: what the template planted follows it, what the site did stays and is told."""

from typing import Any

import pytest

from cluster.column_templates.homes import merge_home, same_blocks

NAMES = {"dtyw": "动态要闻", "tzgg": "通知公告", "zcwj": "政策文件", "gk": "概况"}


def block(column: str, kind: str = "column_list", **value: Any) -> dict[str, Any]:
    """Return a block as a template writes it."""
    return {"type": kind, "value": {"column": column, **value}}


def said(blocks: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    """Return column and limit of each block."""
    return [(one["value"].get("column", one["type"]), one["value"].get("limit")) for one in blocks]


NEWS, NOTICES, POLICIES = block("dtyw", limit=8), block("tzgg", limit=7), block("zcwj", limit=5)
PLANTED = [NEWS, NOTICES, POLICIES]


def stored(written: dict[str, Any], **value: Any) -> dict[str, Any]:
    """Return a block as a form stores it: with an id, and with what the template left to the defaults."""
    full = {"heading": "", "limit": 6, "layout": "dated", "width": "half", "action": "", "action_column": None}
    return {**written, "id": written["value"]["column"], "value": {**full, **written["value"], **value}}


def test_what_nobody_touched_follows_and_keeps_its_id() -> None:
    law = [block("dtyw", limit=10), POLICIES, NOTICES, block("gk")]
    merged = merge_home(PLANTED, [stored(one) for one in PLANTED], law, NAMES)
    assert said(merged.blocks) == [("dtyw", 10), ("zcwj", 5), ("tzgg", 7), ("gk", None)]
    assert merged.blocks[0]["id"] == "dtyw"
    assert merged.changes == ["更新“动态要闻”", "新增“概况”"]
    assert merged.conflicts == []


def test_what_the_form_wrote_out_is_no_change() -> None:
    assert same_blocks(PLANTED, [stored(one) for one in PLANTED])
    assert not same_blocks(PLANTED, [stored(NEWS, limit=9), *PLANTED[1:]])
    merged = merge_home(PLANTED, [stored(one) for one in PLANTED], PLANTED, NAMES)
    assert (merged.changes, merged.conflicts) == ([], [])


def test_a_new_order_follows_where_the_site_left_it_alone() -> None:
    law = [POLICIES, NEWS, NOTICES]
    merged = merge_home(PLANTED, PLANTED, law, NAMES)
    assert said(merged.blocks) == said(law)
    assert merged.changes == ["调整版块次序"]
    moved = merge_home(PLANTED, [NOTICES, NEWS, POLICIES], law, NAMES)
    assert said(moved.blocks) == [("tzgg", 7), ("dtyw", 8), ("zcwj", 5)]
    assert (moved.changes, len(moved.conflicts)) == ([], 1)


def test_blocks_of_the_site_keep_their_place_among_the_others() -> None:
    own = block("gk", limit=3)
    merged = merge_home(PLANTED, [NEWS, own, NOTICES, POLICIES], [POLICIES, NEWS, NOTICES], NAMES)
    assert said(merged.blocks) == [("zcwj", 5), ("dtyw", 8), ("gk", 3), ("tzgg", 7)]
    assert merged.conflicts == []


@pytest.mark.parametrize(
    ("standing", "law", "kept", "word"),
    [
        (
            [stored(NEWS, limit=15), NOTICES, POLICIES],
            [block("dtyw", limit=3), NOTICES, POLICIES],
            ("dtyw", 15),
            "也改动",
        ),
        ([stored(NEWS, limit=15), NOTICES, POLICIES], [NOTICES, POLICIES], ("dtyw", 15), "去掉首页版块"),
        ([*PLANTED, block("gk", limit=3)], [*PLANTED, block("gk", limit=9)], ("gk", 3), "自己设置"),
        ([NOTICES, POLICIES], [block("dtyw", limit=3), NOTICES, POLICIES], None, "不再恢复"),
    ],
    ids=["changed by both", "changed here, dropped there", "added by both", "removed here, changed there"],
)
def test_the_site_wins_and_is_named(standing: list[Any], law: list[Any], kept: Any, word: str) -> None:
    merged = merge_home(PLANTED, standing, law, NAMES)
    assert said(merged.blocks) == said(standing)
    assert (kept is None) or kept in said(merged.blocks)
    assert merged.changes == []
    assert [word in line for line in merged.conflicts] == [True]
    again = merge_home(law, merged.blocks, law, NAMES)
    assert (again.changes, again.conflicts) == ([], []), "told once"


def test_what_the_site_changed_and_the_template_did_not_is_nobodys_business() -> None:
    standing = [stored(NEWS, limit=15), POLICIES]
    merged = merge_home(PLANTED, standing, [*PLANTED, block("gk")], NAMES)
    assert said(merged.blocks) == [("dtyw", 15), ("zcwj", 5), ("gk", None)]
    assert (merged.changes, merged.conflicts) == (["新增“概况”"], [])


def test_two_blocks_of_one_column_are_two() -> None:
    twice = [NEWS, block("dtyw", limit=2)]
    merged = merge_home(twice, twice, [NEWS, block("dtyw", limit=4)], NAMES)
    assert said(merged.blocks) == [("dtyw", 8), ("dtyw", 4)]
