"""Turn an attachment into plain text, and tell what an upload really is; free of Django so that the child stays small.

Called by the worker (`extract_text`) and, through `uploads`, by the upload form. The text goes to AttachmentText.
"""

from cluster.resources.extraction.kinds import DocumentKind
from cluster.resources.extraction.result import DEFAULT_LIMITS, Extraction, ExtractionState, Limits
from cluster.resources.extraction.runner import extract_text
from cluster.resources.extraction.sniffing import UnfitDocument, check_document, sniff

__all__ = [
    "DEFAULT_LIMITS",
    "DocumentKind",
    "Extraction",
    "ExtractionState",
    "Limits",
    "UnfitDocument",
    "check_document",
    "extract_text",
    "sniff",
]
