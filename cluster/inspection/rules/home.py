"""The rule about the home page (R02): is anything on it new, as citizens see it?

It reads the blocks that stand on the page (HomeRecord), the menu and the columns that are open, not what the template planted.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from cluster.column_templates.inspected import TITLES
from cluster.inspection.facts import Facts, Items, SiteFacts
from cluster.inspection.judging import ColumnVerdict, Totals
from cluster.inspection.reach import Reach
from cluster.inspection.verdict import Grade, Verdict

HOME_DAYS = 14


def home_is_updated(facts: Facts, columns: Mapping[int, list[ColumnVerdict]]) -> dict[int, Verdict]:
    """R02: the newest dated item that the home page shows is at most 14 days old; an end on a rest day moves on."""
    return {site.pk: _home(site, facts) for site in facts.sites}


def _home(site: SiteFacts, facts: Facts) -> Verdict:
    reach, totals = Reach(site, facts), Totals(site, facts)
    dated = reach.dated_columns()
    newest = Items().with_others(totals.of(code) for code in dated)
    day = timezone.localdate(newest.last_at) if newest.last_at else None
    due = facts.moment.calendar.limit_end(day, HOME_DAYS) if day else None
    ok = not site.is_public or (due is not None and not due.is_past(facts.moment.day))
    waiver = None if ok else facts.waiver(site, "", "R02")
    if not site.is_public:
        sentence = "网站目前不对公众开放，不计更新。"
    else:
        sentence = f"首页最近更新于{day:%Y-%m-%d}。" if day else "首页没有任何带日期的信息。"
    evidence: dict[str, Any] = {
        "columns": dated,
        "last_on": day.isoformat() if day else "",
        "due_on": due.day.isoformat() if due else "",
        "title": newest.title,
        "path": newest.path,
        "limit": f"{HOME_DAYS}天",
        # Blocks as somebody saw them, or, before anybody did, as the template plants them.
        "home": "页面" if reach.is_observed else "模板",
    }
    return Verdict(
        "R02",
        TITLES["R02"],
        site.code,
        ok or waiver is not None,
        Grade.VETO,
        sentence,
        "国办秘函〔2019〕19号 单项否决：首页两周未更新",
        "" if ok or waiver else f"请在{HOME_DAYS}天内至少发布一条首页可见、带日期的信息。",
        waivers=(waiver,) if waiver else (),
        evidence=evidence,
    )
