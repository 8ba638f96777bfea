"""How a site leads its readers: what its home page shows with dates, and how many clicks away each column is. Pure; no queries.

Asked by `judging` (clicks) and by the rule on the home page. The ways are those of the pages: the menu, the blocks and the foot of the
home page; from a column to those below it, from one without any to those beside it, and back up. Site map and search count for
nothing: they lead everywhere.
"""

from collections.abc import Mapping

from cluster.column_templates.vocabulary import FOOT_CODES, UNDATED_BLOCKS, UNDATED_LAYOUTS
from cluster.inspection.facts import Facts, SiteFacts
from cluster.inspection.home_mirror import leading_blocks
from cluster.inspection.models import ColumnRecord

Blocks = list[dict[str, str]]


class Reach:
    """The ways through one site at the moment of the facts."""

    def __init__(self, site: SiteFacts, facts: Facts) -> None:
        self.law = facts.moment.law.of(site.kind)
        records: Mapping[str, ColumnRecord] = facts.records.get(site.pk, {})
        self.open = {code: record for code, record in records.items() if record.live and not record.restricted}
        self.below: dict[str, list[str]] = {}
        for code, record in self.open.items():
            self.below.setdefault(record.parent_code, []).append(code)
        home = facts.homes.get(site.pk)
        # Nobody has looked at the home page yet: what the template plants stands for it.
        self.is_observed = home is not None
        self.blocks: Blocks = home.blocks if home else [{"type": b["type"], **_said(b)} for b in self.law.home]

    def dated_columns(self) -> list[str]:
        """Return the columns whose items stand on the home page with their dates; of a mere home of links, those in its menu."""
        shown = {block["column"] for block in self.blocks if self._is_dated(block)} & set(self.open)
        led_to = {block["column"] for block in self.blocks if block.get("column")} & set(self.open)
        return sorted(code for code in (shown if led_to else self.menu()) if self._shows_dates(code))

    def _is_dated(self, block: Mapping[str, str]) -> bool:
        record = self.open.get(block.get("column", ""))
        if record is None:
            return False
        plain = block["type"] in UNDATED_BLOCKS or block.get("layout") in UNDATED_LAYOUTS
        # What other sites feed is always a list with dates.
        return bool(record.fed_by) or not plain

    def _shows_dates(self, code: str) -> bool:
        column = self.law.column(code)
        return self.open[code].shows_dates and (column is None or column.shows_dates)

    def menu(self) -> list[str]:
        """Return the columns that the main menu of every page leads to."""
        return [code for code in self.below.get("", []) if self._in_menu(code)]

    def _in_menu(self, code: str) -> bool:
        seen, column = self.open[code].in_menu, self.law.column(code)
        return seen if seen is not None else bool(column and column.menu)

    def clicks(self) -> dict[str, int]:
        """Return column → clicks from the home page; what no way leads to is not in it."""
        found = {code: 1 for code in self._first() if code in self.open}
        ring = list(found)
        while ring:
            following = [(code, found[code] + 1) for code in ring]
            ring = []
            for code, number in following:
                for other in self._onward(code):
                    if other in self.open and other not in found:
                        found[other] = number
                        ring.append(other)
        return found

    def _first(self) -> list[str]:
        codes = [*self.menu(), *FOOT_CODES]
        for block in self.blocks:
            column = block.get("column", "")
            codes.append(column)
            if block["type"] == "services":
                codes += self.below.get(column, [])
            if block.get("action"):
                codes.append(block.get("action_column") or column)
        return codes

    def _onward(self, code: str) -> list[str]:
        above = self.open[code].parent_code
        return [*(self.below.get(code) or (self.below.get(above, []) if above else [])), above]


def _said(block: Mapping[str, object]) -> dict[str, str]:
    return {word: said for word, said in leading_blocks([{"type": "", "value": block}])[0].items() if word != "type"}
