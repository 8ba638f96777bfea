"""The upload form of documents, which looks into the file and not only at its name.

Named by settings.WAGTAILDOCS_DOCUMENT_FORM_BASE; used by Wagtail's admin for single and multiple uploads.
"""

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.documents.forms import BaseDocumentForm

from cluster.resources.extraction.uploads import validate_upload


class CheckedDocumentForm(BaseDocumentForm):
    """Refuse a file whose content is not what its name says."""

    def clean_file(self) -> UploadedFile:
        """Check a newly chosen file; a file that stays was checked when it came."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            validate_upload(file, file.name or "")
        return file

    def add_error(self, field: str | None, error: ValidationError | str) -> None:
        """Say once what is wrong with the file: of one refused here the model would add that its ending is not allowed."""
        if field is None and "file" in self._errors and hasattr(error, "error_dict"):
            error.error_dict.pop("file", None)
        super().add_error(field, error)
