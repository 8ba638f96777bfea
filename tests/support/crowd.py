"""Many articles at once and the file of an import, for tests in which something is killed in the middle of much work."""

import json
from pathlib import Path

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from sites.content.services import publish_articles
from tests.support.articles import column_of


def publish_crowd(site: Subsite, word: str, count: int, *, column: str = "dtyw") -> list[int]:
    """Publish so many short articles that all hold the word; return their page ids."""
    with in_site(site):
        articles = [
            ArticlePage(
                title=f"{word}{site.code}第{number}号公告",
                source=site.name,
                body=[("paragraph", f"<p>{word}的内容，编号{number}。</p>")],
            )
            for number in range(count)
        ]
        return publish_articles(column_of(column), articles)


def import_record(word: str, number: int, **changes: object) -> str:
    """Return a line of an import: a good record that holds the word, but for the changes."""
    record = {
        "id": f"{word}-{number}",
        "title": f"{word}第{number}号规定",
        "category": "地方性法规",
        "level": "provincial",
        "region": "黑龙江省",
        "pub_date": "2024-05-01",
        "issuer": "黑龙江省人民代表大会常务委员会",
        "doc_no": [],
        "is_current": True,
        "body": f"第一条　{word}，编号{number}。\n第二条　本规定自公布之日起施行。",
    }
    # As ASCII, half a sign can be written, too.
    return json.dumps(record | changes)


def write_import_file(path: Path, word: str, count: int) -> set[str]:
    """Write a JSONL file of so many good records that all hold the word; return their source ids."""
    path.write_text("".join(f"{import_record(word, number)}\n" for number in range(count)), encoding="utf-8")
    return {f"{word}-{number}" for number in range(count)}
