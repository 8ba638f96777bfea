"""Measure how good the search is, by judged queries. Called by search_eval; pure but for the search it is given.

nDCG with gain 2^grade - 1 and discount log2(rank + 1), against the best order of the judged documents; documents that
nobody judged count as grade 0. MRR counts the first result of any positive grade, recall the judged ones of a positive
grade among the first fifty, zero the share of queries without any result.
"""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

RECALL_AT = 50


class BadQueriesFile(Exception):
    """A line of the file cannot be read; the message names it."""


@dataclass(frozen=True)
class JudgedQuery:
    """One query and the grades of the documents that answer it, by source id."""

    qid: str
    type: str
    query: str
    relevant: dict[str, int]


@dataclass(frozen=True)
class Score:
    """How one query, or on average many, came out."""

    ndcg: float
    mrr: float
    recall: float
    zero: float


def read_queries(path: Path) -> list[JudgedQuery]:
    """Return the queries of a JSONL file; raises BadQueriesFile, OSError."""
    queries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            relevant = {str(pk): int(grade) for pk, grade in row["relevant"].items()}
            queries.append(JudgedQuery(str(row["qid"]), str(row.get("type", "")), str(row["query"]), relevant))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadQueriesFile(f"第 {number} 行不是一条查询（需要 qid、query、relevant）：{error}") from error
    if not queries:
        raise BadQueriesFile("文件里没有查询。")
    return queries


def score_of(found: Sequence[str], relevant: dict[str, int], k: int) -> Score:
    """Return the score of one ranking."""
    grades = [relevant.get(pk, 0) for pk in found]
    ideal = _dcg(sorted(relevant.values(), reverse=True)[:k])
    wanted = {pk for pk, grade in relevant.items() if grade > 0}
    first = next((rank for rank, grade in enumerate(grades, start=1) if grade > 0), None)
    return Score(
        ndcg=_dcg(grades[:k]) / ideal if ideal else 0.0,
        mrr=1 / first if first else 0.0,
        recall=len(wanted & set(found[:RECALL_AT])) / len(wanted) if wanted else 0.0,
        zero=float(not found),
    )


def _dcg(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def mean(scores: Sequence[Score]) -> Score:
    """Return the average of scores."""
    count = len(scores)
    return Score(
        ndcg=sum(score.ndcg for score in scores) / count,
        mrr=sum(score.mrr for score in scores) / count,
        recall=sum(score.recall for score in scores) / count,
        zero=sum(score.zero for score in scores) / count,
    )


def evaluate(
    queries: Sequence[JudgedQuery], search: Callable[[str], Sequence[str]], k: int, advance: Callable[[], None]
) -> dict[str, list[Score]]:
    """Return the scores by type of query, in the order of the file."""
    scores: dict[str, list[Score]] = defaultdict(list)
    for judged in queries:
        scores[judged.type].append(score_of(search(judged.query), judged.relevant, k))
        advance()
    return scores


def summary(score: Score, k: int) -> str:
    """Return the one line of JSON that other programs read."""
    figures = {f"ndcg@{k}": score.ndcg, "mrr": score.mrr, f"recall@{RECALL_AT}": score.recall, "zero": score.zero}
    return json.dumps({name: round(value, 4) for name, value in figures.items()})
