"""Compose the demonstration articles of one column: words, times, pictures, attachments.

Called by `planting` inside the site; gives unsaved ArticlePages and the files they ask for.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice

from sites.columns.models import ColumnPage
from sites.content.demo import media, sources
from sites.content.demo.dates import publication_times, season_of
from sites.content.demo.markup import blocks_of, kind_of, plain_lines
from sites.content.demo.sources import Template
from sites.content.demo.voice import Voice
from sites.content.demo.writing import Filler
from sites.content.models import ArticlePage

NOTICE = "（本文为系统演示而编写，所述机构活动、人物、数字、文号和电话均为虚构。）"
# What an attachment says beyond its page, so that search is seen to look inside.
ANNEX = """
附表编号：演示{short}{n:100-999}　责任单位：{village}
| 组别 | 办理事项 | 计划 | 完成 |
| 甲组 | {topic} | {n:10-90}项 | {n:5-9}0% |
| 乙组 | {topic2} | {n:10-90}项 | {n:5-9}0% |
| 丙组 | {topic3} | {n:10-90}项 | {n:5-9}0% |
"""
# Each file costs the worker a quarter of a second in its first minutes, so not every text gets its own.
FILE_SHARE = 0.5
SHORTEST_LEAD = 20
NEWS = {"dtyw", "tzgg"}
WELL_READ = {"zcwj", "zcjd", "hfxd"}


@dataclass(frozen=True)
class Amount:
    """How many items a column gets, whether with pictures and files, and whether the site gets all papers or the few."""

    news: int
    others: int
    has_files: bool
    has_all_papers: bool = True

    def of(self, column: str) -> int:
        """Give the number for a column: most for news, then what people read most."""
        if column in NEWS:
            return self.news
        return max(self.others, self.news // 2) if column in WELL_READ else self.others


FULL = Amount(news=12, others=4, has_files=True)
SOBER = Amount(news=4, others=1, has_files=False, has_all_papers=False)


@dataclass(frozen=True)
class Draft:
    """An unsaved article, and the file that is to be attached to it."""

    article: ArticlePage
    file: media.FileOrder | None


def compose(voice: Voice, column: ColumnPage, amount: Amount, now: datetime) -> list[Draft]:
    """Write the articles of a column, oldest first, so that the newest is the last in the tree, too."""
    chance = _chance(voice.code, column.code)
    chosen = list(_chosen(voice, column.code, amount.of(column.code), season_of(now), chance))
    times = publication_times(column.code, len(chosen), now, chance)
    drafts = []
    for number, (template, moment) in enumerate(zip(chosen, reversed(times), strict=True)):
        chance = _chance(voice.code, column.code, number)
        filler = Filler(voice, moment, chance, column=column.title)
        text = filler.fill(template.text)
        article = _article(template, text, filler, voice, moment, number)
        if template.image and amount.has_files:
            article.lead_image, article.lead_image_alt = media.picture(chance.randrange(media.PICTURES))
        file = None
        if template.file and amount.has_files and chance.random() < FILE_SHARE:
            file = _file(article, column.code, template, text + filler.fill(ANNEX), chance)
        drafts.append(Draft(article, file))
    return drafts


def _chosen(voice: Voice, column: str, count: int, season: str, chance: random.Random) -> Iterator[Template]:
    """Choose texts that fit the site and the season, each once; news may come twice, with other words in its gaps."""
    found = sources.templates()
    fitting = [template for template in found.get(column, ()) if template.suits(voice.kind, season)]
    fitting = fitting or [template for template in found["general"] if template.suits(voice.kind, season)]
    chance.shuffle(fitting)
    return islice(cycle(fitting), min(count, len(fitting) * (2 if column in NEWS else 1)))


def _article(template: Template, text: str, filler: Filler, voice: Voice, moment: datetime, number: int) -> ArticlePage:
    title, issuer = filler.fill(template.title), filler.fill(template.issuer)
    body = [*blocks_of(text), {"type": "paragraph", "value": f"<p>{NOTICE}</p>"}]
    lead = next(filter(is_lead, text.strip().splitlines()), title)
    is_document = bool(template.doc_no)
    return ArticlePage(
        title=title,
        slug=f"t{moment:%Y%m%d}-{number + 1:02d}",
        body=json.dumps(body, ensure_ascii=False),
        summary=shortened(lead),
        source=f"{issuer or voice.words['organ']}（演示）",
        author="演示编辑",
        published_at=moment,
        keywords="演示",
        issuer=issuer,
        doc_no=[filler.fill(template.doc_no)] if is_document else [],
        pub_date=moment.date() if is_document else None,
        is_current=True if is_document else None,
    )


def is_lead(line: str) -> bool:
    """Tell whether a line can stand for the whole: neither a salutation nor a heading nor a row of a table."""
    return kind_of(line) == "paragraph" and len(line) >= SHORTEST_LEAD and not line.endswith("：")


def _file(article: ArticlePage, column: str, template: Template, text: str, chance: random.Random) -> media.FileOrder:
    kind = chance.choice(("docx", "docx", "txt")) if template.file == "docx" else template.file
    lines = (*plain_lines(text), NOTICE)
    return media.FileOrder(title=f"{article.title}（附件）", name=f"{column}-{article.slug}", kind=kind, lines=lines)


def shortened(text: str, length: int = 90) -> str:
    """Cut a line to the length of a summary."""
    return text if len(text) <= length else text[:length].rstrip("，、；") + "……"


def _chance(*parts: object) -> random.Random:
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - words of a demonstration, repeatable
