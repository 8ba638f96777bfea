"""Plan a version that adds one column over the sites of the province, and apply it, by the commands that the office has."""

from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.workshop import Workshop


def plan_and_apply(workshop: Workshop) -> Iterator[Figure]:
    """Measure whole processes, interpreter included; the second plan finds everything in step."""
    from cluster.subsites.models import Subsite
    from tests.support.templates import NEW_WORDS, draft

    _ = workshop.all_sites
    count = Subsite.objects.exclude(kind="console").count()
    row = draft(add={"bench": NEW_WORDS}, kinds=("province", "city", "county", "department", "body"))
    version = ("--version", str(row.number))
    yield Figure(
        "columns_plan_113", workshop.command(workshop.product, "column_templates", "plan", *version), "s", count
    )
    yield Figure(
        "columns_apply_113",
        workshop.command(workshop.product, "column_templates", "apply", *version, "--digest", row.digest),
        "s",
        count,
    )
    yield Figure("columns_check_113", workshop.command(workshop.product, "check_columns"), "s", count)
