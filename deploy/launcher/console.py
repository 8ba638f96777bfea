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
# No table of ours is as wide; rich measures within the terminal's width unless it is told of another.
WIDEST = 1_000


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
    """Print a table; a list, a value to a line, where the terminal is too narrow: half an address is of use to nobody."""
    sheet = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for name in columns:
        sheet.add_column(name, no_wrap=True)
    for row in rows:
        sheet.add_row(*(escape(cell) for cell in row))
    console.print()
    if console.measure(sheet, options=console.options.update(max_width=WIDEST)).maximum <= console.width:
        console.print(sheet)
    else:
        show_list(title, columns, rows)


def show_list(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print the rows below one another, the first value as the heading of its row."""
    console.print(f"[italic]{escape(title)}[/]")
    for first, *others in rows:
        console.print(f"[bold]{escape(first)}[/]")
        for name, cell in zip(columns[1:], others, strict=True):
            console.print(f"  {escape(name)} {escape(cell)}")
