"""Pictures and files for tests, small and equal in every site unless a colour says otherwise."""

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.documents.models import Document
from wagtail.images import get_image_model
from wagtail.images.models import Image

from cluster.context import in_site
from cluster.subsites.models import Subsite


def png(colour: str = "red") -> bytes:
    """Return a picture of one colour, 40 by 30."""
    stream = BytesIO()
    Pillow.new("RGB", (40, 30), colour).save(stream, "PNG")
    return stream.getvalue()


def add_image(site: Subsite, *, name: str = "tu.png", colour: str = "red", **fields: object) -> Image:
    """Add a picture to the site's library."""
    with in_site(site):
        return get_image_model().objects.create(title=name, file=ContentFile(png(colour), name=name), **fields)


def add_document(site: Subsite, *, name: str = "fu-jian.txt", data: bytes = b"fu jian", **fields: object) -> Document:
    """Add a document to the site's library."""
    with in_site(site):
        return get_document_model().objects.create(title=name, file=ContentFile(data, name=name), **fields)
