"""What every engine promises, asked of both: finding, versions, filters, facets, order, and any input ends well."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from search.engines.base import Sort, Tombstone
from tests.search.builders import PUBLISHED_AT, ask, found_ids, make_document

NASTY = [
    "", " ", "*", "**供热**", '"', '"供热', "供热 AND", "AND OR NOT", "a:b",
    "title:供热", "/", "/供热/", "\\", "供热\\", "(", "[a TO b]",
    "{", "~", "供热~2", "^", "+供热 -条例", "!", "?", "%", "_", "'", "';--", "$1", "&", "|", "<->", ":*", "供热:*", "\x00", "供\x00热",
    "👍", "供热👍", "\ud800", "供热\udfff", "\u202e", "．．．", "a" * 10_000, "供热" * 5_000, "供 " * 3_000, "a b " * 2_000, "0", "-1",
    "供热条例第一百二十三条第四款规定的适用范围与法律责任以及监督检查的程序和时限要求" * 4, "ſ", "İ", "ﬀ", "e\u0301", "१२३", "ⅣⅤ",
]  # fmt: skip


class TestFinding:
    def test_a_word_of_the_title_or_the_body_finds(self, engine):
        title, body = make_document("供热管理办法"), make_document("其他", "关于集中供热的说明")
        engine.write([title, body, make_document("电梯安全条例")], refresh=True)
        # Not their order: in an index of three, what earlier tests deleted still counts in how rare a word is.
        assert set(found_ids(engine, "供热")) == {title.id, body.id}

    def test_other_ways_of_writing_find_the_same(self, engine):
        wanted = make_document("历史文化名城保护条例")
        engine.write([wanted, make_document("电梯安全条例")], refresh=True)
        for typed in (
            "歷史文化名城",
            "lishiwenhua",
            "li shi wen hua",
            "lswhmcbhtl",
            "LSWHMC",
            "历史 名城",
            "名城　保护",
        ):
            assert found_ids(engine, typed)[:1] == [wanted.id], typed

    def test_a_document_number_decides(self, engine):
        wanted = make_document("甲通知", doc_numbers=("黑政发|2026|5",))
        other = make_document("黑政发2025年5号文的说明", "黑政发 2025 5")
        engine.write([other, wanted], refresh=True)
        for typed in ("黑政发〔2026〕5号", "黑政发[2026]5号", "黑政发 2026 5号"):
            assert found_ids(engine, typed)[0] == wanted.id

    def test_a_homophone_finds_the_title(self, engine):
        wanted = make_document("中华人民共和国商标法")
        engine.write([wanted, make_document("电梯安全条例")], refresh=True)
        assert found_ids(engine, "商表法")[:1] == [wanted.id]

    def test_an_everyday_word_finds_the_official_one(self, engine):
        wanted = make_document("反家庭暴力条例", "预防和制止家庭暴力")
        engine.write([wanted, make_document("电梯安全条例")], refresh=True)
        assert found_ids(engine, "家暴")[:1] == [wanted.id]

    def test_a_single_character_and_a_latin_word_find(self, engine):
        one, two = make_document("龙"), make_document("关于VIP卡的通知", "持有VIP卡的旅客")
        engine.write([one, two, make_document("电梯安全条例")], refresh=True)
        assert one.id in found_ids(engine, "龙")
        assert two.id in found_ids(engine, "vip")

    def test_the_region_of_a_document_counts(self, engine):
        here = make_document("湿地保护条例", region_name="山东省 东营市")
        there = make_document("湿地保护条例", region_name="浙江省 杭州市")
        engine.write([there, here], refresh=True)
        assert found_ids(engine, "东营 湿地")[0] == here.id

    def test_what_is_not_there_is_not_found(self, engine):
        engine.write([make_document("供热管理办法")], refresh=True)
        assert found_ids(engine, "火星移民") == []

    def test_an_emoji_in_a_title_does_no_harm(self, engine):
        wanted = make_document("雪博会开幕👍🎉", "热闹\x00非凡")
        assert engine.write([wanted], refresh=True) == {wanted.id: None}
        assert found_ids(engine, "雪博会👍") == [wanted.id]

    def test_any_query_ends_well(self, engine):
        engine.write([make_document("供热管理办法")], refresh=True)
        for typed in NASTY:
            page = ask(engine, typed)
            assert page.total >= len(page.hits), typed[:40]

    def test_words_that_stand_somewhere_are_told(self, engine):
        engine.write([make_document("证券法", "集中供热")], refresh=True)
        assert engine.occurring(["证券法", "证卷法", "供热", ""]) >= {"证券法", "供热"}
        assert "证卷法" not in engine.occurring(["证卷法"])


class TestVersions:
    def test_a_newer_version_replaces(self, engine):
        old = make_document("旧标题供热", version=1)
        new = make_document("新标题燃气", id=old.id, version=2)
        engine.write([old], refresh=True)
        engine.write([new], refresh=True)
        assert found_ids(engine, "供热") == []
        assert found_ids(engine, "燃气") == [old.id]

    def test_an_older_version_is_dropped_without_an_error(self, engine):
        new = make_document("新标题燃气", version=2)
        engine.write([new], refresh=True)
        assert engine.write([make_document("旧标题供热", id=new.id, version=1)], refresh=True) == {new.id: None}
        assert found_ids(engine, "燃气") == [new.id]
        assert found_ids(engine, "供热") == []

    def test_the_same_version_may_be_written_again(self, engine):
        document = make_document("供热", version=3)
        engine.write([document], refresh=True)
        engine.write([make_document("供热", id=document.id, version=3, site="beta")], refresh=True)
        assert ask(engine, "供热").counts["site"] == {"beta": 1}

    def test_a_tombstone_takes_out_and_a_late_older_document_does_not_revive(self, engine):
        document = make_document("供热", version=5)
        engine.write([document], refresh=True)
        assert engine.write([Tombstone(document.id, 6)], refresh=True) == {document.id: None}
        assert found_ids(engine, "供热") == []
        engine.write([document], refresh=True)
        assert found_ids(engine, "供热") == []
        assert engine.count() == 0

    def test_a_tombstone_may_come_before_its_document(self, engine):
        document = make_document("供热", version=5)
        engine.write([Tombstone(document.id, 6)], refresh=True)
        engine.write([document], refresh=True)
        assert found_ids(engine, "供热") == []

    def test_after_a_tombstone_a_newer_version_is_found_again(self, engine):
        document = make_document("供热", version=5)
        engine.write([Tombstone(document.id, 6)], refresh=True)
        engine.write([make_document("供热", id=document.id, version=7)], refresh=True)
        assert found_ids(engine, "供热") == [document.id]

    def test_a_late_tombstone_does_not_take_out_a_newer_document(self, engine):
        document = make_document("供热", version=7)
        engine.write([document], refresh=True)
        engine.write([Tombstone(document.id, 6)], refresh=True)
        assert found_ids(engine, "供热") == [document.id]

    def test_many_writes_in_one_go_and_an_empty_one(self, engine):
        documents = [make_document(f"供热通告第{number}期", "正文" * 2000) for number in range(450)]
        assert set(engine.write(iter(documents), refresh=True).values()) == {None}
        assert engine.count() == 450
        assert engine.write([]) == {}

    def test_two_writes_of_one_document_in_one_go_leave_the_newer(self, engine):
        first = make_document("供热", version=1)
        engine.write([first, make_document("燃气", id=first.id, version=2)], refresh=True)
        assert found_ids(engine, "燃气") == [first.id]
        assert engine.count() == 1


class TestNarrowing:
    @pytest.fixture
    def filled(self, engine):
        long_ago = PUBLISHED_AT - timedelta(days=400)
        documents = {
            "1": make_document("供热一", site="alpha", column="zcwj"),
            "2": make_document("供热二", site="beta", column_class="static"),
            "3": make_document("供热三", site="beta", published_at=long_ago),
        }
        engine.write(documents.values(), refresh=True)
        self.numbers = {document.id: number for number, document in documents.items()}
        return engine

    def names(self, engine, **fields):
        return {self.numbers[pk] for pk in found_ids(engine, "供热", **fields)}

    def test_sites_that_are_not_public_are_neither_found_nor_counted(self, filled):
        page = ask(filled, "供热", public_sites=frozenset({"alpha"}))
        assert [self.numbers[hit.id] for hit in page.hits] == ["1"]
        assert page.counts["site"] == {"alpha": 1}
        assert page.total == 1

    def test_without_any_public_site_nothing_is_found(self, filled):
        assert ask(filled, "供热", public_sites=frozenset()).total == 0

    def test_site_column_class_and_time_narrow(self, filled):
        assert self.names(filled, sites=frozenset({"beta"})) == {"2", "3"}
        assert self.names(filled, sites=frozenset()) == set()
        assert self.names(filled, column="zcwj") == {"1"}
        assert self.names(filled, column_class="static") == {"2"}
        assert self.names(filled, since=PUBLISHED_AT - timedelta(days=1)) == {"1", "2"}
        assert self.names(filled, until=PUBLISHED_AT - timedelta(days=1)) == {"3"}
        assert self.names(filled, since=PUBLISHED_AT, until=PUBLISHED_AT) == set()
        assert self.names(filled, sites=frozenset({"beta"}), column_class="realtime") == {"3"}

    def test_a_facet_counts_without_its_own_filter_but_with_the_others(self, filled):
        page = ask(filled, "供热", sites=frozenset({"beta"}))
        assert page.total == 2
        assert page.counts["site"] == {"alpha": 1, "beta": 2}
        assert page.counts["year"] == {"2026": 1, "2025": 1}
        assert page.counts["column_class"] == {"static": 1, "realtime": 1}

    def test_facets_without_filters(self, filled):
        counts = ask(filled, "供热").counts
        assert counts["site"] == {"alpha": 1, "beta": 2}
        assert counts["column"] == {"zcwj": 1, "dtyw": 2}
        assert counts["year"] == {"2026": 2, "2025": 1}

    def test_the_year_is_that_of_chinese_time(self, engine):
        new_year = datetime(2026, 1, 1, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        engine.write([make_document("供热", published_at=new_year.astimezone(UTC))], refresh=True)
        assert ask(engine, "供热").counts["year"] == {"2026": 1}

    def test_pages_follow_one_another(self, engine):
        documents = [
            make_document(f"供热{number}", published_at=PUBLISHED_AT + timedelta(days=number)) for number in range(25)
        ]
        engine.write(documents, refresh=True)
        pages = [found_ids(engine, "供热", offset=offset, sort=Sort.TIME) for offset in (0, 10, 20, 30)]
        assert [len(page) for page in pages] == [10, 10, 5, 0]
        assert [pk for page in pages for pk in page] == [document.id for document in reversed(documents)]
        assert ask(engine, "供热", limit=10).total == 25

    def test_by_time_the_newest_comes_first_and_junk_stays_out(self, engine):
        old = make_document("供热收费标准公告", published_at=PUBLISHED_AT - timedelta(days=30))
        new = make_document("供热收费标准调整", published_at=PUBLISHED_AT)
        junk = make_document("停水公告", published_at=PUBLISHED_AT + timedelta(days=1))
        engine.write([old, new, junk], refresh=True)
        assert found_ids(engine, "供热收费标准", sort=Sort.TIME) == [new.id, old.id]


class TestKeeping:
    def test_the_walk_meets_every_document_once_in_order(self, engine):
        documents = [make_document(f"供热{number}", version=number + 1) for number in range(7)]
        gone = Tombstone(make_document("x").id, 3)
        engine.write([*documents, gone], refresh=True)
        met, after = [], ""
        while batch := engine.scan(after, 3):
            met += batch
            after = batch[-1].id
        assert [entry.id for entry in met] == sorted(document.id for document in documents)
        assert {(entry.id, entry.version, entry.digest) for entry in met} == {
            (document.id, document.version, document.digest) for document in documents
        }

    def test_forgotten_entries_are_gone_and_others_stay(self, engine):
        one, two = make_document("供热一"), make_document("供热二", version=99)
        engine.write([one, two], refresh=True)
        engine.forget([two.id])
        engine.forget([])
        engine.refresh()
        assert engine.count() == 1
        assert found_ids(engine, "供热") == [one.id]
