"""Who may read an uploaded file: staff all of them, citizens what something published shows.

Asked by the hook before_serve_document and, for pictures, by cluster.files. The registry says what articles publish; it knows
neither the bodies of columns nor what only some citizens may read: where those name a file says Wagtail's index of
references. The number of questions to the database depends on neither the site's columns nor its items.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TypeAlias

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from wagtail.documents.models import AbstractDocument
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page, PageViewRestriction, ReferenceIndex

from cluster.context import current_site
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.body import BodyContent, read_body
from sites.common.routing import once

ENTER_ADMIN = "wagtailadmin.access_admin"
RENDITIONS, ORIGINALS = "images/", "original_images/"
File: TypeAlias = AbstractDocument | AbstractImage


def may_read(file: File, request: HttpRequest) -> bool:
    """Whether this visitor may have the file; restrictions on its collection are asked by Wagtail afterwards."""
    return _is_staff(request) or _is_shown(file, request)


def may_see(name: str, request: HttpRequest) -> bool:
    """Whether this visitor may have the picture whose file lies under this name in the site's folder.

    A file that no picture of the library or form of one has is nobody's.
    """
    image = images_of([name]).get(name)
    return image is not None and may_read(image, request)


def images_of(names: Iterable[str]) -> dict[str, AbstractImage]:
    """Return file → the picture that it is, or is a form of; files of equal picture share one object."""
    asked, model = list(names), get_image_model()
    forms, originals = ([name for name in asked if name.startswith(folder)] for folder in (RENDITIONS, ORIGINALS))
    found: dict[str, AbstractImage] = {}
    if forms:
        rows = model.get_rendition_model().objects.filter(file__in=forms).values_list("file", "image_id")
        number_of = dict(rows)
        images = model.objects.in_bulk(set(number_of.values()))
        found = {name: images[number] for name, number in number_of.items()}
    if originals:
        found |= {image.file.name: image for image in model.objects.filter(file__in=originals)}
    return found


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and user.has_perm(ENTER_ADMIN)


def _is_shown(file: File, request: HttpRequest) -> bool:
    site = current_site()
    if site is None or not site.is_public:
        return False
    return _in_published_item(file, site) or _in_column(file, request) or _in_item_for_some(file, request)


def _in_published_item(file: File, site: Subsite) -> bool:
    # Whether the page is live is asked too: what was withdrawn by an UPDATE waits a moment for the worker.
    live = Page.objects.live().filter(expired=False).values("pk")
    named = "document_ids__contains" if isinstance(file, AbstractDocument) else "image_ids__contains"
    rows = Resource.objects.filter(site=site, state=ResourceState.PUBLISHED, **{named: [file.pk]})
    return rows.filter(page_id__in=live).exists()


def _in_column(file: File, request: HttpRequest) -> bool:
    columns = ColumnPage.objects.live().filter(expired=False, pk__in=_pages_that_name(file))
    columns = columns.exclude(_below(_closed_paths(request)))
    return any(file.pk in _ids(read_body(column.body.raw_data), file) for column in columns)


def _ids(content: BodyContent, file: File) -> tuple[int, ...]:
    return content.document_ids if isinstance(file, AbstractDocument) else content.image_ids


def _in_item_for_some(file: File, request: HttpRequest) -> bool:
    """Whether it is shown by an item that the registry leaves out because not everybody may read it.

    The item or the file's collection asks for a password or a sign-in; who gave it may have the file.
    """
    is_hidden = isinstance(file, AbstractDocument) and file.collection.get_view_restrictions().exists()
    restricted = [path for paths in _restrictions(request).values() for path in paths]
    if not is_hidden and not restricted:
        return False
    items = Page.objects.live().filter(expired=False, pk__in=_pages_that_name(file))
    if not is_hidden:
        items = items.filter(_below(restricted))
    return bool(items.exclude(_below(_closed_paths(request))).exists())


def _pages_that_name(file: File) -> QuerySet[ReferenceIndex]:
    pages = ContentType.objects.get_for_model(Page, for_concrete_model=False)
    references = ReferenceIndex.get_references_to(file).filter(base_content_type=pages)
    numbers: QuerySet[ReferenceIndex] = references.values(number=Cast("object_id", BigIntegerField()))
    return numbers


def _below(paths: Iterable[str]) -> Q:
    return reduce(or_, (Q(path__startswith=path) for path in paths), Q(pk__in=()))


def _closed_paths(request: HttpRequest) -> list[str]:
    """Return the places in the tree that this visitor may not read."""
    restrictions = _restrictions(request)
    return [path for rule, paths in restrictions.items() if not rule.accept_request(request) for path in paths]


def _restrictions(request: HttpRequest) -> dict[PageViewRestriction, list[str]]:
    """Return restriction → the places in the tree to which it applies."""
    return once(request, "_restrictions_of_files", _read_restrictions)


def _read_restrictions() -> dict[PageViewRestriction, list[str]]:
    found = {rule: [rule.page.path] for rule in PageViewRestriction.objects.select_related("page")}
    if not found:
        return {}
    # A mirror is as restricted as its original, wherever it stands.
    originals = Page.objects.filter(_below(path for (path,) in found.values()))
    mirrors = Page.objects.filter(alias_of__in=originals).values_list("path", "alias_of__path")
    for path, original in mirrors:
        for paths in found.values():
            if original.startswith(paths[0]):
                paths.append(path)
    return found
