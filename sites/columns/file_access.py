"""Who may read an uploaded file: staff all of them, citizens what something published shows.

Asked by the hook before_serve_document and, for pictures, by cluster.files. The registry says what articles publish; it knows
neither the bodies of columns nor what only some citizens may read, therefore these are looked up in the pages themselves.
"""

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from wagtail.documents.models import AbstractDocument
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page, ReferenceIndex

from cluster.context import current_site
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.body import BodyContent, read_body

ENTER_ADMIN = "wagtailadmin.access_admin"
RENDITIONS, ORIGINALS = "images/", "original_images/"


def may_read(document: AbstractDocument, request: HttpRequest) -> bool:
    """Whether this visitor may have the file; restrictions on its collection are asked by Wagtail afterwards."""
    return _is_staff(request) or _is_shown(document, request)


def may_see(name: str, request: HttpRequest) -> bool:
    """Whether this visitor may have the picture whose file lies under this name in the site's folder.

    A file that no picture of the library or form of one has is nobody's.
    """
    image = image_of(name)
    return image is not None and (_is_staff(request) or _is_shown(image, request))


def image_of(name: str) -> AbstractImage | None:
    """Return the picture that a file is, or is a form of."""
    model = get_image_model()
    if name.startswith(RENDITIONS):
        return model.objects.filter(renditions__file=name).first()
    return model.objects.filter(file=name).first() if name.startswith(ORIGINALS) else None


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and user.has_perm(ENTER_ADMIN)


def _is_shown(file: AbstractDocument | AbstractImage, request: HttpRequest) -> bool:
    site = current_site()
    if site is None or not site.is_public:
        return False
    return _in_published_item(file, site) or _in_column(file, request) or _in_item_for_some(file, request)


def _in_published_item(file: AbstractDocument | AbstractImage, site: Subsite) -> bool:
    # Whether the page is live is asked too: what was withdrawn by an UPDATE waits a moment for the worker.
    live = Page.objects.live().filter(expired=False).values("pk")
    named = "document_ids__contains" if isinstance(file, AbstractDocument) else "image_ids__contains"
    rows = Resource.objects.filter(site=site, state=ResourceState.PUBLISHED, **{named: [file.pk]})
    return rows.filter(page_id__in=live).exists()


def _in_column(file: AbstractDocument | AbstractImage, request: HttpRequest) -> bool:
    columns = ColumnPage.objects.live().filter(expired=False)
    return any(
        file.pk in _ids(read_body(column.body.raw_data), file) and _accepts(column, request) for column in columns
    )


def _ids(content: BodyContent, file: AbstractDocument | AbstractImage) -> tuple[int, ...]:
    return content.document_ids if isinstance(file, AbstractDocument) else content.image_ids


def _in_item_for_some(file: AbstractDocument | AbstractImage, request: HttpRequest) -> bool:
    """Whether it is shown by an item that the registry leaves out because not everybody may read it.

    The item or the file's collection asks for a password or a sign-in; who gave it may have the file.
    """
    is_hidden = isinstance(file, AbstractDocument) and file.collection.get_view_restrictions().exists()
    pages = ContentType.objects.get_for_model(Page, for_concrete_model=False)
    references = ReferenceIndex.get_references_to(file).filter(base_content_type=pages)
    ids = {int(number) for number in references.values_list("object_id", flat=True)}
    items = Page.objects.live().filter(expired=False, pk__in=ids).specific(defer=True)
    return any((is_hidden or item.get_view_restrictions().exists()) and _accepts(item, request) for item in items)


def _accepts(page: Page, request: HttpRequest) -> bool:
    return all(restriction.accept_request(request) for restriction in page.get_view_restrictions())
