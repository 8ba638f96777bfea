"""The forms in which public pages offer a picture: AVIF, WebP in up to three widths, and one that every browser can show.

Called by the tag {% shot %} and by what gathers a page. WebP and the last are made when a page first shows the picture;
AVIF is ordered of the worker (cluster.pictures), and the page is made again when it is there. Asks the table and the disk
each time and no cache: what a process remembers would stay on a stored page.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from django.core.files.storage import default_storage
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage, Filter

from cluster.edge import recording
from cluster.pictures.encoding import AVIF, JPEG, WEBP, encoded
from cluster.pictures.ordering import order_avif
from cluster.postgresql import connection
from cluster.postgresql.reading import Part, first_row

logger = logging.getLogger(__name__)
TYPES = {AVIF: "image/avif", WEBP: "image/webp"}
# A page whose picture is lost is looked at again so often: the file may have been put back.
LOST = timedelta(minutes=10)


class Form(NamedTuple):
    """A form that lies on the disk."""

    spec: str
    file: str
    width: int
    height: int

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return default_storage.url(self.file)


Forms = Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Layout:
    """How large a picture stands somewhere: what to make of it (Wagtail's words) by width, and the widths for browsers."""

    shapes: tuple[tuple[int, str], ...]
    sizes: str

    def shapes_of(self, image: AbstractImage) -> list[str]:
        """Return the shapes that differ: none is wider than the picture itself."""
        return [
            shape
            for number, (_, shape) in enumerate(self.shapes)
            if not number or self.shapes[number - 1][0] < image.width
        ]


# As wide as a picture stands in a text, at most 1200; and as the first of the front page, cut to its place.
IN_TEXT = Layout(tuple((w, f"width-{w}") for w in (400, 800, 1200)), "(min-width: 60rem) 50rem, 100vw")
ON_FRONT = Layout(tuple((w, f"fill-{w}x{w * 9 // 16}") for w in (400, 800)), "(min-width: 60rem) 40rem, 100vw")
# The place of the form for every browser among the shapes: 800 wide where the picture is.
_FOR_ALL = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A <source>: the forms of one type by width."""

    media_type: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What a <picture> says, the better type first. `url` is the address that stands for it outside of pages."""

    sources: tuple[Source, ...]
    src: str
    url: str
    width: int
    height: int
    sizes: str


def image_of(number: int | None) -> AbstractImage | None:
    """Return a picture of the library; None where it was deleted."""
    if number is None:
        return None
    statement, part = _image_reading()
    row = first_row(statement, [number])
    return part.instance(row) if row else None


@cache
def _image_reading() -> tuple[str, Part[AbstractImage]]:
    part = Part(get_image_model(), "image")
    return f"SELECT {part.columns} FROM {part.model._meta.db_table} image WHERE image.id = %s", part


def picture_of(image: AbstractImage | None, layout: Layout = IN_TEXT) -> Picture | None:
    """Return what a page offers of a picture; None where it was deleted or its file is lost and no form is left."""
    if image is None:
        return None
    shapes = layout.shapes_of(image)
    basic = [*(shape + WEBP for shape in shapes), shapes[min(_FOR_ALL, len(shapes) - 1)] + JPEG]
    better = [shape + AVIF for shape in shapes]
    forms, lost = _standing(image, [*basic, *better])
    if not forms.keys() >= set(basic) and _make(image, [spec for spec in basic if spec not in forms], lost):
        forms, _ = _standing(image, [*basic, *better])
    if not forms.keys() >= set(basic):
        recording.holds_until(timezone.now() + LOST)
    elif not forms.keys() >= set(better):
        order_avif(image)
        forms = {spec: form for spec, form in forms.items() if spec not in better}
    return _picture(forms, layout) if forms.keys() & set(basic) else None


def _picture(forms: Forms, layout: Layout) -> Picture:
    by_type = {end: _by_width(form for spec, form in forms.items() if spec.endswith(end)) for end in (AVIF, WEBP)}
    sources = tuple(Source(TYPES[end], _srcset(found)) for end, found in by_type.items() if found)
    for_all = [form for spec, form in forms.items() if spec.endswith(JPEG)]
    largest = (by_type[WEBP] or for_all)[-1]
    shown = (for_all or by_type[WEBP])[-1]
    return Picture(sources, shown.url, largest.url, largest.width, largest.height, layout.sizes)


def _by_width(forms: Iterable[Form]) -> list[Form]:
    return sorted({form.width: form for form in forms}.values(), key=lambda form: form.width)


def _srcset(forms: list[Form]) -> str:
    return ", ".join(f"{form.url} {form.width}w" for form in forms)


@cache
def _filter(spec: str) -> Filter:
    # There are as many as there are shapes; reading their words each time costs more than asking for the form.
    return Filter(spec=spec)


def _standing(image: AbstractImage, specs: list[str]) -> tuple[dict[str, Form], list[int]]:
    """Return the forms that are there by their words, and the rows of those whose files are lost."""
    there, lost = {}, []
    with connection.cursor() as cursor:
        # Written out, since it is asked for each picture of each page: composing it costs more than running it.
        cursor.execute(
            """SELECT id, focal_point_key, filter_spec, file, width, height FROM wagtailimages_rendition
               WHERE image_id = %s AND filter_spec = ANY(%s)""",
            [image.pk, specs],
        )
        for number, focus, *facts in cursor.fetchall():
            form = Form(*facts)
            if focus != _filter(form.spec).get_cache_key(image):
                continue
            if default_storage.exists(form.file):
                there[form.spec] = form
            else:
                lost.append(number)
    return there, lost


def _make(image: AbstractImage, specs: list[str], lost: list[int]) -> bool:
    """Make forms, in the place of those whose files are lost; return False where the picture cannot be read."""
    if not image.file.storage.exists(image.file.name):
        logger.warning("图片的文件不见了：%s", image.file.name)
        return False
    try:
        made = encoded(image, specs)
    except Exception:
        # Whatever Pillow finds in a damaged file: the page is shown without its picture.
        logger.warning("图片读不出：%s", image.file.name, exc_info=True)
        return False
    image.renditions.filter(pk__in=lost).delete()
    image.get_rendition_model()._default_manager.bulk_create(made, ignore_conflicts=True)
    # Where another process was faster, its forms are those that have rows.
    kept = set(image.renditions.filter(filter_spec__in=specs).values_list("file", flat=True))
    for form in made:
        if form.file.name not in kept:
            form.file.delete(save=False)
    return True
