"""The closed list of rules that run by the clock: R02 to R05, R08 to R11, R16 to R20 of standards part 9.

Each is a function of the facts; those about single items ask the registry in one query for all sites. A new rule is added to RULES.
"""

from collections.abc import Callable, Mapping

from cluster.inspection.facts import Facts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules import columns, documents, home, limits, structure, tags
from cluster.inspection.verdict import Verdict

Columns = Mapping[int, list[ColumnVerdict]]
# site → verdict
Rule = Callable[[Facts, Columns], dict[int, Verdict]]

RULES: dict[str, Rule] = {
    "R02": home.home_is_updated,
    "R03": columns.news_and_notices_move,
    "R04": columns.no_column_is_late,
    "R05": columns.no_column_is_blank,
    "R08": structure.structure_is_kept,
    "R09": tags.site_tags,
    "R10": tags.column_tags,
    "R11": tags.content_tags,
    **documents.RULES,
    **limits.RULES,
}


def judge_rules(facts: Facts, columns_of: Columns) -> dict[int, list[Verdict]]:
    """Return site → its verdicts in the order of the rules."""
    by_rule = [rule(facts, columns_of) for rule in RULES.values()]
    return {site.pk: [found[site.pk] for found in by_rule] for site in facts.sites}
