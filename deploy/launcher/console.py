"""What the person at the terminal sees: one line a step, one line a refusal, a table at the end.

Called by every module of the launcher that has something to say; plain lines where the output is no terminal.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a plain line."""
    console.print(escape(text))


def done(text: str, seconds: float | None = None) -> None:
    """Print that a step succeeded, and how long it took."""
    took = f" [dim]{seconds:.1f} 秒[/]" if seconds is not None else ""
    console.print(f"[green]✓[/] {escape(text)}{took}")


def warn(text: str) -> None:
    """Print what goes on with less than it should have."""
    console.print(f"[yellow]![/] {escape(text)}")


def fail(text: str) -> None:
    """Print why the command ends."""
    console.print(f"[red]✗[/] {escape(text)}")


def quote(text: str) -> None:
    """Print lines of a log, set apart from our own."""
    for line in text.splitlines()[-3:]:
        console.print(f"    [dim]{escape(line[:300])}[/]")


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show that a step is under way, then that it succeeded."""
    began = time.monotonic()
    with console.status(escape(text) + " …"):
        yield
    done(text, time.monotonic() - began)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    sheet = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for name in columns:
        sheet.add_column(name, overflow="fold")
    for row in rows:
        sheet.add_row(*(escape(cell) for cell in row))
    console.print()
    console.print(sheet)
