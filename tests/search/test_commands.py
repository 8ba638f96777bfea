"""search_eval and search_rebuild from the command line: what they print, and one sentence for whatever is wrong."""

import json

import pytest
from django.core.management import CommandError, call_command

from search.gather import writes_for
from tests.search.builders import make_row

QUERIES = [
    {"qid": "1", "type": "short", "query": "供热", "relevant": {"heat": 3}},
    {"qid": "2", "type": "trad", "query": "電梯", "relevant": {"lift": 3}},
    {"qid": "3", "type": "short", "query": "火星移民", "relevant": {"heat": 1}},
]


@pytest.fixture
def queries(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text("\n".join(json.dumps(query, ensure_ascii=False) for query in QUERIES), encoding="utf-8")
    return path


@pytest.fixture
def rows(engine, alpha, beta):
    made = [make_row(alpha, "供热条例", source_id="heat"), make_row(beta, "电梯安全条例", source_id="lift")]
    engine.write(writes_for(made), refresh=True)
    return made


def test_the_last_line_of_the_evaluation_is_json(engine, rows, queries, capsys):
    call_command("search_eval", str(queries), engine=engine.name)
    lines = capsys.readouterr().out.strip().splitlines()
    assert json.loads(lines[-1]) == {"ndcg@10": 0.6667, "mrr": 0.6667, "recall@50": 0.6667, "zero": 0.3333}
    assert lines[0] == f"引擎 {engine.name}"


def test_the_engine_in_use_is_measured_by_default(engine, rows, queries, capsys):
    call_command("search_eval", str(queries))
    assert capsys.readouterr().out.startswith(f"引擎 {engine.name}")


@pytest.mark.parametrize("content", ["{kaputt", "", "\xff"])
def test_a_bad_file_is_one_sentence(only_postgres, db, tmp_path, content):
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CommandError):
        call_command("search_eval", str(path))


def test_a_missing_file_and_a_missing_engine_are_one_sentence(only_postgres, db, queries):
    with pytest.raises(CommandError, match="无法读取"):
        call_command("search_eval", "/gibt/es/nicht.jsonl")
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        call_command("search_eval", str(queries), engine="elasticsearch")


def test_the_table_is_rebuilt_from_the_command_line(only_postgres, alpha, capsys):
    make_row(alpha, "供热条例")
    call_command("search_rebuild")
    assert "postgres：重建完成，共 1 条。" in capsys.readouterr().out


def test_rebuilding_what_is_not_configured_is_one_sentence(only_postgres, db):
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        call_command("search_rebuild", engine="elasticsearch")
