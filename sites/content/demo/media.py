"""Put generated pictures and files into a site's library.

Called by `articles` inside the site; the worker extracts the files' text as it does for uploads.
"""

import hashlib

from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from sites.content.demo.files import file_bytes
from sites.content.demo.pictures import landscape

PICTURES = 6  # as many as a site needs not to look monotonous


def new_document(title: str, name: str, kind: str, lines: list[str]) -> AbstractDocument:
    """Write a file and give its row in the library."""
    data = file_bytes(kind, title, lines)
    document: AbstractDocument = get_document_model()(
        title=title[:255],
        file=ContentFile(data, name=f"demo-{name}.{kind}"),
        file_size=len(data),
        file_hash=_hash(data),
    )
    document.save()
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
