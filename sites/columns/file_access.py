"""Who may read an uploaded document: staff all of them, citizens what something published shows.

Asked by the hook before_serve_document. The registry says what articles publish; it knows neither the bodies of columns
nor what only some citizens may read, therefore these are looked up in the pages themselves.
"""

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page, ReferenceIndex

from cluster.context import current_site
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.body import read_body

ENTER_ADMIN = "wagtailadmin.access_admin"


def may_read(document: AbstractDocument, request: HttpRequest) -> bool:
    """Whether this visitor may have the file; restrictions on its collection are asked by Wagtail afterwards."""
    site, user = current_site(), request.user
    if user.is_authenticated and user.has_perm(ENTER_ADMIN):
        return True
    if site is None or not site.is_public:
        return False
    return _in_published_item(document, site) or _in_column(document, request) or _in_item_for_some(document, request)


def _in_published_item(document: AbstractDocument, site: Subsite) -> bool:
    # Whether the page is live is asked too: what was withdrawn by an UPDATE waits a moment for the worker.
    live = Page.objects.live().filter(expired=False).values("pk")
    rows = Resource.objects.filter(site=site, state=ResourceState.PUBLISHED, document_ids__contains=[document.pk])
    return rows.filter(page_id__in=live).exists()


def _in_column(document: AbstractDocument, request: HttpRequest) -> bool:
    columns = ColumnPage.objects.live().filter(expired=False)
    return any(
        document.pk in read_body(column.body.raw_data).document_ids and _accepts(column, request) for column in columns
    )


def _in_item_for_some(document: AbstractDocument, request: HttpRequest) -> bool:
    """Whether it is shown by an item that the registry leaves out because not everybody may read it.

    The item or the file's collection asks for a password or a sign-in; who gave it may have the file.
    """
    is_hidden = document.collection.get_view_restrictions().exists()
    pages = ContentType.objects.get_for_model(Page, for_concrete_model=False)
    references = ReferenceIndex.get_references_to(document).filter(base_content_type=pages)
    ids = {int(number) for number in references.values_list("object_id", flat=True)}
    items = Page.objects.live().filter(expired=False, pk__in=ids).specific(defer=True)
    return any((is_hidden or item.get_view_restrictions().exists()) and _accepts(item, request) for item in items)


def _accepts(page: Page, request: HttpRequest) -> bool:
    return all(restriction.accept_request(request) for restriction in page.get_view_restrictions())
