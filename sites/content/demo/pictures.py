"""Paint plain landscapes for the demonstration: sky, sun, hills, and fields, water or snow.

Called by `articles`; nobody's photograph is needed, and the alternative text says what is to be seen.
"""

import io
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

SIZE = (1200, 675)
HORIZON = 380


@dataclass(frozen=True)
class Scene:
    """What a picture shows, and its colours: sky above and below, hills, ground, stripes of the ground."""

    alt: str
    sky: tuple[str, str]
    hills: str
    ground: str
    stripes: str


SCENES = (
    Scene("冬日雪原，远处是连绵的丘陵", ("#c9d8e6", "#eef3f7"), "#8fa3b5", "#f4f7f9", "#dfe7ee"),
    Scene("秋天的稻田，一垄垄伸向远山", ("#cfe0ea", "#f6ead2"), "#7d8f6b", "#d9b65a", "#c79f42"),
    Scene("初夏的绿色田野和远处的林带", ("#bcd9ea", "#eaf4f6"), "#5f8a63", "#8fbf6b", "#79ab58"),
    Scene("宽阔的江面，对岸是起伏的山影", ("#b9cfdf", "#f1e9de"), "#6d8293", "#8fb0c4", "#a7c3d3"),
    Scene("春耕时节的黑土地，地平线上一抹新绿", ("#d5e3ea", "#f5f0e4"), "#86a07a", "#6b5344", "#5b4638"),
    Scene("傍晚的林海，天边泛着霞光", ("#b7bfd6", "#f3d3b3"), "#5c6f72", "#486055", "#3d5248"),
)


@cache
def landscape(number: int) -> tuple[bytes, str]:
    """Give a JPEG picture and its alternative text; equal numbers give equal pictures."""
    scene = SCENES[number % len(SCENES)]
    chance = random.Random(number)  # noqa: S311 - a picture
    image = _sky(scene)
    pen = ImageDraw.Draw(image)
    sun = chance.randint(200, SIZE[0] - 300)
    pen.ellipse((sun, 90, sun + 110, 200), fill="#f8efd8")
    for height in (90, 45):
        pen.polygon(_ridge(height, chance), fill=_mixed(scene.hills, scene.sky[1], height / 200))
    pen.rectangle((0, HORIZON, *SIZE), fill=scene.ground)
    for step in range(1, 9):  # stripes grow towards the viewer
        top = HORIZON + step * step * 4
        pen.rectangle((0, top, SIZE[0], top + step * 2), fill=scene.stripes)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue(), scene.alt


def _sky(scene: Scene) -> Image.Image:
    strip = Image.new("RGB", (1, HORIZON))
    for y in range(HORIZON):
        strip.putpixel((0, y), _rgb(_mixed(scene.sky[0], scene.sky[1], y / HORIZON)))
    image = Image.new("RGB", SIZE)
    image.paste(strip.resize((SIZE[0], HORIZON)))
    return image


def _ridge(height: int, chance: random.Random) -> list[tuple[int, int]]:
    points = [(x, HORIZON - chance.randint(height // 3, height)) for x in range(0, SIZE[0] + 150, 150)]
    return [(0, HORIZON + 1), *points, (SIZE[0], HORIZON + 1)]


def _mixed(first: str, second: str, share: float) -> str:
    pairs = zip(_rgb(first), _rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
