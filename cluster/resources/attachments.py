"""Keep the text of attachments: note files that came into sight, extract them in the worker, tell the registry.

Called by the projection (note), by the worker (extract, refresh). The text is read by search when it builds documents.
"""

import hashlib
import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from cluster.context import in_site
from cluster.resources.models import AttachmentState, AttachmentText, Resource
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5


def _document_rows(document_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return document id → stored file and what tells one content of it from another."""
    document_model = apps.get_model("wagtaildocs", "Document")
    found = document_model.objects.filter(pk__in=list(document_ids)).values_list("pk", "file", "file_hash", "file_size")
    return {pk: (file, f"{file_hash or ''}:{size or ''}"[:64]) for pk, file, file_hash, size in found}


def _digest(texts: Iterable[AttachmentText]) -> str:
    parts = sorted(f"{t.document_id}:{t.file_hash}:{t.file}" for t in texts if t.state == AttachmentState.DONE)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if parts else ""


def note_documents(site: Subsite, document_ids: set[int], rows: Iterable[Resource]) -> None:
    """Queue the files not yet extracted and give each row the digest of the texts that are there."""
    known = {
        text.document_id: text
        for text in AttachmentText.objects.filter(schema_name=site.schema_name, document_id__in=document_ids).defer(
            "text"
        )
    }
    for document_id, (file, file_hash) in _document_rows(document_ids).items():
        if document_id in known and (known[document_id].file, known[document_id].file_hash) == (file, file_hash):
            continue
        known[document_id], _ = AttachmentText.objects.update_or_create(
            schema_name=site.schema_name,
            document_id=document_id,
            defaults={
                "file": file,
                "file_hash": file_hash,
                "filename": Path(file).name,
                "state": AttachmentState.PENDING,
                "text": "",
                "error": "",
                "attempts": 0,
                "not_before": timezone.now(),
            },
        )
    for row in rows:
        row.attachments_digest = _digest(known[pk] for pk in row.document_ids if pk in known)


def refresh_document(site: Subsite, document_id: int) -> None:
    """Look again at a document that was saved, replaced or deleted, and at the rows that carry it."""
    rows = list(
        Resource.objects.filter(site=site, document_ids__contains=[document_id]).order_by("id").select_for_update()
    )
    if not _document_rows([document_id]):
        AttachmentText.objects.filter(schema_name=site.schema_name, document_id=document_id).delete()
    for row in rows:
        note_documents(site, set(row.document_ids), [row])
        row.save(update_fields=["attachments_digest"])


def _tell_registry(text: AttachmentText) -> None:
    rows = (
        Resource.objects.filter(site__schema_name=text.schema_name, document_ids__contains=[text.document_id])
        .order_by("id")
        .select_for_update(of=("self",))
    )
    for row in rows:
        texts = AttachmentText.objects.filter(schema_name=text.schema_name, document_id__in=row.document_ids).defer(
            "text"
        )
        row.attachments_digest = _digest(texts)
        row.save(update_fields=["attachments_digest"])


def _extract(text: AttachmentText, site: Subsite) -> None:
    """Extract one file and write the outcome; the file is read by a limited subprocess."""
    from cluster.resources.extraction import extract_text

    with in_site(site):
        path = Path(default_storage.path(text.file))
    outcome = extract_text(path, text.filename)
    text.state, text.text, text.error = outcome.state, outcome.text, outcome.reason
    if outcome.state == AttachmentState.FAILED and outcome.retry and text.attempts < MAX_ATTEMPTS:
        text.state = AttachmentState.PENDING
        text.not_before = timezone.now() + timedelta(seconds=2 ** min(text.attempts * 2, 12))
    text.extracted_at = timezone.now()
    with transaction.atomic():
        saved = AttachmentText.objects.filter(pk=text.pk, file=text.file, file_hash=text.file_hash).update(
            state=text.state,
            text=text.text,
            error=text.error,
            not_before=text.not_before,
            extracted_at=text.extracted_at,
        )
        if saved:  # else the file was replaced meanwhile and waits for its own turn
            _tell_registry(text)


class ExtractAttachments:
    """Worker task: extract one waiting file at a time."""

    name = "attachments"
    interval = 5.0

    def run(self) -> bool:
        """Extract the next file; return whether there was one."""
        with transaction.atomic():
            text = (
                AttachmentText.objects.filter(state=AttachmentState.PENDING, not_before__lte=timezone.now())
                .order_by("not_before", "id")
                .select_for_update(skip_locked=True)
                .first()
            )
            if text is None:
                return False
            # The claim is a lease, not a lock: a killed worker's file comes up again after five minutes.
            text.attempts += 1
            text.not_before = timezone.now() + timedelta(minutes=5)
            if text.attempts > MAX_ATTEMPTS:
                text.state, text.error = AttachmentState.FAILED, "多次提取均未完成，已搁置"
            AttachmentText.objects.filter(pk=text.pk).update(
                attempts=F("attempts") + 1, not_before=text.not_before, state=text.state, error=text.error
            )
        if text.state == AttachmentState.FAILED:
            return True
        site = Subsite.objects.filter(schema_name=text.schema_name).first()
        if site is None:
            text.delete()
            return True
        try:
            _extract(text, site)
        except Exception:
            logger.exception("提取附件文本失败：%s %s", text.schema_name, text.filename)
            connection.close_if_unusable_or_obsolete()
        return True


extract_attachments = ExtractAttachments()
