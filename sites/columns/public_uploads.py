"""Which pictures and attachments of a page everybody may have: those nginx may serve without asking anybody.

Named in settings.EDGE_UPLOADS, called inside the page's site when it is stored. Asks what cluster.files asks for a visitor
who has no session and knows no password.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import unquote

from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.http import HttpRequest
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument

from cluster.edge import keys
from cluster.postgresql import connection
from sites.columns.file_access import images_of, may_read

_DOCUMENT = re.compile(r"/documents/(\d{1,18})/([^/]+)")


def public_uploads(addresses: Iterable[str], used: Collection[str]) -> dict[str, Path]:
    """Return address → file of what everybody may have.

    Only what the page itself said to use (`used`, keys of the store): an address that an editor typed into a text keeps no
    file public whose own item is withdrawn.
    """
    visitor = _anybody()
    plain = {unquote(address): address for address in addresses}
    found = {**_documents(plain, used, visitor), **_pictures(plain, used, visitor)}
    return {plain[address]: path for address, path in found.items() if path.is_file()}


def _anybody() -> HttpRequest:
    request = HttpRequest()
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    return request


def _documents(addresses: Iterable[str], used: Collection[str], visitor: HttpRequest) -> dict[str, Path]:
    matched = {address: found for address in addresses if (found := _DOCUMENT.fullmatch(address))}
    numbers = {int(found[1]) for found in matched.values()}
    wanted = {number for number in numbers if keys.document(connection.schema_name, number) in used}
    documents = get_document_model().objects.select_related("collection").in_bulk(wanted) if wanted else {}
    allowed = {number: document for number, document in documents.items() if _is_for_all(document, visitor)}
    return {
        address: Path(allowed[number].file.path)
        for address, found in matched.items()
        if (number := int(found[1])) in allowed and allowed[number].filename == found[2]
    }


def _is_for_all(document: AbstractDocument, visitor: HttpRequest) -> bool:
    return not document.collection.get_view_restrictions().exists() and may_read(document, visitor)


def _pictures(addresses: Iterable[str], used: Collection[str], visitor: HttpRequest) -> dict[str, Path]:
    folder = f"/media/{connection.schema_name}/"
    names = {address.removeprefix(folder): address for address in addresses if address.startswith(folder)}
    image_of = images_of(names)
    shown = {image for image in image_of.values() if keys.image(connection.schema_name, image.pk) in used}
    allowed = {image.pk for image in shown if may_read(image, visitor)}
    return {names[name]: Path(default_storage.path(name)) for name, image in image_of.items() if image.pk in allowed}
