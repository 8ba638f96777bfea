"""Rules about page tags (网页标签, standards part 10): what the pages would render, read from what is stored (R09–R11).

The templates write every tag from the site's record, the column's record and the item's registry row, so these three are asked.
"""

import re
from collections.abc import Mapping

from cluster.inspection.facts import Facts, SiteFacts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules.asking import faulty_items
from cluster.inspection.verdict import EXAMPLES, Grade, Verdict

Columns = Mapping[int, list[ColumnVerdict]]
_ID_CODE = re.compile(r"(\d{10}|bm\d{8})")
BASIS = "国办发〔2017〕47号附件《网页标签规范》"


def site_tags(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R09: SiteName, SiteDomain and SiteIDCode are there, on every page the site's own."""
    found = {}
    for site in facts.sites:
        missing = [name for name, is_good in _site_tags(site).items() if not is_good]
        found[site.pk] = Verdict(
            "R09",
            "网站标签",
            site.code,
            not missing,
            Grade.MEDIUM,
            f"网站标签不合格：{'、'.join(missing)}。" if missing else "网站标签齐全，与站点登记一致。",
            BASIS,
            "请在控制台补全站点资料（网站名称、域名、10位标识码）。" if missing else "",
            evidence={"SiteName": site.name, "SiteDomain": site.host, "SiteIDCode": site.id_code},
        )
    return found


def _site_tags(site: SiteFacts) -> dict[str, bool]:
    return {
        "SiteName": bool(site.name.strip()),
        "SiteDomain": bool(site.host) and "/" not in site.host,
        "SiteIDCode": bool(_ID_CODE.fullmatch(site.id_code)),
    }


def column_tags(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R10: ColumnName, ColumnDescription, ColumnKeywords and ColumnType of every open column are filled."""
    found = {}
    for site in facts.sites:
        faults = []
        for record in facts.records.get(site.pk, {}).values():
            tags = {
                "ColumnName": record.name,
                "ColumnDescription": record.description,
                "ColumnKeywords": record.keywords,
                "ColumnType": record.column_type,
            }
            empty = [name for name, value in tags.items() if not value.strip()]
            if record.live and empty:
                faults.append({"code": record.code, "name": record.name, "empty": empty})
        found[site.pk] = Verdict(
            "R10",
            "栏目标签",
            site.code,
            not faults,
            Grade.MEDIUM,
            f"{len(faults)}个栏目的标签没有填全。" if faults else "各栏目的标签齐全。",
            BASIS,
            "请在所列栏目的“属性”页填写栏目类型、栏目说明和关键词。" if faults else "",
            evidence={"count": len(faults), "columns": faults[:EXAMPLES]},
        )
    return found


def content_tags(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R11: ArticleTitle, PubDate and ContentSource of every item are filled; PubDate is not in the future."""
    faults = faulty_items(
        facts, "btrim(r.title) = '' OR btrim(r.source) = '' OR r.published_at IS NULL OR r.published_at > %(at)s"
    )
    return faults.verdicts(
        facts,
        ("R11", "内容标签", Grade.MEDIUM),
        BASIS,
        good="各条信息的标题、发布时间和来源齐全。",
        bad="条信息的标题、发布时间或来源不合格",
        cure="请补全所列信息的标题、发布时间和来源；发布时间不能晚于现在。",
    )
