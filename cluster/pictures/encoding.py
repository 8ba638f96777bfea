"""How the forms of pictures on public pages are encoded: on one core, and without what a camera wrote into the file.

Given to Wagtail in the place of its own filter, by sites.common.pictures (WebP, JPEG) and by cluster.pictures.task (AVIF).
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import willow
from django.conf import settings
from PIL import Image as Pillow
from wagtail.images.models import AbstractImage, AbstractRendition, Filter
from willow.image import AvifImageFile, ImageFile, JPEGImageFile, WebPImageFile
from willow.plugins.pillow import PillowImage

WEBP, AVIF, JPEG = "|format-webp", "|format-avif", "|format-jpeg"
# Of AVIF, speed 4 takes six times as long as 6 for the same bytes, 8 a quarter of the time for a sixth more of them.
_OPTIONS: dict[str, dict[str, Any]] = {
    WEBP: {"format": "WEBP", "quality": 80},
    AVIF: {"format": "AVIF", "quality": settings.AVIF_QUALITY, "speed": 6, "max_threads": 1, "xmp": b""},
    JPEG: {"format": "JPEG", "quality": 76, "progressive": True, "optimize": True, "comment": b""},
}
_FILES: dict[str, type[ImageFile]] = {WEBP: WebPImageFile, AVIF: AvifImageFile, JPEG: JPEGImageFile}


class Form(Filter):
    """A shape and a type in Wagtail's words, such as width-400|format-avif."""

    # The picture as it was read, once for all its forms.
    original: PillowImage

    def run(self, image: AbstractImage, output: BytesIO, source: BytesIO | None = None) -> ImageFile:
        """Write the picture in this form."""
        transform = self.get_transform(image, (self.original.image.width, self.original.image.height))
        picture = self.original.crop(transform.get_rect().round()).resize(transform.size)
        end = self.spec[self.spec.rindex("|") :]
        _save(picture, output, end)
        return _FILES[end](output)


def encoded(image: AbstractImage, specs: Iterable[str]) -> list[AbstractRendition]:
    """Return forms of a picture, not yet saved. Raises what Pillow and the disk raise."""
    with image.open_file() as file:
        source = BytesIO(file.read())
    original, made = willow.Image.open(source).auto_orient(), []
    for spec in specs:
        form = Form(spec=spec)
        form.original = original
        made.append(image.generate_rendition_instance(form, source))
    return made


def _save(picture: PillowImage, output: BytesIO, end: str) -> None:
    """Write the pixels and the colour profile, nothing else that stood in the file."""
    if picture.image.mode == "CMYK" and picture.get_icc_profile() is not None:
        # Made for printing: screens would show other colours.
        picture = picture.transform_colorspace_to_srgb()
    pixels, profile = picture.image, picture.get_icc_profile()
    if pixels.mode not in {"RGB", "RGBA", "L"}:
        pixels = pixels.convert("RGBA" if picture.has_alpha() else "RGB")
    if end == JPEG and pixels.mode == "RGBA":
        white = Pillow.new("RGBA", pixels.size, "white")
        pixels = Pillow.alpha_composite(white, pixels).convert("RGB")
    pixels.save(output, exif=b"", **_OPTIONS[end], **({"icc_profile": profile} if profile else {}))
