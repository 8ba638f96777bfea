"""The check of an uploaded attachment, in the words of Django's forms.

Called by the document upload form; the rules themselves live in `sniffing`, which knows nothing of Django.
"""

from pathlib import Path
from typing import BinaryIO, cast

from django.core.exceptions import ValidationError
from django.core.files.base import File

from cluster.resources.extraction.kinds import DocumentKind
from cluster.resources.extraction.sniffing import UnfitDocument, check_document


def validate_upload(file: File | BinaryIO | Path, filename: str) -> DocumentKind:
    """Give the kind of an uploaded file whose content is what its name says.

    Leaves the file at its start. Raises ValidationError with a sentence for the editor.
    """
    try:
        return check_document(cast("BinaryIO", file) if isinstance(file, File) else file, filename)
    except UnfitDocument as error:
        raise ValidationError(str(error), code="unfit_document") from error
