"""Paint plain landscapes for the demonstration: sky, sun, hills, and fields, water or snow.

Called by `articles`; nobody's photograph is needed, and the alternative text says what is to be seen.
"""

import io
import math
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

SIZE = (1200, 675)
HORIZON = 380


@dataclass(frozen=True)
class Scene:
    """What a picture shows, its colours (sky above and below, hills, ground, stripes), and which way the stripes run."""

    alt: str
    sky: tuple[str, str]
    hills: str
    ground: str
    stripes: str
    has_rows: bool = True  # rows of a field run to the horizon, waves and drifts along it


SCENES = (
    Scene("冬日雪原，远处是连绵的丘陵", ("#c9d8e6", "#eef3f7"), "#8fa3b5", "#f4f7f9", "#dfe7ee", has_rows=False),
    Scene("秋天的稻田，一垄垄伸向远山", ("#cfe0ea", "#f6ead2"), "#7d8f6b", "#d9b65a", "#c79f42"),
    Scene("初夏的绿色田野和远处的林带", ("#bcd9ea", "#eaf4f6"), "#5f8a63", "#8fbf6b", "#79ab58"),
    Scene("宽阔的江面，对岸是起伏的山影", ("#b9cfdf", "#f1e9de"), "#6d8293", "#8fb0c4", "#a7c3d3", has_rows=False),
    Scene("春耕时节的黑土地，地平线上一抹新绿", ("#d5e3ea", "#f5f0e4"), "#86a07a", "#6b5344", "#5b4638"),
    Scene("傍晚的林海，天边泛着霞光", ("#b7bfd6", "#f3d3b3"), "#5c6f72", "#486055", "#3d5248", has_rows=False),
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
    for stripe in _rows(sun) if scene.has_rows else _waves():
        pen.polygon(stripe, fill=scene.stripes)
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


def _ridge(height: int, chance: random.Random) -> list[tuple[float, float]]:
    """Draw a soft line of hills: three waves of chance lengths, one upon the other."""
    waves = [(chance.uniform(150, 420) / part, chance.uniform(0, 7), height / 4 / part) for part in (1, 2, 3)]
    points = [
        (x, HORIZON - height * 0.6 - sum(rise * math.sin(x / length + start) for length, start, rise in waves))
        for x in range(0, SIZE[0] + 10, 10)
    ]
    return [(0, HORIZON + 1), *points, (SIZE[0], HORIZON + 1)]


def _rows(centre: int) -> list[list[tuple[float, float]]]:
    """Draw the rows of a field, which meet at the horizon."""
    top, bottom = float(HORIZON), float(SIZE[1])
    places = range(-50, 51)
    return [
        [
            (centre + at * 12, top),
            (centre + at * 12 + 2, top),
            (centre + at * 110 + 45, bottom),
            (centre + at * 110, bottom),
        ]
        for at in places
    ]


def _waves() -> list[list[tuple[float, float]]]:
    """Draw stripes along the horizon that grow towards the viewer."""
    stripes = [(HORIZON + step * step * 4, step * 2) for step in range(1, 9)]
    return [[(0, top), (SIZE[0], top), (SIZE[0], top + width), (0, top + width)] for top, width in stripes]


def _mixed(first: str, second: str, share: float) -> str:
    pairs = zip(_rgb(first), _rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
