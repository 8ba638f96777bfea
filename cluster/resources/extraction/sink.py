"""Where readers pour the text they find, up to a limit of size and of computing time.

Made by the child; its notes become the remark the editor sees beside the attachment.
"""

import time

from cluster.resources.extraction.result import Limits


class TextSink:
    """Collect text until enough is there or the time for reading is over."""

    def __init__(self, limits: Limits) -> None:
        """Start empty, with the clock of this process at its present stand."""
        self.notes: list[str] = []
        self._parts: list[str] = []
        self.room = limits.output_chars
        self._stop_at = time.process_time() + limits.reading_seconds
        self._limits = limits

    def add(self, text: str) -> None:
        """Take a piece of text; what is over the limit is dropped and noted."""
        self._parts.append(text[: self.room])
        if len(text) > self.room:
            self.note(f"正文过长，只收录前 {self._limits.output_chars} 字。")
        self.room -= min(len(text), self.room)

    def note(self, sentence: str) -> None:
        """Remember a remark once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    @property
    def is_full(self) -> bool:
        """Tell a reader to stop."""
        if time.process_time() >= self._stop_at:
            self.note("文件过于复杂，只收录了前面的部分。")
            return True
        return self.room <= 0

    @property
    def text(self) -> str:
        """Give all that was collected."""
        return "".join(self._parts)
