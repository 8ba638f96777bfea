"""Every text fits every site that may show it, says that it is a demonstration, and names nobody."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from cluster.resources.extraction import ExtractionState, extract_text
from cluster.subsites.models import SiteKind, Subsite
from sites.content.demo import sources
from sites.content.demo.dates import BEIJING, publication_times, season_of
from sites.content.demo.files import file_bytes
from sites.content.demo.pictures import landscape
from sites.content.demo.voice import voice_of
from sites.content.demo.writing import Filler

ODD_SITES = [
    "province",
    "harbin",
    "daxinganling",
    "duerbotemengguzu",
    "suifenhe",
    "bangongting",
    "jyt",
    "fgw",
    "cl",
    "zgh",
    "zwfwzx",
]
YEAR = [datetime(2026, month, 15, 3, tzinfo=UTC) for month in range(1, 13)]


def site_of(code: str) -> Subsite:
    """Make an unsaved site from its line in the list."""
    if code == "unlisted":  # a department of which fields.toml knows nothing
        return Subsite(code=code, name="黑龙江省某某局", kind=SiteKind.DEPARTMENT)
    line = next(line for line in sources.site_lines("province") if line.code == code)
    return Subsite(code=line.code, name=line.name, kind=line.kind)


@pytest.mark.parametrize("code", ODD_SITES)
def test_no_gap_stays_open(code: str) -> None:
    """In every month all texts for the site are filled, and no name or figure is missing."""
    voice = voice_of(site_of(code))
    for moment in YEAR:
        for templates in sources.templates().values():
            for template in templates:
                if template.suits(voice.kind, season_of(moment)):
                    filler = Filler(voice, moment, Random(1), column="栏目")
                    parts = (template.title, template.text, template.issuer, template.doc_no)
                    assert "{" not in "".join(filler.fill(part) for part in parts), template.title


def test_figures_with_a_number_agree_and_others_may_differ() -> None:
    """A headline and its article tell the same figure."""
    filler = Filler(voice_of(site_of("harbin")), YEAR[5], Random(2))
    first, second = filler.fill("{n1:1-99999}"), filler.fill("{n1:1-99999}")
    assert first == second
    assert len({filler.fill("{n:1-99999}") for _ in range(20)}) > 1


@pytest.mark.parametrize("kind", ["province", "city", "county", "department", "body"])
def test_every_column_of_a_kind_has_texts_of_its_own(kind: str) -> None:
    """At least three in every season, six for news; columns fed by other sites need none."""
    folder = Path(settings.BASE_DIR) / "templates" / "columns"
    plan = tomllib.loads((folder / f"{kind}.toml").read_text())
    fed = {code for code, words in plan.get("override", {}).items() if words.get("fed_by")}
    parents = {"zc"}  # lists what stands in its sub-columns
    for code in set(plan["columns"]) - fed - parents:
        for season in ("winter", "spring", "summer", "autumn"):
            fitting = [text for text in sources.templates().get(code, ()) if text.suits(kind, season)]
            assert len(fitting) >= (6 if code in {"dtyw", "tzgg"} else 3), (code, season)


def test_telephones_and_numbers_are_plainly_invented() -> None:
    """No text names a real telephone, identity number or document number."""
    for templates in sources.templates().values():
        for template in templates:
            assert not re.search(r"\d{7,}|1[3-9]\d{9}|12345", template.text), template.title
            assert not template.doc_no or "演" in template.doc_no


def test_list_of_sites() -> None:
    """The province has 113 sites and the console, the small cluster twelve, parents before their children."""
    small, whole = sources.site_lines("demo"), sources.site_lines("province")
    assert (len(small), len(whole)) == (13, 114)
    assert {line.code for line in small[:-1]} == set(sources.SMALL_CLUSTER)
    for lines in (small, whole):
        seen = {""}
        for line in lines:
            assert line.parent in seen
            seen.add(line.code)
    assert [line.kind for line in small].count(SiteKind.CITY) == 3


@pytest.mark.parametrize(("name", "words"), [
    ("黑龙江省人民政府", {"chief": "省长", "zf": "省政府", "office": "黑龙江省人民政府办公厅", "name": "黑龙江省政府"}),
    ("大兴安岭地区行政公署", {"chief": "专员", "zf": "行署", "short": "大兴安岭", "name": "大兴安岭地区行署"}),
    ("杜尔伯特蒙古族自治县人民政府", {"chief": "县长", "zf": "县政府", "short": "杜尔伯特"}),
    ("五常市人民政府", {"chief": "市长", "short": "五常", "place": "五常市"}),
])  # fmt: skip
def test_portals_speak_as_they_should(name: str, words: dict[str, str]) -> None:
    """Titles follow from the name of the place."""
    kind = {"黑": SiteKind.PROVINCE, "大": SiteKind.CITY}.get(name[0], SiteKind.COUNTY)
    voice = voice_of(Subsite(code="x", name=name, kind=kind))
    assert {key: voice.words[key] for key in words} == words


def test_times_lie_in_office_hours_and_never_ahead() -> None:
    """News is fresh, in order, on working days."""
    for day in range(14):
        now = datetime(2026, 11, 9, 0, 5, tzinfo=UTC) + timedelta(days=day, hours=day)
        times = publication_times("dtyw", 12, now, Random(day))
        assert times == sorted(times, reverse=True)
        assert len(set(times)) == len(times)
        assert now - timedelta(days=5) < times[0] < now
        assert all(moment.weekday() < 5 and 9 <= moment.astimezone(BEIJING).hour <= 16 for moment in times)


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf", "txt"])
def test_files_are_readable_by_the_worker(tmp_path: Path, kind: str) -> None:
    """Generated attachments are what they say, and their words are found."""
    path = tmp_path / "stored"
    path.write_bytes(file_bytes(kind, "演示附件标题", ["第一行文字", "附表编号：演示五常123", "很长的一行" * 30]))
    found = extract_text(path, f"附件.{kind}")
    assert found.state == ExtractionState.DONE, found.reason
    for words in ("演示附件标题", "第一行文字", "演示五常123", "很长的一行" * 30):
        assert words in found.text


def test_pictures_differ_and_say_what_they_show() -> None:
    """Painted once, the same number gives the same picture."""
    first, second = landscape(0), landscape(1)
    assert first[0] != second[0]
    assert first == landscape(0)
    assert all(alt and "图片" not in alt for _, alt in (first, second))
