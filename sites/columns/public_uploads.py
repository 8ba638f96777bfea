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

from cluster.edge import keys
from cluster.postgresql import connection
from sites.columns.file_access import image_of, may_read, may_see

_DOCUMENT = re.compile(r"/documents/(\d{1,18})/([^/]+)")


def public_uploads(addresses: Iterable[str], used: Collection[str]) -> dict[str, Path]:
    """Return address → file of what everybody may have.

    Only what the page itself said to use (`used`, keys of the store): an address that an editor typed into a text keeps no
    file public whose own item is withdrawn.
    """
    visitor = _anybody()
    found = {}
    for address in addresses:
        path = _document(unquote(address), used, visitor) or _picture(unquote(address), used, visitor)
        if path is not None and path.is_file():
            found[address] = path
    return found


def _anybody() -> HttpRequest:
    request = HttpRequest()
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    return request


def _document(address: str, used: Collection[str], visitor: HttpRequest) -> Path | None:
    matched = _DOCUMENT.fullmatch(address)
    if matched is None or keys.document(connection.schema_name, int(matched[1])) not in used:
        return None
    document = get_document_model().objects.filter(pk=int(matched[1])).first()
    if document is None or document.filename != matched[2] or document.collection.get_view_restrictions().exists():
        return None
    return Path(document.file.path) if may_read(document, visitor) else None


def _picture(address: str, used: Collection[str], visitor: HttpRequest) -> Path | None:
    name = address.removeprefix(f"/media/{connection.schema_name}/")
    image = image_of(name) if name != address else None
    if image is None or keys.image(connection.schema_name, image.pk) not in used or not may_see(name, visitor):
        return None
    return Path(default_storage.path(name))
