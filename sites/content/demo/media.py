"""Put generated pictures and files into a site's library.

Called by `articles` and `planting` inside the site; the worker extracts the files' text as it does for uploads.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.search.backends import get_search_backends

from sites.content.demo.files import file_bytes
from sites.content.demo.pictures import landscape

PICTURES = 6  # as many as a site needs not to look monotonous


@dataclass(frozen=True, kw_only=True)
class FileOrder:
    """A file to be written: title and name in the library, ending, and what stands in it."""

    title: str
    name: str
    kind: str
    lines: tuple[str, ...]


def add_documents(orders: Sequence[FileOrder]) -> list[AbstractDocument]:
    """Write the files and give their rows in the library, in the same order.

    In bulk: saved one by one, each would be indexed and searched for references by itself, at a tenth of a second.
    """
    model = get_document_model()
    documents = model.objects.bulk_create([_document(order) for order in orders])
    for backend in get_search_backends(with_auto_update=True):
        backend.add_bulk(model, documents)
    return documents


def _document(order: FileOrder) -> AbstractDocument:
    data = file_bytes(order.kind, order.title, list(order.lines))
    document: AbstractDocument = get_document_model()(
        title=order.title[:255],
        file=ContentFile(data, name=f"demo-{order.name}.{order.kind}"),
        file_size=len(data),
        file_hash=_hash(data),
    )
    return document


def picture(number: int) -> tuple[AbstractImage, str]:
    """Give a picture of the site with its alternative text, painted when it is first asked for."""
    model = get_image_model()
    data, alt = landscape(number)
    title = f"演示风景{number + 1}：{alt}"
    image: AbstractImage | None = model.objects.filter(title=title).first()
    if image is None:
        file = ContentFile(data, name=f"demo-landscape-{number + 1}.jpg")
        image = model(title=title, description=alt, file=file, file_size=len(data), file_hash=_hash(data))
        image.save()
    return image, alt


def _hash(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()  # as Wagtail does it
