"""What can go wrong with an import: with the whole of it, or with one record.

Raised by every step; the command shows the first kind, the report file keeps the second.
"""

from cluster.subsites.errors import SiteError

CORRECT = "请改正后重新导入。"


class ImportRefused(SiteError):
    """The import cannot start or go on; str() is the sentence to show."""


class BadRecord(Exception):
    """One record cannot go in: the field, what is wrong with it, and what to do."""

    def __init__(self, field: str, reason: str, cure: str, record_id: str = "") -> None:
        super().__init__(f"{field}：{reason}{cure}")
        self.field, self.reason, self.cure, self.record_id = field, reason, cure, record_id


class NoRecord(BadRecord):
    """A line that is no JSON object: damaged, or of another kind of file."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__("整行", reason, cure)
