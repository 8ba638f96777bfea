"""Read Excel workbooks (XLSX) with openpyxl, row by row and without loading a sheet whole.

Called by the child through `reader_for`.
"""

import warnings
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from cluster.resources.extraction.sink import TextSink


def read(path: Path, sink: TextSink) -> None:
    """Pour out the name and the filled cells of each visible sheet; formulas appear as their last result."""
    warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which carry no text
    with path.open("rb") as stream:  # a path without the right ending would be refused
        workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        for sheet in workbook.worksheets:
            if sheet.sheet_state == "visible":
                _read_sheet(sheet, sink)


def _read_sheet(sheet: Any, sink: TextSink) -> None:
    sink.add(f"{sheet.title}\n")
    sheet.reset_dimensions()  # the file's own claim of its size is often wrong
    for row in sheet.iter_rows(values_only=True):
        if sink.is_full:
            return
        line = "\t".join(_shown(value) for value in row if value is not None)
        if line:
            sink.add(line + "\n")


def _shown(value: object) -> str:
    """Write a cell as a person would search for it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M" if value.hour or value.minute else "%Y-%m-%d")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.12g}" if isinstance(value, float) else str(value)
