"""Keep ColumnRecord in step with the columns of every site, within the transaction that changed one.

Called by cluster.resources.projection (settings.COLUMN_OBSERVERS) for every page that it looks at: before the commit of a save, in
the worker for what triggers marked. So nothing reads all schemas later, and a day of the past can be asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cluster.context import in_site
from cluster.inspection.models import ColumnRecord, HomeRecord, InspectionRequest
from cluster.resources.projection import project_pages
from cluster.subsites.models import SiteKind, Subsite

# What makes a record another one.
WATCHED = (
    *("code", "name", "parent_code", "place", "column_class", "column_type", "description", "keywords"),
    *("fed_by", "in_menu", "live", "restricted", "planted", "shows_dates", "body_digest"),
)


class SiteView(Protocol):
    """What the projection knows: the columns among and above the pages by tree path, and what is not for everybody."""

    site: Subsite
    columns: Mapping[str, Any]
    restricted: tuple[str, ...]
    root_path: str | None


def columns_projected(view: SiteView, page_ids: list[int]) -> None:
    """Record those of the pages that are columns, and end the records of those that are none any more."""
    asked = set(page_ids)
    columns = {column.pk: column for column in view.columns.values() if column.pk in asked}
    known = {
        record.page_id: record
        for record in ColumnRecord.objects.filter(site=view.site, page_id__in=page_ids, until=None)
    }
    if not columns and not known:
        return
    now = timezone.now()
    digests = _body_digests(list(columns))
    ended, begun, filled = [], [], []
    for page_id in columns.keys() | known.keys():
        old, column = known.get(page_id), columns.get(page_id)
        values = _values(view, column, digests) if column else None
        if old and values and old.in_menu is None:
            # Not watched when the record began: seen for the first time, not changed.
            old.in_menu = values["in_menu"]
            filled.append(old)
        if old and (values is None or any(getattr(old, name) != values[name] for name in WATCHED)):
            ended.append(old.pk)
        elif old:
            continue
        if values is not None:
            since = now if old else first_seen(view.site, column, now)
            begun.append(ColumnRecord(site=view.site, page_id=page_id, since=since, **values))
    ColumnRecord.objects.bulk_update(filled, ["in_menu"])
    if ended or begun:
        ColumnRecord.objects.filter(pk__in=ended).update(until=now)
        ColumnRecord.objects.bulk_create(begun)
        InspectionRequest.objects.create(site_id=view.site.pk)


def _values(view: SiteView, column: Any, digests: dict[int, str]) -> dict[str, Any]:
    above = column.path[: -column.steplen]
    parent = view.columns.get(above)
    inside = bool(view.root_path) and column.path.startswith(view.root_path or "")
    return {
        "code": column.code,
        "name": column.title,
        "parent_code": parent.code if parent else "",
        "place": column.path,
        "column_class": column.column_class,
        "column_type": column.column_type,
        "description": column.description,
        "keywords": column.keywords,
        "fed_by": column.fed_by,
        "in_menu": column.show_in_menus,
        "live": bool(column.live and not column.expired and inside),
        "restricted": bool(view.restricted) and column.path.startswith(view.restricted),
        "planted": bool(getattr(column, "planted", False)),
        "shows_dates": column.shows_dates,
        "body_digest": digests.get(column.pk, ""),
    }


def _body_digests(page_ids: list[int]) -> dict[int, str]:
    """Return page id → digest of its text, for those that have one; called in the site's schema."""
    table = connection.ops.quote_name(apps.get_model(settings.COLUMN_MODEL)._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT page_ptr_id, md5(body::text) FROM {table} WHERE page_ptr_id = ANY(%s) AND body::text NOT IN ('[]', '\"\"')",
            [page_ids],
        )
        return dict(cursor.fetchall())


def first_seen(site: Subsite, page: Any, now: datetime) -> datetime:
    """Return since when a page stands that is recorded for the first time: never before its site."""
    return min(now, max(page.first_published_at or now, site.created_at))


def mirror_site(site: Subsite) -> None:
    """Look at the home page and all columns of a site, gone ones too; a step of a site's birth, and of the nightly run."""
    with in_site(site), transaction.atomic():
        homes = apps.get_model(settings.HOME_MODEL).objects.values_list("pk", flat=True)
        columns = apps.get_model(settings.COLUMN_MODEL).objects.values_list("pk", flat=True)
        recorded = ColumnRecord.objects.filter(site=site, until=None).values_list("page_id", flat=True)
        project_pages(sorted({*homes, *columns, *recorded}))


def mirror_missing() -> int:
    """Record columns and home page of sites that lack such records, as after an upgrade; return of how many sites."""
    columns, homes = (model.objects.filter(site=OuterRef("pk")) for model in (ColumnRecord, HomeRecord))
    missing = list(Subsite.objects.exclude(kind=SiteKind.CONSOLE).filter(~Exists(columns) | ~Exists(homes)))
    for site in missing:
        mirror_site(site)
    return len(missing)
