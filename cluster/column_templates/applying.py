"""Apply a version: put it in force, bring the moulds and then every site in step, one transaction each.

Called by the job (console) and by the command. Killed at any point it is simply run again: who is in step is passed over, also
a site whose backup was older than its record. One at a time in the whole cluster.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from cluster.audit.actor import tell_database
from cluster.column_templates.current import current_law, forget, law_of_version
from cluster.column_templates.law import Law
from cluster.column_templates.models import SiteVersion, TemplateVersion, VersionState
from cluster.column_templates.planning import SitePlan, moulds, plan_sites, planned_sites
from cluster.column_templates.steps import Comparison
from cluster.context import in_public, in_site
from cluster.postgresql import connection
from cluster.subsites.errors import SiteError
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
APPLY_LOCK = 7_230_003
INCOMPLETE = "数据模式缺少表或字段（可能从旧备份恢复），请先运行 migrate_cluster，仍不行再用 repair_sites 修复"

Progress = Callable[[str, int, int], None]  # what was done, how many are done, of how many


class ApplyRefused(SiteError):
    """The version cannot be applied now; the text says why and what to do."""


@dataclass
class Report:
    """What became of the sites: code → lines of what was done; sites that failed with the reason; what people call each."""

    version: int
    done: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    untouched: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def sentence(self) -> str:
        """Say it in one line."""
        said = f"第 {self.version} 版：调整 {len(self.done)} 个站点，{self.untouched} 个已经一致"
        if not self.failed:
            return f"{said}。"
        names = "、".join(self.names[code] for code in self.failed)
        return f"{said}，{len(self.failed)} 个未完成（{names}）。排除原因后再次应用，只处理未完成的。"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the cluster's lock on applying. Raises ApplyRefused where another holds it.

    On a connection of its own: the one that works is renewed after an error, and would lose the lock.
    """
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [APPLY_LOCK])
            if not cursor.fetchone()[0]:
                raise ApplyRefused("另一个应用栏目模板的任务正在进行，请等它完成后再试；进度见控制台“任务”。")
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [APPLY_LOCK])
    finally:
        holder.close()


def asked_version(number: int | None = None) -> TemplateVersion | None:
    """Return a version; without a number the draft, or where there is none, the one in force. Raises ApplyRefused."""
    rows = TemplateVersion.objects.all()
    if not number:
        return rows.filter(state=VersionState.DRAFT).first() or rows.filter(state=VersionState.CURRENT).first()
    row = rows.filter(number=number).first()
    if row is None:
        raise ApplyRefused(f"没有第 {number} 版栏目模板，请先载入，或核对版本号。")
    return row


def version_law(number: int | None = None) -> Law:
    """Return the law of that version; that of the shipped texts where there is none at all."""
    row = asked_version(number)
    return law_of_version(row.number, row.digest) if row else current_law()


def apply_version(number: int, *, digest: str = "", site_code: str = "", progress: Progress | None = None) -> Report:
    """Put the version in force and bring moulds and sites in step; returns site by site what was done.

    `digest`, or its beginning, tells the texts whose plan somebody has seen: others are refused. With a site's code only that site
    is worked on, and only the version in force may be given. Raises ApplyRefused.
    """
    with in_public(), one_at_a_time():
        sites = planned_sites(site_code)
        if site_code:
            _refuse_single(number, digest, site_code, sites)
        else:
            _put_in_force(number, digest)
        # Read only now: a draft may be written until it is in force, but not behind the back of whoever has seen its plan.
        law = version_law(number)
        report = Report(law.version)
        _bring_in_step(law, sites if site_code else [*moulds(), *sites], report, progress or _in_silence)
        if not site_code:
            # Opened meanwhile, perhaps from a mould that was not yet in step.
            seen = {site.pk for site in sites}
            late = [site for site in planned_sites() if site.pk not in seen]
            _bring_in_step(law, late, report, progress or _in_silence)
        return report


def _refuse_single(number: int, digest: str, code: str, sites: list[Subsite]) -> None:
    if not sites:
        raise ApplyRefused(f"没有代码为“{code}”的站点，或该站点已永久下线。")
    row = TemplateVersion.objects.filter(number=number, state=VersionState.CURRENT).first()
    if row is None:
        raise ApplyRefused("单个站点只能按现行版本调整；新版本请对全部站点应用。")
    refuse_changed(row, digest)


def refuse_changed(row: TemplateVersion, digest: str) -> None:
    """Raise ApplyRefused where the version is not the one whose plan was seen; without a digest nobody says which that was."""
    if not row.digest.startswith(digest):
        raise ApplyRefused(
            f"第 {row.number} 版在您查看方案之后又改过（{row.written_text}），没有应用。请重新查看应用方案，核对后再应用。"
        )


def _put_in_force(number: int, digest: str) -> None:
    with transaction.atomic():
        tell_database()
        row = TemplateVersion.objects.select_for_update().filter(number=number).first()
        if row is None:
            raise ApplyRefused(f"没有第 {number} 版栏目模板，请先载入，或核对版本号。")
        if row.state == VersionState.PAST:
            raise ApplyRefused(f"第 {number} 版是历史版本，不能再次启用。需要恢复的，请以它的文本载入新的版本。")
        refuse_changed(row, digest)
        faults = law_of_version(row.number, row.digest).faults if row.state == VersionState.DRAFT else ()
        if faults:
            raise ApplyRefused(
                f"第 {number} 版草稿是按旧的写法保存的，有 {len(faults)} 处不合现在的模板语言，请改正后重新保存：{faults[0]}"
            )
        if row.state == VersionState.DRAFT:
            TemplateVersion.objects.filter(state=VersionState.CURRENT).update(state=VersionState.PAST)
            row.state, row.applied_at = VersionState.CURRENT, timezone.now()
            row.save(update_fields=["state", "applied_at"])
    forget()


def _bring_in_step(law: Law, sites: list[Subsite], report: Report, progress: Progress) -> None:
    plans = {plan.schema_name: plan for plan in plan_sites(law, sites)}
    for number, site in enumerate(sites, 1):
        plan = plans.get(site.schema_name)
        code = site.code or f"{site.kind} 基础模板"
        report.names[code] = called(site)
        if plan is None:
            report.failed[code] = INCOMPLETE
        elif plan.is_in_step and (not site.pk or plan.version_now == law.version):
            report.untouched += 1
        else:
            _try_site(law, site, plan, report, code)
        progress(called(site), number, len(sites))


def called(site: Subsite) -> str:
    """Return how people know the site, and how commands do; a mould has no code."""
    return f"{site.name}（{site.code}）" if site.code else site.name


def _try_site(law: Law, site: Subsite, plan: SitePlan, report: Report, code: str) -> None:
    """Bring one site in step; a failure leaves it as it was and the others alone."""
    try:
        comparison = fit_site(law, site)
    except Exception as error:
        logger.exception("站点 %s 未能调整到第 %s 版栏目模板", called(site), law.version)
        if not connection.is_usable():
            connection.close()
        report.failed[code] = str(error).splitlines()[0] if str(error) else type(error).__name__
        return
    if comparison.steps:
        report.done[code] = _lines(comparison)
    else:
        report.untouched += 1


def fit_site(law: Law, site: Subsite) -> Comparison:
    """Bring one site, or a mould, in step in one transaction, and note its version."""
    with transaction.atomic():
        tell_database()
        with in_site(site):
            comparison: Comparison = import_string(settings.COLUMN_PLANTER)(law.of(site.kind))
        if site.pk:
            SiteVersion.objects.update_or_create(
                site=site,
                defaults={
                    "version": law.version,
                    "applied_at": timezone.now(),
                    "report": {"done": _lines(comparison), "conflicts": list(comparison.conflicts)},
                },
            )
    return comparison


def note_birth(site: Subsite) -> None:
    """Note the version that a new site was born with; named by settings.PROVISIONING_STEPS. The console has no columns."""
    if site.is_console:
        return
    SiteVersion.objects.get_or_create(site=site, defaults={"version": current_law().version})


def _lines(comparison: Comparison) -> list[str]:
    return [f"{step.action.label}{step.subject}{'：' if step.detail else ''}{step.detail}" for step in comparison.steps]


def _in_silence(name: str, done: int, total: int) -> None:
    """Report to nobody."""
