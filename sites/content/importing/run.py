"""Import a whole file: read, check, place, write in batches, report.

Called by the command import_documents. What is committed stays; run the same import again after any interruption.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cluster.subsites.models import Subsite
from sites.content.importing.errors import BadRecord, ImportRefused, NoRecord
from sites.content.importing.lines import FileBroken, Source, open_lines
from sites.content.importing.records import Record, read_record
from sites.content.importing.report import Report
from sites.content.importing.writing import write_batch

BATCH = 500
# Characters of text that one batch, and all waiting batches together, may hold in memory.
BATCH_TEXT = 6_000_000
WAITING_TEXT = 24_000_000
# So many lines at the beginning without one JSON object mean that the file is something else.
HOPELESS = 50

Progress = Callable[[int, int], None]


class Places(Protocol):
    """Decides where records go."""

    def places(self, records: list[Record]) -> list[Subsite | BadRecord]:
        """Return for each record its site or its error."""


def import_file(
    path: Path, places: Places, column_code: str, report: Report, *, restore: bool = False, progress: Progress
) -> None:
    """Import the file; the report holds what did not go in. Raises ImportRefused, with what went before committed.

    `progress` hears the percentage of the file that is read and the number of records looked at.
    """
    with open_lines(path) as source:
        waiting = _Waiting(column_code, report, restore=restore)
        broken: FileBroken | None = None
        try:
            for records in _chunks(_records(source, report)):
                waiting.add(records, places.places(records))
                progress(source.percent(), report.tally.total + waiting.count)
        except FileBroken as error:
            broken = error
        waiting.flush()
        progress(100, report.tally.total)
        if broken is not None:
            raise broken


def _records(source: Source, report: Report) -> Iterator[Record]:
    """Yield the good records of the file, each id once; reject the others."""
    seen: dict[str, int] = {}
    begun = False
    for line in source.lines:
        try:
            record = read_record(line)
            if record.id in seen:
                reason = f"编号与第{seen[record.id]}行重复，只导入先出现的一条。"
                raise BadRecord("id", reason, "请删去多余的一条，或改正编号。", record.id)
        except BadRecord as error:
            report.reject(line.number, error)
            # Objects with wrong fields are records all the same: each is named, however many there are.
            begun = begun or not isinstance(error, NoRecord)
            if not begun and report.tally.rejected >= HOPELESS:
                raise ImportRefused(
                    f"前{HOPELESS}行都不是 JSON 对象（第{line.number}行：{error}），文件很可能不是所要的格式，已停止。详见报告。"
                ) from error
        else:
            begun = True
            seen[record.id] = line.number
            yield record


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Group records so that their places can be asked for together. What came before an error is not lost."""
    chunk: list[Record] = []
    size = 0
    try:
        for record in records:
            chunk.append(record)
            size += len(record.body)
            if len(chunk) >= BATCH or size >= BATCH_TEXT:
                yield chunk
                chunk, size = [], 0
    except FileBroken:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


@dataclass(slots=True)
class _Pile:
    """The records that wait for one site."""

    site: Subsite
    records: list[Record] = field(default_factory=list)
    size: int = 0


class _Waiting:
    """Collects records by site and writes a pile when it is high enough, for a small transaction costs as much as a big."""

    def __init__(self, column_code: str, report: Report, *, restore: bool) -> None:
        self.column_code, self.report, self.restore = column_code, report, restore
        self.piles: dict[int, _Pile] = {}

    @property
    def count(self) -> int:
        """How many records wait."""
        return sum(len(pile.records) for pile in self.piles.values())

    def add(self, records: list[Record], places: list[Subsite | BadRecord]) -> None:
        """Put the records on their piles and write those that are high enough."""
        for record, place in zip(records, places, strict=True):
            if isinstance(place, BadRecord):
                self.report.reject(record.line, place)
                continue
            pile = self.piles.setdefault(place.pk, _Pile(place))
            pile.records.append(record)
            pile.size += len(record.body)
            if len(pile.records) >= BATCH or pile.size >= BATCH_TEXT:
                self._write(pile)
        while sum(pile.size for pile in self.piles.values()) > WAITING_TEXT:
            self._write(max(self.piles.values(), key=lambda pile: pile.size))

    def flush(self) -> None:
        """Write everything that waits."""
        for pile in list(self.piles.values()):
            self._write(pile)

    def _write(self, pile: _Pile) -> None:
        del self.piles[pile.site.pk]
        write_batch(pile.site, self.column_code, pile.records, self.report, restore=self.restore)
