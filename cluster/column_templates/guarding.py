"""The nightly look at the structure: what the law stands on (`foundations`), triggers of the sites, columns that differ from the law.

Called by the job check_columns (ordered by the worker every night) and by the command of that name. What only the owner role
can do, switch a trigger off or shape a planted column, is found here, written into the ledger, put right, and told (`reporting`).
"""

import json
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from cluster.audit.actor import tell_database
from cluster.column_templates.addresses import check_addresses
from cluster.column_templates.applying import INCOMPLETE, fit_site, one_at_a_time
from cluster.column_templates.current import current_law, law_of_version
from cluster.column_templates.foundations import (
    Finding,
    attempt,
    check_constraints,
    check_public,
    check_rights,
    check_strangers,
    check_triggers,
)
from cluster.column_templates.law import Law
from cluster.column_templates.models import SiteVersion, TemplateVersion
from cluster.column_templates.planning import SitePlan, moulds, plan_sites, planned_sites
from cluster.column_templates.reporting import note, tell_office
from cluster.column_templates.restrictions import check_restrictions
from cluster.context import in_public
from cluster.resources import page_numbers
from cluster.subsites.jobs import order_job
from cluster.subsites.models import Job, Subsite

logger = logging.getLogger(__name__)
NIGHTLY_HOUR = 2
ACTION = "columns_checked"

Progress = Callable[[str, int], None]


def check_columns(*, repair: bool, progress: Progress = lambda text, percent: None) -> list[Finding]:
    """Look at everything and return what was found, written into ledger and log, and told to the office.

    Raises ApplyRefused while an apply runs.
    """
    with in_public(), one_at_a_time():
        found = [*check_public(repair=repair), *_check_language()]
        progress("核对触发器、权限和约束", 10)
        sites = [*moulds(), *planned_sites()]
        found += check_strangers(sites, repair=repair)
        found += check_triggers(sites, repair=repair)
        found += check_rights(sites, repair=repair)
        found += check_constraints(sites, repair=repair)
        found += _check_numbers(sites, repair)
        progress("核对栏目结构", 40)
        found += _check_trees(sites, repair)
        found += check_addresses(sites, repair=repair)
        found += check_restrictions(sites, repair=repair)
        progress("核对发布检查记录", 80)
        found += _check_passes([site for site in sites if site.pk], repair)
        for finding in found:
            logger.warning("栏目结构检查：%s", finding)
        _write_down(found)
        note(found)
    tell_office()
    return found


def _check_language() -> list[Finding]:
    """Name what the language of today would refuse in the version in force; people have to say what they mean instead."""
    law = current_law()
    if not law.faults:
        return []
    cure = "请在控制台编辑下一版，改正后应用"
    return [
        Finding("", f"现行的第 {law.version} 版按旧的写法保存，不合现在的模板语言。{fault}{cure}。")
        for fault in law.faults
    ]


def _check_numbers(sites: list[Subsite], repair: bool) -> list[Finding]:
    """Find sites that would give page numbers a second time, as after a restored backup."""
    codes = {site.schema_name: site.code for site in sites}
    ask = page_numbers.lift if repair else page_numbers.behind
    return [
        Finding(codes[one.schema_name], f"页面编号退到 {one.last}，而用到过 {one.highest}：新页面会冒用旧编号", repair)
        for one in ask(codes)
    ]


def _check_trees(sites: list[Subsite], repair: bool) -> list[Finding]:
    """Compare every site with the version that it was given; one that was given none waits for an apply."""
    numbers = dict(SiteVersion.objects.values_list("site_id", "version"))
    digests = dict(TemplateVersion.objects.values_list("number", "digest"))
    current = TemplateVersion.objects.filter(state="current").values_list("number", flat=True).first()
    found = []
    for number in sorted(digests.keys() & {*numbers.values(), current}):
        law = law_of_version(number, digests[number])
        theirs = [site for site in sites if (numbers.get(site.pk) if site.pk else current) == number]
        by_schema = {site.schema_name: site for site in theirs}
        plans = plan_sites(law, theirs)
        seen = {plan.schema_name for plan in plans}
        found += [Finding(site.code or name, INCOMPLETE) for name, site in by_schema.items() if name not in seen]
        for plan in plans:
            found += _findings_of(plan, repair and _repaired(law, by_schema[plan.schema_name], plan))
    without = [site.code for site in sites if site.pk and site.pk not in numbers]
    return found + [
        Finding(code, f"还没有应用过栏目模板，请运行 column_templates apply --site {code}") for code in without
    ]


def _check_passes(sites: list[Subsite], repair: bool) -> list[Finding]:
    """Find live items that never passed the publish gate, as in a site restored from a backup older than it."""
    check_standing = import_string(settings.GATE_STANDING)
    found = []
    for site in sites:
        try:
            if number := check_standing(site, judge=repair):
                found.append(Finding(site.code, f"{number} 条已上线的信息没有发布检查记录，需补做检查", repair))
        except Exception:
            logger.exception("站点 %s 的发布检查记录无法核对", site.code)
            if not connection.is_usable():
                connection.close()
            found.append(Finding(site.code, "发布检查记录无法核对，请查看日志，并运行 repair_sites"))
    return found


def _repaired(law: Law, site: Subsite, plan: SitePlan) -> bool:
    if plan.is_in_step:
        return False
    return attempt(f"站点 {site.code or site.schema_name} 的栏目结构", lambda: fit_site(law, site))


def _findings_of(plan: SitePlan, repaired: bool) -> list[Finding]:
    name = plan.code or plan.schema_name
    # Conflicts of names are people's business and were told at the apply.
    return [
        Finding(
            name,
            f"{'栏目' if step.code else ''}{step.subject}与模板不符，应{step.action.label}{step.detail and '：' + step.detail}",
            repaired,
        )
        for step in plan.comparison.steps
    ]


def _write_down(found: list[Finding]) -> None:
    """Write a line for each site into the ledger."""
    by_site: dict[str, list[Finding]] = {}
    for finding in found:
        by_site.setdefault(finding.site, []).append(finding)
    with transaction.atomic(), connection.cursor() as cursor:
        tell_database()
        for site, findings in by_site.items():
            title = f"栏目结构检查发现 {len(findings)} 处"
            detail = json.dumps({"findings": [str(finding) for finding in findings]}, ensure_ascii=False)
            cursor.execute(
                "SELECT public.qz_write_ledger(%s, %s, 'site', %s, %s, NULL, '', %s::jsonb)",
                [site, ACTION, site, title, detail],
            )


def check_job(job: Job, report: Progress) -> str:
    """Do the nightly check; named by settings.FURTHER_JOBS."""
    found = check_columns(repair=True, progress=report)
    for number, finding in enumerate(found[:100]):
        report(str(finding)[:120], 85 + number * 14 // max(len(found), 1))
    repaired = sum(finding.repaired for finding in found)
    return f"发现 {len(found)} 处，已修复 {repaired} 处。" if found else "栏目结构和触发器全部完好。"


class NightlyCheck:
    """The worker's task: order the check once a day, after two o'clock."""

    name = "column-check"
    interval = 300.0

    def run(self) -> bool:
        """Order the job where today's is not there yet."""
        now = timezone.localtime()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        with in_public():
            if now.hour < NIGHTLY_HOUR or Job.objects.filter(kind="check_columns", created_at__gte=today).exists():
                return False
            order_job("check_columns", {}, title="每日栏目结构检查")
        return True


nightly_check = NightlyCheck()
