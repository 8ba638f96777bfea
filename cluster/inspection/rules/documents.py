"""Rules about official documents (R16–R20): catalogue fields, numbers, the limit of disclosure, interpretations.

Each asks the registry in one query for all sites, among the pages whose type is that of a document.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from cluster.column_templates.checks import DOCUMENT_KINDS
from cluster.column_templates.vocabulary import Companion
from cluster.inspection.facts import Facts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules.asking import faulty_items
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


def catalogue_fields(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R16: index number, name, summary, day of making, issuer and theme of every document are filled."""
    names = {
        "索引号": "r.index_number = ''",
        "名称": "btrim(r.title) = ''",
        "内容概述": "btrim(r.summary) = ''",
        "生成日期": "r.pub_date IS NULL",
        "发布机构": "btrim(r.issuer) = ''",
        "主题分类": "r.theme = ''",
    }
    missing = ", ".join(f"CASE WHEN {condition} THEN '{name}' END" for name, condition in names.items())
    found = faulty_items(
        facts,
        # A mirror in another column has no number of its own: its original is the document.
        f"""r.page_type = %(document)s AND ({" OR ".join(names.values())})
            AND NOT (r.index_number = '' AND (r.site_id, r.title, r.pub_date) IN (
                SELECT o.site_id, o.title, o.pub_date FROM public.resources_resource o
                WHERE o.index_number <> '' AND o.pub_date IS NOT NULL AND o.state = 'published'))""",
        shown=f"jsonb_build_object('missing', concat_ws('、', {missing}))",
        values={"document": settings.DOCUMENT_PAGE},
    )
    return found.verdicts(
        facts,
        ("R16", "目录要素", Grade.MEDIUM),
        f"{DISCLOSURE}第十二条",
        good="各份文件的目录要素齐全。",
        bad="份文件的目录要素不全",
        cure="请在所列文件的“文件要素”中补填。",
    )


def index_numbers(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R17: every index number has the form, and no two documents of the cluster ever had the same; mirrors are no others."""
    found = faulty_items(
        facts,
        """r.index_number <> '' AND (r.index_number !~ %(form)s OR r.index_number IN (
               SELECT o.index_number FROM public.resources_resource o WHERE o.index_number <> ''
               GROUP BY o.index_number HAVING count(DISTINCT (o.title, o.pub_date)) > 1))""",
        shown="jsonb_build_object('index_number', r.index_number)",
        values={"form": INDEX_FORM},
    )
    return found.verdicts(
        facts,
        ("R17", "索引号唯一", Grade.HIGH),
        "国办发〔2017〕47号；索引号全省唯一、不再使用",
        good="索引号格式正确，没有重号。",
        bad="份文件的索引号格式不对或与别的文件相同",
        cure="请核对所列文件的索引号；重号的，后发布的一份应当另取。",
    )


def numbers_and_kinds(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R18: document numbers have the form, the kind is one of fifteen, and nothing is published before it was made."""
    found = faulty_items(
        facts,
        """r.page_type = %(document)s AND (
               EXISTS (SELECT 1 FROM jsonb_array_elements_text(r.doc_no) AS number WHERE number !~ %(form)s)
               OR (r.document_kind <> '' AND r.document_kind <> ALL(%(kinds)s))
               OR r.pub_date > (r.published_at AT TIME ZONE %(zone)s)::date)""",
        shown="jsonb_build_object('doc_no', r.doc_no, 'kind', r.document_kind, 'written_on', r.pub_date)",
        values={
            "document": settings.DOCUMENT_PAGE,
            "form": NUMBER_FORM,
            "kinds": [*DOCUMENT_KINDS, "命令(令)", "命令（令）"],
            "zone": settings.TIME_ZONE,
        },
    )
    return found.verdicts(
        facts,
        ("R18", "文号和文种", Grade.MEDIUM),
        "《党政机关公文处理工作条例》",
        good="文号、文种和成文日期均合格。",
        bad="份文件的文号、文种或成文日期不合格",
        cure="文号写成“黑政发〔2026〕5号”的样子，文种从十五种中选，成文日期不晚于发布日期。",
    )


def disclosure_in_time(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R19: from its making to its first publication a document takes at most 20 working days."""
    days, numbers = _numbering(facts.moment.calendar, facts.moment.day)
    found = faulty_items(
        facts,
        """r.page_type = %(document)s AND r.pub_date IS NOT NULL
             AND (item.first_at AT TIME ZONE %(zone)s)::date - r.pub_date > %(least)s
             AND ((item.first_at AT TIME ZONE %(zone)s)::date - r.pub_date > %(longest)s
                  OR (SELECT published.number - written.number
                      FROM unnest(%(days)s::date[], %(numbers)s::int[]) AS published(day, number),
                           unnest(%(days)s::date[], %(numbers)s::int[]) AS written(day, number)
                      WHERE published.day = (item.first_at AT TIME ZONE %(zone)s)::date AND written.day = r.pub_date) > %(least)s)""",
        shown="jsonb_build_object('written_on', r.pub_date, 'first_published_on', (item.first_at AT TIME ZONE %(zone)s)::date)",
        values={
            "document": settings.DOCUMENT_PAGE,
            "zone": settings.TIME_ZONE,
            "least": DISCLOSURE_WORKDAYS,
            "longest": LONGEST_SPELL,
            "days": days,
            "numbers": numbers,
        },
    )
    return found.verdicts(
        facts,
        ("R19", "主动公开时限", Grade.MEDIUM),
        f"{DISCLOSURE}第二十六条",
        good=f"各份文件在成文后{DISCLOSURE_WORKDAYS}个工作日内公开。",
        bad=f"份文件成文后超过{DISCLOSURE_WORKDAYS}个工作日才公开",
        cure="今后请在文件成文后及时公开；成文日期填错的请更正。",
    )


def _numbering(calendar: WorkCalendar, until: date) -> tuple[list[date], list[int]]:
    """Return the days of the last years, each with the number of working days up to it."""
    first = date(until.year - 3, 1, 1)
    days = [first + number * ONE_DAY for number in range((until - first).days + 1)]
    numbers, number = [], 0
    for day in days:
        number += calendar.is_workday(day)
        numbers.append(number)
    return days, numbers


def interpretations(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R20: an interpretation names a document that citizens can read, and a document that must be interpreted is, in time."""
    codes, cutoffs = _companion_cutoffs(facts)
    found = faulty_items(
        facts,
        """(r.page_type = %(interpretation)s AND NOT EXISTS (
                SELECT 1 FROM public.resources_resourcelink l JOIN public.resources_resource o
                  ON o.site_id = l.target_site_id AND o.page_id = l.target_page_id AND o.state = 'published'
                WHERE l.source_id = r.id AND l.kind = 'interprets'))
           OR (r.page_type = %(document)s AND item.first_at < (
                SELECT min(due.cutoff) FROM unnest(%(codes)s::text[], %(cutoffs)s::timestamptz[]) AS due(code, cutoff)
                WHERE due.code = (SELECT s.kind FROM public.subsites_subsite s WHERE s.id = item.site_id) || '/' || item.column_code)
               AND NOT EXISTS (
                SELECT 1 FROM public.resources_resourcelink l JOIN public.resources_resource o ON o.id = l.source_id
                WHERE l.target_site_id = r.site_id AND l.target_page_id = r.page_id AND l.kind = 'interprets'
                  AND o.state = 'published'))""",
        shown="jsonb_build_object('kind', CASE WHEN r.page_type = %(document)s THEN '缺解读' ELSE '缺所解读的文件' END)",
        values={
            "document": settings.DOCUMENT_PAGE,
            "interpretation": settings.INTERPRETATION_PAGE,
            "codes": codes,
            "cutoffs": cutoffs,
        },
    )
    return found.verdicts(
        facts,
        ("R20", "文件解读互链", Grade.MEDIUM),
        "国办秘函〔2019〕19号 解读关联；国办发〔2016〕80号",
        good="政策文件与解读互相关联。",
        bad="条政策文件或解读没有互相关联",
        cure="请在解读的编辑页选择所解读的文件；应当解读的文件请补发解读。",
    )


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
