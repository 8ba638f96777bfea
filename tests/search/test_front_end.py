"""The query front end, alone: folding, document numbers, pinyin, question words, everyday words."""

import pytest

from search.docnumbers import number_keys
from search.normalize import fold_query, fold_text
from search.parsing import MAX_QUERY_LENGTH, parse_query
from search.pinyin import initials_of, split_syllables, syllable_pairs, syllables_of
from search.vocabulary import everyday_words, official_terms


class TestFolding:
    @pytest.mark.parametrize(
        ("typed", "folded"),
        [
            ("歷史文化名城保護", "历史文化名城保护"),
            ("ＡＢＣ１２３", "abc123"),
            ("  供热\t 条例\n", "供热 条例"),
            ("供\u200b热", "供热"),
            ("a\x00b", "a b"),
            ("供\ud800热", "供 热"),
            ("⼈民", "人民"),
            ("", ""),
        ],
    )
    def test_one_form_for_every_way_of_writing(self, typed, folded):
        assert fold_query(typed) == folded

    def test_a_text_keeps_its_length_so_that_positions_stay(self):
        text = "\x00歷史１２３\u200b👍⼈\ud800" * 3
        assert len(fold_text(text)) == len(text)
        assert "历史123" in fold_text(text)

    def test_a_plain_text_comes_back_as_it_is(self):
        text = "普通的一段话，没有需要折叠的字。"
        assert fold_text(text) is text


class TestDocumentNumbers:
    @pytest.mark.parametrize(
        ("spelled", "key"),
        [
            ("国办发〔2017〕47号", "国办发|2017|47"),
            ("国办发[2017]47号", "国办发|2017|47"),
            ("国办发（2017）第47号", "国办发|2017|47"),
            ("国办发 2017 47号", "国办发|2017|47"),
            ("法释【2020】17", "法释|2020|17"),
            ("黑政办规〔2021〕15 号", "黑政办规|2021|15"),
            ("中华人民共和国国务院令第427号", "国务院令|427"),
            ("国务院令427号", "国务院令|427"),
            ("国务院 457号令", "国务院令|457"),
            ("国令第732号", "国务院令|732"),
            ("中华人民共和国主席令第七十三号", "主席令|73"),
            ("主席令第二〇三号", "主席令|203"),
        ],
    )
    def test_every_spelling_has_one_key(self, spelled, key):
        assert number_keys(fold_query(spelled)) == number_keys(spelled) == [key]

    @pytest.mark.parametrize("text", ["公司法 2018", "120急救", "2026年5月1日放假", "第一号", "", "号", "〔〕号"])
    def test_other_numbers_are_no_document_numbers(self, text):
        assert number_keys(text) == []


class TestPinyin:
    def test_phrases_read_otherwise_than_their_characters(self):
        assert syllables_of("重庆银行") == ["chong", "qing", "yin", "hang"]
        assert syllables_of("行人重视") == ["xing", "ren", "zhong", "shi"]

    def test_latin_words_stay_and_punctuation_goes(self):
        assert syllables_of("《B股》2018") == ["b", "gu", "2018"]

    @pytest.mark.parametrize(
        ("typed", "split"),
        [
            ("lvyoufa", ("lv", "you", "fa")),
            ("lüyou", ("lv", "you")),
            ("bingyi fa", ("bing", "yi", "fa")),
            ("xi'an", ("xi", "an")),
        ],
    )
    def test_letters_are_split_into_the_fewest_syllables(self, typed, split):
        assert split_syllables(typed)[0] == split

    def test_both_readings_of_an_ambiguous_word_are_kept(self):
        assert set(split_syllables("fangan")) == {("fang", "an"), ("fan", "gan")}

    @pytest.mark.parametrize("typed", ["hello", "zfgb", "a" * 5000, "", "'", "供热"])
    def test_what_is_no_pinyin_is_not_split(self, typed):
        assert split_syllables(typed) == ()

    def test_pairs_and_initials(self):
        assert syllable_pairs(["gong", "re", "fa"]) == ["gong|re", "re|fa"]
        assert initials_of(["gong", "re", "fa"]) == "grf"


class TestParsing:
    def test_question_words_go(self):
        assert parse_query("村委会怎么选举").parts == ("村委会", "选举")

    def test_a_query_of_question_words_keeps_them(self):
        assert parse_query("怎么办").parts == ("怎么办",)

    def test_a_document_number_is_recognised(self):
        assert parse_query("法释〔2023〕6号").doc_numbers == ("法释|2023|6",)

    def test_letters_are_read_as_pinyin_and_as_initials(self):
        assert parse_query("LvYou").spellings == (("lv", "you"),)
        assert parse_query("zfgb").letters == "zfgb"
        assert parse_query("vip 2026").letters == ""

    def test_everyday_words_bring_the_official_ones(self):
        assert "家庭暴力" in parse_query("老公打人家暴").terms
        assert parse_query("家庭暴力").terms == ()

    @pytest.mark.parametrize("typed", ["", "   ", "***", "\x00", "？！", "👍🎉", '"', "()", "\ud83d", "_"])
    def test_nothing_searchable_is_said_to_be_empty(self, typed):
        assert parse_query(typed).is_empty

    @pytest.mark.parametrize("typed", ["供热" * 5000, "a" * 10_000, "供 热 " * 3000, "\ufdfa" * 300])
    def test_a_long_query_is_cut(self, typed):
        query = parse_query(typed)
        assert 0 < len(query.text) <= MAX_QUERY_LENGTH

    def test_query_syntax_is_only_text(self):
        assert parse_query('供热* AND "条例" a:b -c/d').parts == ("供热", "and", "条例", "a", "b", "c", "d")


class TestVocabulary:
    def test_the_file_is_sound(self):
        table = everyday_words()
        assert len(table) > 200
        for word, official in table.items():
            assert official, word
            assert fold_query(word) == word
            assert all(fold_query(term) == term for term in official)

    def test_the_longest_everyday_word_decides(self):
        assert official_terms("宅基地盖房子")
        assert "环境噪声" not in official_terms("装修公司")
        assert official_terms("装修扰民") == ("环境噪声", "住宅室内装饰装修")
