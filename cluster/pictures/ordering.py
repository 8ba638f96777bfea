"""Order AVIF forms of a picture. Called where a public page shows a picture that has none; the worker makes them (`task`)."""

from wagtail.images.models import AbstractImage

from cluster.pictures.models import PictureOrder
from cluster.postgresql import connection


def order_avif(image: AbstractImage) -> None:
    """Have the worker make an AVIF form beside each WebP form; at once only noted, and once for each uploaded file."""
    facts = {"schema_name": connection.schema_name, "image_id": image.pk, "file": image.file.name}
    if not PictureOrder.objects.filter(**facts).exists():
        PictureOrder.objects.create(**facts)
