"""What an extraction gives back and within which limits it runs.

Filled by the child process, read by the worker, which stores it as a row of AttachmentText.
"""

from dataclasses import dataclass
from enum import StrEnum

MEBIBYTE = 1024 * 1024


class ExtractionState(StrEnum):
    """How an extraction ended; the same words as AttachmentText.state."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """The text of one attachment, or why there is none.

    `reason` is a Chinese sentence for the editor (a note when the state is done); `retry` tells whether the
    same file may succeed later, as after a timeout on a busy machine.
    """

    state: ExtractionState
    text: str = ""
    reason: str = ""
    retry: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one attachment may cost. Sizes in bytes, times in seconds."""

    memory: int = 512 * MEBIBYTE
    cpu_seconds: int = 60
    wall_seconds: int = 120
    open_files: int = 64
    input_bytes: int = 200 * MEBIBYTE
    output_chars: int = 2_000_000

    @property
    def output_bytes(self) -> int:
        """Bound the answer: four bytes for each character, and room for its envelope."""
        return self.output_chars * 4 + 64 * 1024

    @property
    def reading_seconds(self) -> float:
        """Leave time to hand over what was read: a long report is better found by its first pages than not at all."""
        return self.cpu_seconds * 0.8


DEFAULT_LIMITS = Limits()
