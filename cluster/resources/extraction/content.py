"""What the sniffer found a file to be.

Made by `sniffing` and `containers`; read by the check of uploads.
"""

from dataclasses import dataclass

from cluster.resources.extraction.kinds import DocumentKind


@dataclass(frozen=True)
class Content:
    """The kind of a content, or what it is instead, in words for an editor."""

    kind: DocumentKind | None
    foreign: str = ""
    is_empty: bool = False

    @property
    def label(self) -> str:
        """Name the content for people."""
        return self.kind.label if self.kind else self.foreign
