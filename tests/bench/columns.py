"""Plan versions that add one column over the sites of the province, and apply them, by the commands that the office has.

One of them is killed (SIGKILL) at its 57th site and goes on; the flow that looks at every detail of that has six sites
(tests/flows/test_apply_killed.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.bench.figures import Figure
from tests.bench.workshop import BenchFailed, Workshop
from tests.support.running import wait_until

if TYPE_CHECKING:
    from cluster.column_templates.models import TemplateVersion

KINDS = ("province", "city", "county", "department", "body")
KILLED_AT = 57


def plan_and_apply(workshop: Workshop) -> Iterator[Figure]:
    """Measure whole processes, interpreter included; the second plan finds everything in step."""
    from cluster.subsites.models import Subsite

    _ = workshop.all_sites
    count = Subsite.objects.exclude(kind="console").count()
    row = _draft("bench", "新设栏目")
    plan = ("column_templates", "plan", "--version", str(row.number))
    yield Figure("columns_plan_113", workshop.command(workshop.product, *plan), "s", count)
    yield Figure("columns_apply_113", workshop.command(workshop.product, *_apply(row)), "s", count)
    yield Figure("columns_check_113", workshop.command(workshop.product, "check_columns"), "s", count)
    yield from _kill_and_go_on(workshop, _draft("benchtwo", "又设栏目"), count)


def _kill_and_go_on(workshop: Workshop, row: "TemplateVersion", count: int) -> Iterator[Figure]:
    """Measure the apply that goes on after another was killed; nothing is done twice, nothing is left out."""
    from cluster.audit.models import LedgerEntry
    from cluster.column_templates.models import SiteVersion

    done = SiteVersion.objects.filter(version=row.number)
    before = LedgerEntry.objects.filter(action="template_applied").count()
    first = workshop.product.begin(*_apply(row))
    wait_until(lambda: done.count() >= KILLED_AT, 300, f"{KILLED_AT} sites have the version")
    first.kill()
    first.communicate()
    left = count - done.count()
    yield Figure("columns_apply_goes_on", workshop.command(workshop.product, *_apply(row)), "s", left)
    lines = LedgerEntry.objects.filter(action="template_applied").count() - before
    if not left or (done.count(), lines) != (count, count):
        raise BenchFailed(f"中断后接着应用：{count} 个站点中 {done.count()} 个有新版本，台账记了 {lines} 次")
    workshop.command(workshop.product, "check_columns")


def _draft(code: str, name: str) -> "TemplateVersion":
    from tests.support.templates import NEW_WORDS, draft

    return draft(add={code: {**NEW_WORDS, "name": name}}, kinds=KINDS)


def _apply(row: "TemplateVersion") -> tuple[str, ...]:
    return "column_templates", "apply", "--version", str(row.number), "--digest", row.digest
