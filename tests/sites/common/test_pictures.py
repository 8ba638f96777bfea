"""Pictures of public pages: three widths for the browser to choose from, none wider than the picture, each made once."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.template import Context, Template
from PIL import Image as Pillow
from wagtail.images.models import Image, Rendition
from wagtail.rich_text import expand_db_html

from cluster.context import in_site
from cluster.edge import recording
from cluster.pictures.encoding import encoded
from cluster.subsites.models import Subsite
from sites.common.pictures import ON_FRONT, picture_of


def picture(site: Subsite, width: int) -> Image:
    """Add a picture of this width, half as high."""
    stream = BytesIO()
    Pillow.new("RGB", (width, width // 2), "teal").save(stream, "PNG")
    with in_site(site):
        return Image.objects.create(title="大楼", file=ContentFile(stream.getvalue(), name=f"da-lou-{width}.png"))


def drawn(site: Subsite, image: Image, tag: str = "{% shot image alt %}") -> str:
    with in_site(site):
        return Template(f"{{% load pictures %}}{tag}").render(Context({"image": image, "alt": "“大楼” <正面>"}))


def widths(html: str, media_type: str = "image/webp") -> list[str]:
    found = re.search(rf'<source type="{media_type}" srcset="([^"]*)"', html)
    return re.findall(r" (\d+)w", found.group(1)) if found else []


def test_a_large_picture_comes_in_three_widths(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        image = picture(site, 1600)
        html = drawn(site, image)
        assert widths(html) == ["400", "800", "1200"]
        assert f"/media/{site.schema_name}/images/da-lou-1600" in html
        assert 'width="1200" height="600"' in html
        assert "sizes=" in html
        assert re.search(r'<img src="[^"]*\.jpg"', html), "for browsers that know neither"
        assert "&lt;正面&gt;" in html
        for _ in range(2):
            with in_site(site):
                specs = sorted(Rendition.objects.filter(image=image).values_list("filter_spec", flat=True))
            of_webp = ["width-1200|format-webp", "width-400|format-webp", "width-800|format-webp"]
            assert specs == sorted([*of_webp, "width-800|format-jpeg"])
            drawn(site, image)


def test_none_is_wider_than_the_picture(alpha: Subsite) -> None:
    assert widths(drawn(alpha, picture(alpha, 600))) == ["400", "600"]
    small = drawn(alpha, picture(alpha, 200))
    assert widths(small) == ["200"]
    assert 'width="200"' in small


def test_a_front_page_cuts_it_to_its_place(alpha: Subsite) -> None:
    image = picture(alpha, 1600)
    with in_site(alpha):
        html = Template("{% load pictures %}{% shot picture alt %}").render(
            Context({"picture": picture_of(image, ON_FRONT), "alt": "大楼"})
        )
    assert widths(html) == ["400", "800"]
    assert 'width="800" height="450"' in html


def test_only_pictures_below_the_fold_wait(alpha: Subsite) -> None:
    image = picture(alpha, 600)
    assert "loading" not in drawn(alpha, image)
    assert 'loading="lazy"' in drawn(alpha, image, "{% shot image alt lazy=True %}")


def test_who_was_slower_offers_the_forms_that_have_rows(alpha: Subsite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages show a new picture at once: both name files that belong to it, and no file is left over."""
    image = picture(alpha, 200)
    slower = Image.generate_rendition_instance

    def overtaken(self: Image, *args: object) -> Rendition:
        monkeypatch.setattr(Image, "generate_rendition_instance", slower)
        picture_of(self)
        return slower(self, *args)

    monkeypatch.setattr(Image, "generate_rendition_instance", overtaken)
    html = drawn(alpha, image)
    with in_site(alpha):
        files = [form.file for form in Rendition.objects.filter(image=image)]
        folder = Path(files[0].path).parent
        assert {path.name for path in folder.iterdir() if path.name.startswith(f"{Path(image.file.name).stem}.")} == {
            Path(file.name).name for file in files
        }
        assert len(files) == 2
        assert all(file.url in html for file in files)


class TestLost:
    """A picture whose file is not there: no broken address, its words for those who are read to."""

    def lose(self, site: Subsite, image: Image, *, forms: bool = True) -> None:
        with in_site(site):
            Path(image.file.path).unlink()
            for form in image.renditions.all() if forms else ():
                Path(form.file.path).unlink()

    def test_nothing_is_shown_but_said(self, alpha: Subsite, beta: Subsite) -> None:
        lost, kept = picture(alpha, 200), picture(beta, 200)
        for known in (False, True):
            if known:
                drawn(beta, kept)
            else:
                self.lose(alpha, lost)
            html = drawn(alpha, lost)
            assert "<img" not in html
            assert "not-found" not in html
            assert '<span class="unseen">图片：“大楼” &lt;正面&gt;</span>' in html
            assert "<img" in drawn(beta, kept)

    def test_forms_that_are_left_are_shown(self, alpha: Subsite) -> None:
        image = picture(alpha, 600)
        drawn(alpha, image)
        self.lose(alpha, image, forms=False)
        assert widths(drawn(alpha, image)) == ["400", "600"]
        with in_site(alpha):
            Path(image.renditions.get(filter_spec="width-400|format-webp").file.path).unlink()
        assert widths(drawn(alpha, image)) == ["600"]

    def test_forms_that_are_lost_are_made_again(self, alpha: Subsite) -> None:
        image = picture(alpha, 600)
        before = drawn(alpha, image)
        with in_site(alpha):
            for form in image.renditions.all():
                Path(form.file.path).unlink()
        again = drawn(alpha, image)
        assert (widths(again), widths(before)) == (["400", "600"], ["400", "600"])
        with in_site(alpha):
            assert all(Path(form.file.path).is_file() for form in image.renditions.all())

    def test_a_damaged_file(self, alpha: Subsite) -> None:
        image = picture(alpha, 200)
        with in_site(alpha):
            Path(image.file.path).write_bytes(b"\x89PNG\r\n\x1a\n damaged")
        assert "unseen" in drawn(alpha, image)

    def test_a_deleted_picture(self, alpha: Subsite) -> None:
        with in_site(alpha):
            html = Template("{% load pictures %}{% shot nothing '大楼' %}{% shot nothing '' %}").render(
                Context({"nothing": None})
            )
        assert html == '<span class="unseen">图片：大楼</span>'

    def test_the_page_is_looked_at_again(self, alpha: Subsite) -> None:
        lost, kept = picture(alpha, 200), picture(alpha, 300)
        self.lose(alpha, lost)
        with recording.record(0) as noted:
            drawn(alpha, kept)
        assert noted.holds_until is None
        with recording.record(0) as noted:
            drawn(alpha, lost)
        assert noted.holds_until is not None

    def test_inside_rich_text(self, alpha: Subsite, beta: Subsite) -> None:
        for site in (alpha, beta):
            image = picture(site, 200)
            gone = 900_000
            text = "".join(
                f'<embed embedtype="image" id="{pk}" format="left" alt="大楼“{pk}”"/>' for pk in (image.pk, gone)
            )
            with in_site(site):
                html = expand_db_html(text)
            assert f"/media/{site.schema_name}/images/da-lou-200" in html
            assert f'alt="大楼“{image.pk}”"' in html
            assert f'<span class="unseen">图片：大楼“{gone}”</span>' in html
            assert html.count("<img") == 1


class TestEncoding:
    @pytest.mark.parametrize("end", ["webp", "jpeg", "avif"])
    @pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "RGBA", "P", "1"])
    def test_every_kind_of_picture(self, alpha: Subsite, mode: str, end: str) -> None:
        stream = BytesIO()
        Pillow.new(mode, (60, 40)).save(stream, "JPEG" if mode == "CMYK" else "PNG")
        with in_site(alpha):
            image = Image.objects.create(title="大楼", file=ContentFile(stream.getvalue(), name=f"da-lou.{mode}.jpg"))
            (form,) = encoded(image, [f"width-30|format-{end}"])
            assert (form.width, form.height) == (30, 20)
            with Pillow.open(form.file.file) as made:
                made.load()
                assert (made.size, made.format) == ((30, 20), end.upper())
