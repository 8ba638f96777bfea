"""manage.py search_eval FILE: measure the search by judged queries; the last line is JSON."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from cluster.subsites.commanding import ClusterCommand
from search.engine import elasticsearch_engine, engine_named, postgres_engine
from search.engines.base import EngineUnavailable
from search.evaluation import BadQueriesFile, Score, evaluate, mean, read_queries, summary
from search.queries import found_source_ids


class Command(ClusterCommand):
    """Run every query of the file and compare what is found with the judgments."""

    help = "用评判过的查询测量检索质量；最后一行是 JSON"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the engine and the depth."""
        parser.add_argument("file", type=Path, help="每行一条：{qid, type, query, relevant: {来源编号: 等级}}")
        parser.add_argument("--engine", choices=["elasticsearch", "postgres"], help="默认为正在使用的引擎")
        parser.add_argument("--k", type=int, default=10, help="nDCG 计到第几条（默认 10，最多 50）")

    def work(self, **options: Any) -> str | None:
        """Print one line per type of query, then the JSON line."""
        k = options["k"]
        if not 1 <= k <= 50:
            raise CommandError("--k 应在 1 到 50 之间。")
        default = elasticsearch_engine() or postgres_engine()
        try:
            engine = engine_named(options["engine"]) if options["engine"] else default
            queries = read_queries(options["file"])
            with self.progress("评测", len(queries)) as advance:
                scores = evaluate(queries, lambda text: found_source_ids(text, engine, 50), k, advance)
        except (LookupError, BadQueriesFile) as error:
            raise CommandError(str(error)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"无法读取 {options['file']}：{error}") from error
        except EngineUnavailable as error:
            raise CommandError(f"检索引擎没有回答：{error}") from error
        self._report(engine.name, scores, k)
        return None

    def _report(self, engine: str, scores: dict[str, list[Score]], k: int) -> None:
        self.stdout.write(f"引擎 {engine}")
        for kind, some in sorted(scores.items()):
            average = mean(some)
            self.stdout.write(f"{kind:12} {len(some):4} 条  nDCG@{k} {average.ndcg:.3f}  MRR {average.mrr:.3f}")
        self.stdout.write(summary(mean([score for some in scores.values() for score in some]), k))
