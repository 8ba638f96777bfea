"""The text and files of a body, read without building blocks; and bodies made of plain text."""

import json

import pytest

from sites.common.body import body_of_text, read_body, text_of_html


def test_every_kind_of_block_gives_its_words_and_files():
    content = read_body(
        [
            {
                "type": "paragraph",
                "value": '<p>第一段<br/>换行 &amp; 符号</p><p><a linktype="document" id="7">表</a></p>',
            },
            {"type": "heading", "value": "小标题"},
            {"type": "image", "value": {"image": 3, "alt": "河谷", "caption": "图注"}},
            {"type": "list", "value": [{"type": "item", "value": "甲", "id": "x"}, "乙"]},
            {"type": "quote", "value": {"text": "引文", "source": "出处"}},
            {
                "type": "table",
                "value": {
                    "caption": "表名",
                    "columns": [{"type": "text", "heading": "列"}],
                    "rows": [{"values": ["格一"]}, {"values": [None]}],
                },
            },
            {"type": "document", "value": {"document": 7, "label": "附件一"}},
            {"type": "unknown", "value": "x"},
            {"type": "paragraph", "value": ""},
        ]
    )
    assert content.text.split("\n") == [
        *("第一段", "换行 & 符号", "表", "小标题", "图注", "甲", "乙"),
        *("引文", "出处", "表名", "列", "格一", "附件一"),
    ]
    assert (content.document_ids, content.image_ids) == ((7,), (3,))


def test_text_of_html_knows_entities_and_ends_of_blocks():
    assert text_of_html("<p>甲&nbsp;乙</p><ul><li>一</li><li>二&lt;三</li></ul>") == "甲 乙\n一\n二<三"


@pytest.mark.parametrize("text", ["", " \n\u3000\n"])
def test_empty_text_makes_an_empty_body(text):
    assert json.loads(body_of_text(text)) == []


def test_text_comes_back_as_it_went_in():
    text = "第一条 <b>不是标记</b> & 符号\n第二条 “引号”"
    assert read_body(json.loads(body_of_text(f"\n{text}\n\n"))).text == text
    assert "<b>" not in json.loads(body_of_text(text))[0]["value"]
