"""Find the line on which a key or an element of a TOML text begins; tomllib parses, but forgets where.

Called by `texts`, only when there is a problem to report. The text is known to be sound TOML.
"""

import re
from bisect import bisect_left

# A key or an element on the way down: ("columns", "zcwj", "items", 0, "check").
Path = tuple[str | int, ...]

SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BARE = re.compile(r"[A-Za-z0-9_-]+")
STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL)
PLAIN = re.compile(r"[^,\]}\n#]+")


class _Walker:
    """One walk over a text, noting the line of everything it passes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        # Counting the ends of lines anew for every word would take the square of the text's length.
        self.ends = [found.start() for found in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}

    def note(self, path: Path) -> None:
        self.lines.setdefault(path, bisect_left(self.ends, self.at) + 1)

    def skip(self) -> str:
        """Pass blanks and comments; return the sign that follows."""
        found = SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found or not found.group():
            self.at += 1
            return ""
        self.at = found.end()
        return found.group()

    def key(self, path: Path) -> Path:
        """Pass a dotted key; return the path to it."""
        while True:
            sign = self.skip()
            part = self.take(STRING)[1:-1] if sign in "\"'" else self.take(BARE)
            path = (*path, part)
            if self.skip() != ".":
                return path
            self.at += 1

    def table(self) -> Path:
        """Pass a header; return the path of what follows. Tables of one array are counted."""
        self.at += 1
        is_array = self.text.startswith("[", self.at)
        self.at += is_array
        begin = self.at
        path = self.key(())
        if is_array:
            number = self.tables.get(path, -1) + 1
            self.tables[path] = number
            path = (*path, number)
        end, self.at = self.at, begin
        for length in range(1, len(path) + 1):
            self.note(path[:length])
        self.at = end
        while self.skip() == "]":
            self.at += 1
            if not is_array or self.text[self.at - 2 : self.at] == "]]":
                break
        return path

    def pair(self, path: Path) -> None:
        self.skip()
        begin = self.at
        full = self.key(path)
        end, self.at = self.at, begin
        self.note(full)
        self.at = end + 1  # the sign of equality
        self.value(full)

    def value(self, path: Path) -> None:
        sign = self.skip()
        self.note(path)
        if sign == "[":
            self.many(path, "]")
        elif sign == "{":
            self.many(path, "}")
        else:
            self.take(STRING if sign in "\"'" else PLAIN)

    def many(self, path: Path, closing: str) -> None:
        """Pass the elements of an array or the pairs of an inline table."""
        self.at += 1
        number = 0
        while (sign := self.skip()) and sign != closing:
            if sign == ",":
                self.at += 1
            elif closing == "]":
                self.value((*path, number))
                number += 1
            else:
                self.pair(path)
        self.at += 1

    def walk(self) -> dict[Path, int]:
        path: Path = ()
        while sign := self.skip():
            if sign == "[":
                path = self.table()
            else:
                self.pair(path)
        return self.lines


def lines_of(text: str) -> dict[Path, int]:
    """Return the line of every key, table and element of a sound TOML text."""
    return _Walker(text).walk()
