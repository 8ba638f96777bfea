"""AVIF: ordered by the first page that shows a picture, made by the worker, offered by the pages that are then made again."""

import re
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow
from wagtail.images.models import Image

from cluster.context import in_site
from cluster.edge.models import EdgeEvent
from cluster.pictures.given_up import given_up_count, try_again
from cluster.pictures.models import PictureOrder
from cluster.pictures.task import MAX_ATTEMPTS, make_avif
from cluster.subsites.models import Job, Subsite
from sites.common.pictures import picture_of
from sites.content.models import ArticlePage
from tests.support.articles import page_in, publish_article
from tests.support.edge import EdgeBox
from tests.support.pages import address_of
from tests.support.web_role import as_web

Pair = tuple[Subsite, Subsite]


def photo(site: Subsite, width: int = 500, name: str = "da-lou.jpg") -> Image:
    """Add a picture with a place noted in its file, as telephones do."""
    stream, said = BytesIO(), Pillow.Exif()
    said[0x010E] = "geheim"
    Pillow.effect_noise((width, width // 2), 60).convert("RGB").save(stream, "JPEG", exif=said)
    with in_site(site):
        return Image.objects.create(title="大楼", file=ContentFile(stream.getvalue(), name=name))


def led_by(site: Subsite, image: Image, title: str = "大楼落成") -> ArticlePage:
    return publish_article(site, title, lead_image=image, lead_image_alt="大楼")


def forms(site: Subsite, image: Image, end: str = "avif") -> list[str]:
    """Return the files of a picture's forms of a type."""
    with in_site(site):
        return sorted(image.renditions.filter(filter_spec__endswith=end).values_list("file", flat=True))


def work() -> None:
    for _ in range(20):
        if not make_avif.run():
            return
    raise AssertionError("the task never became idle")


def later() -> None:
    """Let what waits for another try be due."""
    PictureOrder.objects.update(not_before=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def box(living: Pair, tmp_path: Path) -> EdgeBox:
    """Give a server that hears of changes, with nothing ordered."""
    box = EdgeBox("east", tmp_path / "east")
    box.catch_up()
    return box


class TestFromOrderToPage:
    def test_the_page_offers_it_when_it_is_there(self, box: EdgeBox, living: Pair) -> None:
        places = []
        for site in living:
            image = photo(site)
            places.append((site, image, address_of(site, led_by(site, image))))
        box.catch_up()
        for site, image, path in places:
            box.visit(site, path)
            before = box.text(site, path) or ""
            assert "image/webp" in before
            assert "image/avif" not in before
            assert forms(site, image) == []
        alpha, image, path = places[0]
        PictureOrder.objects.exclude(schema_name=alpha.schema_name).delete()
        untouched = box.text(*places[1][::2])
        work()
        assert "image/avif" not in (box.text(alpha, path) or ""), "until then the old copy stands"
        box.catch_up()
        html = box.text(alpha, path) or ""
        offered = re.findall(r'<source type="([^"]*)" srcset="([^"]*)"', html)
        assert [kind for kind, _ in offered] == ["image/avif", "image/webp"]
        assert re.findall(r" (\d+)w", offered[0][1]) == re.findall(r" (\d+)w", offered[1][1]) == ["400", "500"]
        assert re.search(r'<img src="[^"]*\.jpg"', html)
        assert box.text(*places[1][::2]) == untouched, "in the other site nothing was made"
        assert forms(*places[1][:2]) == []
        assert not PictureOrder.objects.exists()

    def test_nginx_has_it_as_long_as_the_page_is_stored(self, box: EdgeBox, living: Pair) -> None:
        alpha, beta = living
        image = photo(alpha)
        page = led_by(alpha, image)
        path = address_of(alpha, page)
        box.catch_up()
        box.visit(alpha, path)
        work()
        box.catch_up()
        folder = box.root / "files" / alpha.primary_host / "media" / alpha.schema_name
        linked = {str(one.relative_to(folder)) for one in folder.rglob("*.avif")}
        assert linked == set(forms(alpha, image))
        for name in linked:
            answer = Client(HTTP_HOST=alpha.primary_host).get(f"/media/{alpha.schema_name}/{name}")
            assert (answer.status_code, answer["Content-Type"]) == (200, "image/avif")
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert Client(HTTP_HOST=beta.primary_host).get(f"/media/{alpha.schema_name}/{name}").status_code == 404
        with box.here(), in_site(alpha):
            page_in(alpha, page).unpublish()
        assert list(folder.rglob("*.avif")) == []
        for name in linked:
            assert Client(HTTP_HOST=alpha.primary_host).get(f"/media/{alpha.schema_name}/{name}").status_code == 404

    def test_a_deleted_picture_takes_it_along(self, box: EdgeBox, living: Pair) -> None:
        alpha, beta = living
        ours, theirs = photo(alpha), photo(beta)
        for site, image in ((alpha, ours), (beta, theirs)):
            path = address_of(site, led_by(site, image))
            box.catch_up()
            box.visit(site, path)
        work()
        box.catch_up()
        with in_site(alpha):
            files = [Path(form.file.path) for form in ours.renditions.all()]
        assert all(path.is_file() for path in files)
        with box.here(), in_site(alpha), transaction.atomic():
            Image.objects.get(pk=ours.pk).delete()
        assert not any(path.is_file() for path in files)
        assert [one.name for one in box.root.rglob("*.avif") if alpha.schema_name in str(one)] == []
        assert [one.name for one in box.root.rglob("*.avif") if beta.schema_name in str(one)] != []


class TestTheTask:
    def order(self, site: Subsite, image: Image) -> PictureOrder:
        with in_site(site):
            picture_of(image)
        return PictureOrder.objects.get(schema_name=site.schema_name, image_id=image.pk)

    def test_it_is_ordered_once_and_nothing_is_encoded_meanwhile(self, living: Pair) -> None:
        for site in living:
            image = photo(site)
            for _ in range(3):
                self.order(site, image)
            assert forms(site, image) == []
        assert PictureOrder.objects.count() == 2
        work()
        for site in living:
            with in_site(site):
                picture_of(Image.objects.get())
        assert not PictureOrder.objects.exists(), "what is there is not ordered again"

    def test_what_comes_later_is_made_later(self, living: Pair) -> None:
        image = photo(living[0])
        self.order(living[0], image)
        work()
        with in_site(living[0]):
            image.get_rendition("fill-400x225|format-webp")
            PictureOrder.objects.create(schema_name=living[0].schema_name, image_id=image.pk, file=image.file.name)
        before = set(forms(living[0], image))
        work()
        assert len(set(forms(living[0], image)) - before) == 1
        assert before < set(forms(living[0], image))

    def test_it_says_nothing_of_what_the_file_said(self, living: Pair) -> None:
        image = photo(living[0])
        self.order(living[0], image)
        work()
        with in_site(living[0]):
            files = [Path(form.file.path) for form in image.renditions.all()]
            assert b"geheim" in Path(image.file.path).read_bytes()
        assert {path.suffix for path in files} == {".avif", ".webp", ".jpg"}
        for path in files:
            assert b"geheim" not in path.read_bytes()
            with Pillow.open(path) as made:
                made.load()
                assert made.format == {".avif": "AVIF", ".webp": "WEBP", ".jpg": "JPEG"}[path.suffix]

    def test_a_picture_that_cannot_be_encoded_is_noted_and_left(
        self, living: Pair, caplog: pytest.LogCaptureFixture
    ) -> None:
        alpha, beta = living
        ours, theirs = photo(alpha), photo(beta)
        self.order(alpha, ours)
        with in_site(alpha):
            undamaged = Path(ours.file.path).read_bytes()
            Path(ours.file.path).write_bytes(b"damaged")
        self.order(beta, theirs)
        for _ in range(MAX_ATTEMPTS + 3):
            later()
            work()
        assert forms(beta, theirs), "the others are not held up"
        left = self.order(alpha, ours)
        assert (left.given_up, left.attempts) == (True, MAX_ATTEMPTS + 1)
        assert left.error
        assert "已搁置" in caplog.text
        self.order(alpha, ours)
        later()
        assert make_avif.run() is False, "and nobody orders it again"
        with in_site(alpha):
            Path(ours.file.path).write_bytes(undamaged)
        try_again(Job(), lambda *_: None)
        work()
        assert forms(alpha, ours), "unless the office has it tried again"
        assert not PictureOrder.objects.exists()

    def test_one_that_was_deleted_leaves_the_list_when_it_is_tried_again(self, living: Pair) -> None:
        order = self.order(living[0], photo(living[0]))
        PictureOrder.objects.update(given_up=True)
        with in_site(living[0]), transaction.atomic():
            Image.objects.all().delete()
        assert given_up_count() == 1
        try_again(Job(), lambda *_: None)
        work()
        assert not PictureOrder.objects.filter(pk=order.pk).exists()

    def test_another_file_is_another_picture(self, living: Pair) -> None:
        alpha = living[0]
        image = photo(alpha)
        order = self.order(alpha, image)
        PictureOrder.objects.filter(pk=order.pk).update(given_up=True)
        with in_site(alpha), transaction.atomic():
            image.file = photo(alpha, name="xin-lou.jpg").file
            image.save()
            image.renditions.all().delete()
            picture_of(image)
        work()
        assert forms(alpha, image)

    def test_a_killed_worker_s_picture_comes_up_again(self, living: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        alpha = living[0]
        image = photo(alpha)
        self.order(alpha, image)

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("cluster.pictures.task.tell", die)
            with pytest.raises(KeyboardInterrupt):
                make_avif.run()
        connection.set_schema_to_public()
        assert forms(alpha, image) == []
        assert make_avif.run() is False, "somebody may still be at work on it"
        later()
        work()
        assert len(forms(alpha, image)) == 2
        with in_site(alpha):
            folder = Path(image.file.path).parent.parent / "images"
            assert len([one for one in folder.glob("*.avif") if one.name.startswith("da-lou")]) >= 2

    def test_two_workers_take_two_pictures(self, living: Pair) -> None:
        for site in living:
            self.order(site, photo(site))
        connecting = connection.get_new_connection(connection.get_connection_params())
        with closing(connecting) as other, other.cursor() as cursor:
            cursor.execute("SELECT id FROM pictures_pictureorder ORDER BY not_before, id LIMIT 1 FOR UPDATE")
            held = cursor.fetchone()[0]
            work()
            assert list(PictureOrder.objects.values_list("pk", flat=True)) == [held]
            other.rollback()
        work()
        assert not PictureOrder.objects.exists()

    @pytest.mark.web_role
    def test_the_web_role_orders_and_takes_nothing_back(self, living: Pair) -> None:
        alpha, beta = living
        self.order(alpha, photo(alpha))
        theirs = photo(beta)
        with as_web():
            self.order(beta, theirs)
            for statement in ("UPDATE pictures_pictureorder SET given_up = true", "DELETE FROM pictures_pictureorder"):
                with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
                    cursor.execute(statement)
        assert PictureOrder.objects.filter(given_up=False).count() == 2

    @pytest.mark.parametrize("change", ["replaced", "deleted"])
    def test_a_picture_that_changes_meanwhile_gets_no_old_forms(
        self, living: Pair, change: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alpha = living[0]
        image, other = photo(alpha), photo(alpha, name="xin-lou.jpg")
        self.order(alpha, image)
        encode = Image.generate_rendition_instance

        def meanwhile(self: Image, *args: object) -> object:
            made = encode(self, *args)
            if change == "replaced":
                Image.objects.filter(pk=image.pk).update(file=other.file.name)
                image.renditions.all().delete()
            else:
                Image.objects.filter(pk=image.pk).delete()
            return made

        monkeypatch.setattr(Image, "generate_rendition_instance", meanwhile)
        work()
        assert forms(alpha, image) == []
        assert not EdgeEvent.objects.filter(key__startswith="image:", gone=False, server="east").exists()

    def test_a_site_or_picture_that_is_gone_wants_nothing(self, living: Pair) -> None:
        PictureOrder.objects.create(schema_name="site_weg", image_id=1, file="a.jpg")
        PictureOrder.objects.create(schema_name=living[0].schema_name, image_id=900_001, file="a.jpg")
        work()
        assert not PictureOrder.objects.exists()
