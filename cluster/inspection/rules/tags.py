"""Rules about page tags (网页标签, standards part 10): what the pages would render, read from what is stored (R09–R11).

The templates write every tag from the site's record, the column's record and the item's registry row, so these three are asked.
"""

import re
from collections.abc import Mapping

from cluster.column_templates.inspected import TITLES
from cluster.column_templates.standing import StandingWaiver
from cluster.inspection.facts import Facts, SiteFacts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import ColumnRecord
from cluster.inspection.rules.asking import Demand, RegistryRule
from cluster.inspection.rules.waiving import sort_out
from cluster.inspection.verdict import EXAMPLES, Grade, Verdict

Columns = Mapping[int, list[ColumnVerdict]]
_ID_CODE = re.compile(r"(\d{10}|bm\d{8})")
BASIS = "国办发〔2017〕47号附件《网页标签规范》"


def site_tags(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R09: SiteName, SiteDomain and SiteIDCode are there, on every page the site's own."""
    found = {}
    for site in facts.sites:
        missing = [name for name, is_good in _site_tags(site).items() if not is_good]
        waiver = facts.waiver(site, "", "R09") if missing else None
        missing = [] if waiver else missing
        found[site.pk] = Verdict(
            "R09",
            TITLES["R09"],
            site.code,
            not missing,
            Grade.MEDIUM,
            f"网站标签不合格：{'、'.join(missing)}。" if missing else _good_site_tags(waiver),
            BASIS,
            "请在控制台补全站点资料（网站名称、域名、10位标识码）。" if missing else "",
            waivers=(waiver,) if waiver else (),
            evidence={"SiteName": site.name, "SiteDomain": site.host, "SiteIDCode": site.id_code},
            # The ledger knows that a domain changed, not which one led before.
            note="" if facts.moment.is_now else "域名按今天的登记判断。",
        )
    return found


def _good_site_tags(waiver: StandingWaiver | None) -> str:
    return "网站标签不齐，已获豁免。" if waiver else "网站标签齐全，与站点登记一致。"


def _site_tags(site: SiteFacts) -> dict[str, bool]:
    return {
        "SiteName": bool(site.name.strip()),
        "SiteDomain": bool(site.host) and "/" not in site.host,
        "SiteIDCode": bool(_ID_CODE.fullmatch(site.id_code)),
    }


def column_tags(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R10: ColumnName, ColumnDescription, ColumnKeywords and ColumnType of every open column are filled."""
    return {site.pk: _column_tags(facts, site) for site in facts.sites}


def _column_tags(facts: Facts, site: SiteFacts) -> Verdict:
    lines = [
        {"code": record.code, "name": record.name, "empty": empty}
        for record in facts.records.get(site.pk, {}).values()
        if record.live and (empty := _empty_tags(record))
    ]
    found = sort_out(facts, site, lines, "R10")
    faults = found.counted
    return Verdict(
        "R10",
        TITLES["R10"],
        site.code,
        not faults,
        Grade.MEDIUM,
        f"{len(faults)}个栏目的标签没有填全。" if faults else "各栏目的标签齐全。",
        BASIS,
        "请在所列栏目的“属性”页填写栏目类型、栏目说明和关键词。" if faults else "",
        waivers=found.waivers,
        evidence={"count": len(faults), "columns": faults[:EXAMPLES], "waived": found.told},
    )


def _empty_tags(record: ColumnRecord) -> list[str]:
    tags = {
        "ColumnName": record.name,
        "ColumnDescription": record.description,
        "ColumnKeywords": record.keywords,
        "ColumnType": record.column_type,
    }
    return [name for name, value in tags.items() if not value.strip()]


CONTENT = RegistryRule(
    "R11",
    {
        "title": Demand("btrim(r.title) = ''", ("title.required",), "标题"),
        "source": Demand("btrim(r.source) = ''", ("source.required",), "来源"),
        "published_at": Demand(
            "r.published_at IS NULL OR r.published_at > %(at)s", ("published_at.required",), "发布时间"
        ),
    },
    BASIS,
    good="各条信息的标题、发布时间和来源齐全。",
    bad="条信息的标题、发布时间或来源不合格",
    cure="请补全所列信息的标题、发布时间和来源；发布时间不能晚于现在。",
)


def content_tags(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R11: ArticleTitle, PubDate and ContentSource of every item are filled; PubDate is not in the future."""
    return CONTENT.verdicts(facts)
