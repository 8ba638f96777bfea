"""Texts of column templates for the tests of their reader: sound columns to put words into, and what is said of broken ones."""

import pytest

from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.reading import BrokenTemplates, read_law

GIVEN = ("name", "class", "column_type", "description", "keywords")
A = '[override.{code}]\nname = "甲{code}"\nclass = "static"\ncolumn_type = "x"\ndescription = "x"\nkeywords = "x"\n'

UNLISTED = A.format(code="x").replace("override", "columns")
RULE = 'items = [{ field = "title", check = "required", severity = "advice"'


def column(code: str, *words: str) -> str:
    """Write a sound column of a kind, with further words."""
    return A.format(code=code) + "".join(f"{word}\n" for word in words)


def county(*columns: str, codes: str = '"a"', end: str = "") -> dict[str, str]:
    """Write the texts of a county."""
    return {"common.toml": "", "county.toml": f"columns = [{codes}]\n" + "".join(columns) + end}


def only_column(*words: str) -> ColumnLaw:
    """Read one column of these words."""
    return read_law(county(column("a", *words))).of("county").columns[0]


def faults(sources: dict[str, str]) -> list[str]:
    """Return the sentences about broken texts."""
    with pytest.raises(BrokenTemplates) as refused:
        read_law(sources)
    return [str(problem) for problem in refused.value.problems]
