"""Pictures of public pages: three widths for the browser to choose from, none wider than the picture, each made once."""

import re
from io import BytesIO

from django.core.files.base import ContentFile
from django.template import Context, Template
from PIL import Image as Pillow
from wagtail.images.models import Image, Rendition

from cluster.context import in_site
from cluster.subsites.models import Subsite


def picture(site: Subsite, width: int) -> Image:
    """Add a picture of this width, half as high."""
    stream = BytesIO()
    Pillow.new("RGB", (width, width // 2), "teal").save(stream, "PNG")
    with in_site(site):
        return Image.objects.create(title="大楼", file=ContentFile(stream.getvalue(), name=f"da-lou-{width}.png"))


def drawn(site: Subsite, image: Image, tag: str = "{% shot image alt %}") -> str:
    with in_site(site):
        return Template(f"{{% load pictures %}}{tag}").render(Context({"image": image, "alt": "“大楼” <正面>"}))


def widths(html: str) -> list[str]:
    found = re.search(r'srcset="([^"]*)"', html)
    return re.findall(r" (\d+)w", found.group(1)) if found else []


def test_a_large_picture_comes_in_three_widths(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        image = picture(site, 1600)
        html = drawn(site, image)
        assert widths(html) == ["400", "800", "1200"]
        assert f"/media/{site.schema_name}/images/da-lou-1600" in html
        assert 'width="1200" height="600"' in html
        assert "sizes=" in html
        assert ".webp" in html
        assert "&lt;正面&gt;" in html
        with in_site(site):
            assert Rendition.objects.filter(image=image).count() == 3
        drawn(site, image)
        with in_site(site):
            assert Rendition.objects.filter(image=image).count() == 3


def test_none_is_wider_than_the_picture(alpha: Subsite) -> None:
    assert widths(drawn(alpha, picture(alpha, 600))) == ["400", "600"]
    small = drawn(alpha, picture(alpha, 200))
    assert "srcset" not in small
    assert "sizes" not in small
    assert 'width="200"' in small


def test_a_front_page_cuts_it_to_its_place(alpha: Subsite) -> None:
    html = drawn(alpha, picture(alpha, 1600), "{% front_shot image alt %}")
    assert widths(html) == ["400", "800"]
    assert 'width="800" height="450"' in html


def test_only_pictures_below_the_fold_wait(alpha: Subsite) -> None:
    image = picture(alpha, 600)
    assert "loading" not in drawn(alpha, image)
    assert 'loading="lazy"' in drawn(alpha, image, "{% shot image alt lazy=True %}")
