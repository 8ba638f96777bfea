"""Rules about what official documents say of themselves (R16–R18): catalogue fields, index numbers, numbers and kinds.

Each asks the registry in one query for all sites, among the pages whose type is that of a document.
"""

from collections.abc import Mapping

from django.conf import settings

from cluster.column_templates.checks import DOCUMENT_KINDS
from cluster.inspection.facts import Facts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules.asking import Demand, RegistryRule
from cluster.inspection.verdict import Grade, Verdict

Columns = Mapping[int, list[ColumnVerdict]]
DISCLOSURE = "《政府信息公开条例》"
# Standards part 3: full name of the organ's sign, year in 〔〕, number without a leading nought.
NUMBER_FORM = r"^[\u4e00-\u9fa5]{2,12}〔(19|20)\d{2}〕[1-9]\d{0,3}号$"
INDEX_FORM = r"^(\d{10}|bm\d{8}|[0-9A-Z]{8}[0-9X]|[0-9A-HJ-NPQRTUWXY]{18})/(19|20)\d{2}(0[1-9]|1[0-2])?-\d{5}$"
DOCUMENTS = "r.page_type = %(document)s"
THE_DOCUMENT = {"document": settings.DOCUMENT_PAGE}
ZONE = {"zone": settings.TIME_ZONE}
# What makes two rows one text: words, marks and files. Where there is none of them, there is nothing to mirror.
SAME = """(o.text, o.issuer, o.doc_no, o.document_kind, o.theme, o.document_ids, o.hidden_document_ids, o.image_ids)
    IS NOT DISTINCT FROM (r.text, r.issuer, r.doc_no, r.document_kind, r.theme, r.document_ids, r.hidden_document_ids, r.image_ids)
    AND (btrim(r.text) <> '' OR cardinality(r.document_ids) + cardinality(r.hidden_document_ids) + cardinality(r.image_ids) > 0)"""
# A mirror in another column has no number of its own: its original is the document. Titles are compared before texts.
MIRROR = f"""(r.index_number = '' AND (r.site_id, r.title, r.pub_date) IN (
        SELECT o.site_id, o.title, o.pub_date FROM public.resources_resource o
        WHERE o.index_number <> '' AND o.pub_date IS NOT NULL AND o.state = 'published')
    AND EXISTS (SELECT 1 FROM public.resources_resource o WHERE o.site_id = r.site_id AND o.title = r.title AND o.pub_date = r.pub_date
        AND o.index_number <> '' AND o.state = 'published' AND {SAME}))"""
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
    among=f"{DOCUMENTS} AND NOT {MIRROR}",
    values=THE_DOCUMENT,
)
# No two documents of the cluster ever had the same number, withdrawn ones included. A document that was withdrawn in one place and
# stands in another is no second one; two that stand are, whatever title and date they share (mirrors have no number of their own).
INDEX_NUMBERS = RegistryRule(
    "R17",
    {
        "form": Demand("r.index_number !~ %(form)s", NUMBERED),
        "unique": Demand(
            """EXISTS (SELECT 1 FROM public.resources_resource o WHERE o.index_number = r.index_number AND o.index_number <> ''
                 AND o.id <> r.id AND (o.state = 'published' OR (o.title, o.pub_date) IS DISTINCT FROM (r.title, r.pub_date)))""",
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
        "kind": Demand(
            "r.document_kind <> ALL(%(kinds)s)", ("document_kind.document_kind", "document_kind.required"), "文种"
        ),
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


def catalogue_fields(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R16: index number, name, summary, day of making, issuer and theme of every document are filled."""
    return CATALOGUE.verdicts(facts)


def index_numbers(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R17: every index number has the form, and no other document has it."""
    return INDEX_NUMBERS.verdicts(facts)


def numbers_and_kinds(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R18: document numbers have the form, the kind is one of fifteen, and nothing is published before it was made."""
    return NUMBERS_AND_KINDS.verdicts(facts)


RULES = {
    "R16": catalogue_fields,
    "R17": index_numbers,
    "R18": numbers_and_kinds,
}
