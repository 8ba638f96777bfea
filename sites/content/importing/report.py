"""Count what became of the records and write down, line by line, what did not simply go in.

Filled by `run`, `places` and `writing`; the report file is for the people who repair the source.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sites.content.importing.errors import BadRecord, ImportRefused
from sites.content.importing.records import Record


@dataclass(slots=True)
class Tally:
    """How many records had which fate."""

    published: int = 0
    revised: int = 0
    unchanged: int = 0
    kept_back: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """All records looked at."""
        return self.published + self.revised + self.unchanged + self.kept_back + self.rejected

    def sentence(self) -> str:
        """Return the figures in words."""
        return (
            f"共读入 {self.total} 条：新发布 {self.published}，更新 {self.revised}，未变化 {self.unchanged}，"
            f"因编辑已撤下而不再发布 {self.kept_back}，未导入 {self.rejected}"
        )


@dataclass(slots=True)
class Report:
    """The report file; it is made with its first entry, so a clean run leaves none."""

    path: Path
    tally: Tally = field(default_factory=Tally)
    entries: int = 0
    _file: IO[str] | None = None

    def reject(self, line: int, error: BadRecord) -> None:
        """Note a record that does not go in."""
        self.tally.rejected += 1
        self._write(line, error.record_id, "rejected", error.field, error.reason, error.cure)

    def keep_back(self, record: Record, reason: str, cure: str) -> None:
        """Note a record that editors took down and that stays down."""
        self.tally.kept_back += 1
        self._write(record.line, record.id, "kept_back", "", reason, cure)

    def notice(self, record: Record, name: str, reason: str) -> None:
        """Note something worth knowing about a record that goes in."""
        self._write(record.line, record.id, "notice", name, reason, "")

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: int, record_id: str, kind: str, name: str, reason: str, cure: str) -> None:
        entry = {"line": line, "id": record_id, "kind": kind, "field": name, "reason": reason, "cure": cure}
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("w", encoding="utf-8")
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            # Whoever kills the import still finds what was noted.
            self._file.flush()
        except OSError as error:
            raise ImportRefused(
                f"无法写入报告文件 {self.path}（{error.strerror}）：请用 --report 指定可写的位置后重新运行，已导入的会跳过。"
            ) from error
        self.entries += 1
