"""Rules about official documents (R16–R20): catalogue fields, numbers, the limit of disclosure, interpretations.

Each asks the registry in one query for all sites, among the pages whose type is that of a document.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from cluster.column_templates.checks import DOCUMENT_KINDS
from cluster.column_templates.vocabulary import Companion
from cluster.inspection.facts import Facts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules.asking import Demand, RegistryRule
from cluster.inspection.verdict import Grade, Verdict
from cluster.workdays.calendar import ONE_DAY, WorkCalendar

Columns = Mapping[int, list[ColumnVerdict]]
DISCLOSURE = "《政府信息公开条例》"
DISCLOSURE_WORKDAYS = 20
# Twenty working days never take longer than this, whatever the holidays.
LONGEST_SPELL = 60
# Standards part 3: full name of the organ's sign, year in 〔〕, number without a leading nought.
NUMBER_FORM = r"^[\u4e00-\u9fa5]{2,12}〔(19|20)\d{2}〕[1-9]\d{0,3}号$"
INDEX_FORM = r"^(\d{10}|bm\d{8}|[0-9A-Z]{8}[0-9X]|[0-9A-HJ-NPQRTUWXY]{18})/(19|20)\d{2}(0[1-9]|1[0-2])?-\d{5}$"
DOCUMENTS = "r.page_type = %(document)s"
THE_DOCUMENT = {"document": settings.DOCUMENT_PAGE}
ZONE = {"zone": settings.TIME_ZONE}
# The rules of a column that ask for an index number.
NUMBERED = ("index_number.index_number", "index_number.required")

CATALOGUE = RegistryRule(
    "R16",
    {
        "index_number": Demand("r.index_number = ''", NUMBERED, "索引号"),
        "title": Demand("btrim(r.title) = ''", ("title.required",), "名称"),
        "summary": Demand("btrim(r.summary) = ''", ("summary.required",), "内容概述"),
        "written_on": Demand("r.pub_date IS NULL", ("written_on.required",), "生成日期"),
        "issuer": Demand("btrim(r.issuer) = ''", ("issuer.required",), "发布机构"),
        "theme": Demand("r.theme = ''", ("theme.required",), "主题分类"),
    },
    f"{DISCLOSURE}第十二条",
    good="各份文件的目录要素齐全。",
    bad="份文件的目录要素不全",
    cure="请在所列文件的“文件要素”中补填。",
    # A mirror in another column has no number of its own: its original is the document.
    among=f"""{DOCUMENTS} AND NOT (r.index_number = '' AND (r.site_id, r.title, r.pub_date) IN (
        SELECT o.site_id, o.title, o.pub_date FROM public.resources_resource o
        WHERE o.index_number <> '' AND o.pub_date IS NOT NULL AND o.state = 'published'))""",
    values=THE_DOCUMENT,
)
# No two documents of the cluster ever had the same number, withdrawn ones included; mirrors are no others.
INDEX_NUMBERS = RegistryRule(
    "R17",
    {
        "form": Demand("r.index_number !~ %(form)s", NUMBERED),
        "unique": Demand(
            """r.index_number IN (SELECT o.index_number FROM public.resources_resource o WHERE o.index_number <> ''
               GROUP BY o.index_number HAVING count(DISTINCT (o.title, o.pub_date)) > 1)""",
            NUMBERED,
        ),
    },
    "国办发〔2017〕47号；索引号全省唯一、不再使用",
    good="索引号格式正确，没有重号。",
    bad="份文件的索引号格式不对或与别的文件相同",
    cure="请核对所列文件的索引号；重号的，后发布的一份应当另取。",
    grade=Grade.HIGH,
    among="r.index_number <> ''",
    shown="jsonb_build_object('index_number', r.index_number)",
    values={"form": INDEX_FORM},
)
NUMBERS_AND_KINDS = RegistryRule(
    "R18",
    {
        "number": Demand(
            "EXISTS (SELECT 1 FROM jsonb_array_elements_text(r.doc_no) AS number WHERE number !~ %(form)s)",
            ("document_number.document_number",),
        ),
        "kind": Demand("r.document_kind <> '' AND r.document_kind <> ALL(%(kinds)s)", ("document_kind.document_kind",)),
        "written_on": Demand(
            "r.pub_date > (r.published_at AT TIME ZONE %(zone)s)::date",
            ("written_on.not_after", "published_at.within_workdays_of"),
        ),
    },
    "《党政机关公文处理工作条例》",
    good="文号、文种和成文日期均合格。",
    bad="份文件的文号、文种或成文日期不合格",
    cure="文号写成“黑政发〔2026〕5号”的样子，文种从十五种中选，成文日期不晚于发布日期。",
    among=DOCUMENTS,
    shown="jsonb_build_object('doc_no', r.doc_no, 'kind', r.document_kind, 'written_on', r.pub_date)",
    values={**THE_DOCUMENT, **ZONE, "form": NUMBER_FORM, "kinds": [*DOCUMENT_KINDS, "命令(令)", "命令（令）"]},
)
# Days and numbers of a calendar (see _numbering) say how many working days lie between; most items need not ask.
DISCLOSED = RegistryRule(
    "R19",
    {
        "in_time": Demand(
            """(item.first_at AT TIME ZONE %(zone)s)::date - r.pub_date > %(least)s
               AND ((item.first_at AT TIME ZONE %(zone)s)::date - r.pub_date > %(longest)s
                    OR (SELECT published.number - written.number
                        FROM unnest(%(days)s::date[], %(numbers)s::int[]) AS published(day, number),
                             unnest(%(days)s::date[], %(numbers)s::int[]) AS written(day, number)
                        WHERE published.day = (item.first_at AT TIME ZONE %(zone)s)::date AND written.day = r.pub_date) > %(least)s)""",
            ("published_at.within_workdays_of",),
        )
    },
    f"{DISCLOSURE}第二十六条",
    good=f"各份文件在成文后{DISCLOSURE_WORKDAYS}个工作日内公开。",
    bad=f"份文件成文后超过{DISCLOSURE_WORKDAYS}个工作日才公开",
    cure="今后请在文件成文后及时公开；成文日期填错的请更正。",
    among=f"{DOCUMENTS} AND r.pub_date IS NOT NULL",
    shown="jsonb_build_object('written_on', r.pub_date, 'first_published_on', (item.first_at AT TIME ZONE %(zone)s)::date)",
    values={**THE_DOCUMENT, **ZONE, "least": DISCLOSURE_WORKDAYS, "longest": LONGEST_SPELL},
)
INTERPRETED = RegistryRule(
    "R20",
    {
        "document": Demand(
            """r.page_type = %(interpretation)s AND NOT EXISTS (
                   SELECT 1 FROM public.resources_resourcelink l JOIN public.resources_resource o
                     ON o.site_id = l.target_site_id AND o.page_id = l.target_page_id AND o.state = 'published'
                   WHERE l.source_id = r.id AND l.kind = 'interprets')""",
            ("document.companion",),
        ),
        "interpretation": Demand(
            """r.page_type = %(document)s AND item.first_at < (
                   SELECT min(due.cutoff) FROM unnest(%(codes)s::text[], %(cutoffs)s::timestamptz[]) AS due(code, cutoff)
                   WHERE due.code = (SELECT s.kind FROM public.subsites_subsite s WHERE s.id = item.site_id) || '/' || item.column_code)
               AND NOT EXISTS (
                   SELECT 1 FROM public.resources_resourcelink l JOIN public.resources_resource o ON o.id = l.source_id
                   WHERE l.target_site_id = r.site_id AND l.target_page_id = r.page_id AND l.kind = 'interprets'
                     AND o.state = 'published')""",
            ("interpretation.companion",),
        ),
    },
    "国办秘函〔2019〕19号 解读关联；国办发〔2016〕80号",
    good="政策文件与解读互相关联。",
    bad="条政策文件或解读没有互相关联",
    cure="请在解读的编辑页选择所解读的文件；应当解读的文件请补发解读。",
    among="r.page_type IN (%(document)s, %(interpretation)s)",
    shown="jsonb_build_object('kind', CASE WHEN r.page_type = %(document)s THEN '缺解读' ELSE '缺所解读的文件' END)",
    values={**THE_DOCUMENT, "interpretation": settings.INTERPRETATION_PAGE},
)


def catalogue_fields(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R16: index number, name, summary, day of making, issuer and theme of every document are filled."""
    return CATALOGUE.verdicts(facts)


def index_numbers(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R17: every index number has the form, and no other document has it."""
    return INDEX_NUMBERS.verdicts(facts)


def numbers_and_kinds(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R18: document numbers have the form, the kind is one of fifteen, and nothing is published before it was made."""
    return NUMBERS_AND_KINDS.verdicts(facts)


def disclosure_in_time(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R19: from its making to its first publication a document takes at most 20 working days."""
    days, numbers = _numbering(facts.moment.calendar, facts.moment.day)
    return replace(DISCLOSED, values={**DISCLOSED.values, "days": days, "numbers": numbers}).verdicts(facts)


def interpretations(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R20: an interpretation names a document that citizens can read, and a document that must be interpreted is, in time."""
    codes, cutoffs = _companion_cutoffs(facts)
    return replace(INTERPRETED, values={**INTERPRETED.values, "codes": codes, "cutoffs": cutoffs}).verdicts(facts)


def _numbering(calendar: WorkCalendar, until: date) -> tuple[list[date], list[int]]:
    """Return the days of the last years, each with the number of working days up to it."""
    first = date(until.year - 3, 1, 1)
    days = [first + number * ONE_DAY for number in range((until - first).days + 1)]
    numbers, number = [], 0
    for day in days:
        number += calendar.is_workday(day)
        numbers.append(number)
    return days, numbers


def _companion_cutoffs(facts: Facts) -> tuple[list[str], list[datetime]]:
    """Return kind/column → the moment before which a document is published too long ago to be without interpretation."""
    found: dict[str, datetime] = {}
    for kind, law in facts.moment.law.kinds.items():
        for column in law.columns:
            for rule in column.companions:
                if rule.companion == Companion.INTERPRETATION:
                    day = _first_in_time(facts.moment.calendar, facts.moment.day, rule.within, rule.unit)
                    found[f"{kind}/{column.code}"] = timezone.make_aware(datetime.combine(day, time.min))
    return list(found), list(found.values())


def _first_in_time(calendar: WorkCalendar, today: date, within: int, unit: str) -> date:
    """Return the earliest day of an event whose limit is not over today."""
    day = today
    while not calendar.limit_end(day - timedelta(days=1), within, unit).is_past(today):
        day -= ONE_DAY
    return day


RULES = {
    "R16": catalogue_fields,
    "R17": index_numbers,
    "R18": numbers_and_kinds,
    "R19": disclosure_in_time,
    "R20": interpretations,
}
