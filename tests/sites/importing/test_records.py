"""What is read from one line: every field checked, every refusal named, beside the twin that passes."""

import json
from datetime import date
from typing import Any

import pytest

from sites.content.importing.errors import BadRecord
from sites.content.importing.lines import Line
from sites.content.importing.records import MAX_BODY, Record, read_record

GOOD = {"id": "n1", "title": "燃气管理条例", "body": "第一条 为了加强燃气管理。"}


def read(**changes: Any) -> Record:
    return read_record(Line(7, json.dumps({**GOOD, **changes}).encode()))


def refused(data: bytes | dict[str, Any]) -> BadRecord:
    line = data if isinstance(data, bytes) else json.dumps({**GOOD, **data}).encode()
    with pytest.raises(BadRecord) as caught:
        read_record(Line(7, line))
    assert caught.value.reason
    assert caught.value.cure
    return caught.value


def test_all_fields_of_the_law_collection() -> None:
    record = read(
        category="法律",
        subcategory="经济法",
        level="national",
        region="全国",
        pub_date="2018-03-11",
        effective_date=None,
        issuer="国务院",
        doc_no=["国发〔2020〕1号"],
        is_current=True,
        note="题注",
        source="x:y",
        something_else={"a": 1},
    )
    assert (record.category, record.subcategory, record.level, record.region) == ("法律", "经济法", "national", "全国")
    assert (record.pub_date, record.effective_date, record.is_current) == (date(2018, 3, 11), None, True)
    assert (record.issuer, record.doc_no, record.note, record.source) == ("国务院", ("国发〔2020〕1号",), "题注", "x:y")
    assert (record.line, record.notices) == (7, [])


def test_three_fields_are_enough_and_a_single_number_is_a_list() -> None:
    assert read().category == ""
    assert read(doc_no="国发〔2020〕1号").doc_no == ("国发〔2020〕1号",)
    assert read(doc_no=None).doc_no == ()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"id": "n1", "title": "a", "body": "b"', "整行"),
        (b"not json", "整行"),
        (b'["n1"]', "整行"),
        (b'{"id": NaN}', "整行"),
        (b'{"id": ' + b"[" * 100_000 + b"}", "整行"),
        (b'{"id": ' + b"9" * 5000 + b"}", "整行"),
        ('{"id": "n1", "title": "条例", "body": "b"}'.encode("gb18030"), "整行"),
        (b'{"id": "n1", "title": "\xff", "body": "b"}', "整行"),
    ],
)
def test_a_line_that_is_no_record(line: bytes, field: str) -> None:
    assert refused(line).field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"id": 12}, "id"),
        ({"id": " n1"}, "id"),
        ({"id": "n\u200b1"}, "id"),
        ({"id": "n\x001"}, "id"),
        ({"id": "n\ud8001"}, "id"),
        ({"id": "n" * 201}, "id"),
        ({"title": ""}, "title"),
        ({"title": " \u200b\x00 "}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": "长" * 256}, "title"),
        ({"title": "半个\ud83d字符"}, "title"),
        ({"body": None}, "body"),
        ({"body": "  \n "}, "body"),
        ({"body": "长" * (MAX_BODY // 3 + 1)}, "body"),
        ({"category": "类" * 81}, "category"),
        ({"level": 3}, "level"),
        ({"region": {"a": 1}}, "region"),
        ({"issuer": "关" * 201}, "issuer"),
        ({"doc_no": 5}, "doc_no"),
        ({"doc_no": [5]}, "doc_no"),
        ({"doc_no": ["号" * 101]}, "doc_no"),
        ({"doc_no": ["号"] * 21}, "doc_no"),
        ({"is_current": "yes"}, "is_current"),
        ({"is_current": 1}, "is_current"),
        ({"pub_date": "2018-02-30"}, "pub_date"),
        ({"pub_date": "0001-01-01"}, "pub_date"),
        ({"pub_date": "", "effective_date": "1799-12-31"}, "effective_date"),
        ({"pub_date": "20180301"}, "pub_date"),
        ({"pub_date": 20180301}, "pub_date"),
        ({"effective_date": "2018年3月1日"}, "effective_date"),
        ({"note": "注" * 10_001}, "note"),
        ({"source": "s" * 501}, "source"),
    ],
)
def test_a_field_that_is_refused_is_named(changes: dict[str, Any], field: str) -> None:
    assert refused(changes).field == field


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "n" * 200},
        {"id": "编号-1😀"},
        {"title": "长" * 255},
        {"title": "表情😀👨‍👩‍👧与生僻字𠮷"},
        {"body": "长" * (MAX_BODY // 3 - 10)},
        {"doc_no": ["号" * 100] * 20},
        {"is_current": None},
        {"pub_date": "1949-10-01"},
        {"pub_date": "1800-01-01", "effective_date": "1800-01-01"},
        {"pub_date": ""},
        {"note": "注" * 10_000},
    ],
)
def test_their_twins_pass(changes: dict[str, Any]) -> None:
    assert read(**changes).notices == []


def test_a_body_of_fifty_megabytes_is_refused_with_its_size() -> None:
    error = refused({"body": "长" * (50 * 1024 * 1024 // 3)})
    assert (error.field, error.record_id) == ("body", "n1")
    assert "50.0 MB" in error.reason


def test_control_signs_are_taken_out_and_noted_others_quietly() -> None:
    record = read(title="题\x00目\x07", body="燃\u200b气\r\n第二行\u2028第三行\ufeff")
    assert (record.title, record.body) == ("题目", "燃气\n第二行\n第三行")
    assert [name for name, _ in record.notices] == ["title"]
    assert read(title="emoji 👨‍👩‍👧").title == "emoji 👨‍👩‍👧"


def test_a_title_has_one_line() -> None:
    assert read(title="关于\n做好\t供暖  工作").title == "关于 做好 供暖 工作"


def test_the_digest_is_of_the_document_and_not_of_the_run() -> None:
    other = read_record(Line(99, json.dumps({**GOOD, "extra": 1}).encode()))
    assert other.digest() == read().digest()
    assert read(body="别的").digest() != read().digest()
    assert read(is_current=False).digest() != read().digest()
