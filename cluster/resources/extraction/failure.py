"""The error a reader raises for a document it cannot read, with a sentence for the editor.

Caught by the child, which reports the extraction as failed without a retry.
"""


class UnreadableDocument(ValueError):
    """A document that is what it says but cannot be read; the text says why, in Chinese."""
