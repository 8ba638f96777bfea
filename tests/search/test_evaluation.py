"""The measure itself: known rankings have known scores."""

import json
import math

import pytest

from search.evaluation import BadQueriesFile, evaluate, mean, read_queries, score_of, summary

RELEVANT = {"a": 3, "b": 2, "c": 1}


def test_the_best_order_scores_one():
    score = score_of(["a", "b", "c", "x"], RELEVANT, 10)
    assert (score.ndcg, score.mrr, score.recall, score.zero) == (1.0, 1.0, 1.0, 0.0)


def test_a_worse_order_scores_less_by_the_formula():
    score = score_of(["x", "a"], RELEVANT, 10)
    ideal = 7 + 3 / math.log2(3) + 1 / 2
    assert score.ndcg == pytest.approx((7 / math.log2(3)) / ideal)
    assert (score.mrr, score.recall) == (0.5, pytest.approx(1 / 3))


def test_nothing_found_scores_nothing():
    score = score_of([], RELEVANT, 10)
    assert (score.ndcg, score.mrr, score.recall, score.zero) == (0.0, 0.0, 0.0, 1.0)


def test_the_last_line_is_what_other_programs_read():
    line = summary(mean([score_of(["a", "b", "c"], RELEVANT, 10), score_of([], RELEVANT, 10)]), 10)
    assert json.loads(line) == {"ndcg@10": 0.5, "mrr": 0.5, "recall@50": 0.5, "zero": 0.5}


def test_a_file_is_read_and_evaluated(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text(json.dumps({"qid": "1", "type": "short", "query": "供热", "relevant": RELEVANT}) + "\n\n")
    queries = read_queries(path)
    scores = evaluate(queries, lambda text: ["a"], 10, lambda: None)
    assert scores["short"][0].mrr == 1.0


@pytest.mark.parametrize("text", ["{", "[]", '{"qid": 1}', '{"qid": "1", "query": "x", "relevant": {"a": "gut"}}', ""])
def test_a_broken_file_names_the_line(tmp_path, text):
    path = tmp_path / "queries.jsonl"
    path.write_text(text)
    with pytest.raises(BadQueriesFile):
        read_queries(path)
