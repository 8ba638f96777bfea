"""A fresh cluster's first version: the shipped texts, in force from the start. Connected by ColumnTemplatesConfig.ready."""

from typing import Any

from django.utils import timezone

from cluster.column_templates.models import TemplateVersion, VersionState
from cluster.column_templates.sources import digest_of, shipped_sources
from cluster.column_templates.vocabulary import LANGUAGE
from cluster.postgresql import connection


def load_first_version(**kwargs: Any) -> None:
    """Record the shipped texts as version 1 where no version is recorded; later ones are loaded by people."""
    if connection.schema_name != "public" or TemplateVersion.objects.exists():
        return
    sources = shipped_sources()
    TemplateVersion.objects.create(
        number=1,
        state=VersionState.CURRENT,
        sources=sources,
        digest=digest_of(sources),
        language=LANGUAGE,
        note="随软件提供的标准模板",
        applied_at=timezone.now(),
    )
