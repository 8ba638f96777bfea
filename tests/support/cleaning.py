"""Remove what a committing test left: pages, files, feed, search, jobs, extra sites."""

from django.contrib.auth import get_user_model
from django.db import connection
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cluster.column_templates.models import StructureNotice, TemplateVersion, VersionState, Waiver
from cluster.context import in_site
from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.findings.models import Finding
from cluster.inspection.models import ColumnDuty, ColumnState, DutyNotice, DutyRecord, InspectionRequest, InspectionRun
from cluster.pictures.models import PictureOrder
from cluster.resources.models import AttachmentText, Change, Consumer, Mark, Resource
from cluster.staff.models import Person
from cluster.subsites.models import Domain, Job, Subsite
from search.models import PendingFill, PostgresDocument, Rebuild
from sites.content.models import ImportedDocument

KEPT = ("alpha", "beta", "console")
_planted: dict[str, set[int]] = {}


def remember_the_planted_pages() -> None:
    """Note the pages that every living site starts with."""
    for site in Subsite.objects.filter(code__in=KEPT):
        with in_site(site):
            _planted[site.code] = set(Page.objects.values_list("pk", flat=True))


def drop_site(site: Subsite) -> None:
    """Remove a site that a test opened: schema, registry rows, row."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{site.schema_name}" CASCADE')
    Resource.objects.filter(site=site).delete()
    Domain.objects.filter(tenant=site).delete()
    Subsite.objects.filter(pk=site.pk).delete()


def _remove_collections() -> None:
    """Leave the root collection alone, as the moulds have it."""
    made = Collection.objects.filter(depth__gt=1)
    if made.exists():
        made.delete()
        Collection.fix_tree()


def clean() -> None:
    """Bring the database back to the state in which the run began."""
    connection.set_schema_to_public()
    Subsite.objects.exclude(code__in=KEPT).update(parent=None)
    for site in Subsite.objects.exclude(code__in=KEPT):
        drop_site(site)
    Subsite.objects.filter(code__in=KEPT).update(state="open")
    for site in Subsite.objects.filter(code__in=KEPT):
        with in_site(site):
            PageViewRestriction.objects.all().delete()
            CollectionViewRestriction.objects.all().delete()
            for page in Page.objects.exclude(pk__in=_planted[site.code]).order_by("-depth"):
                Page.objects.filter(pk=page.pk).first() and page.delete()
            Page.objects.filter(live=False).update(live=True)
            Page.fix_tree()  # tests delete rows by SQL, which leaves the number of children wrong
            for model in (get_document_model(), get_image_model()):
                model.objects.all().delete()
            _remove_collections()
            get_user_model().objects.all().delete()
            ImportedDocument.objects.all().delete()
    told = (PostgresDocument, Rebuild, PendingFill)
    for model in (
        EdgeServer,
        EdgeEvent,
        StructureNotice,
        Finding,
        Resource,
        Mark,
        Change,
        AttachmentText,
        PictureOrder,
        Consumer,
        *told,
        Job,
        Person,
        Waiver,
    ):
        model.objects.all().delete()
    TemplateVersion.objects.exclude(number=1).delete()
    TemplateVersion.objects.update(state=VersionState.CURRENT)
    for model in (Change, Mark, ColumnDuty, DutyRecord, ColumnState, DutyNotice, InspectionRequest, InspectionRun):
        model.objects.all().delete()
