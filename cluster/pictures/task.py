"""Worker task: make the AVIF forms of one picture at a time, then have the pages that show it made again.

Orders come from cluster.pictures.ordering. A claim is a lease and not a lock: the picture of a killed worker comes up again.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage, AbstractRendition

from cluster.context import in_site
from cluster.edge import keys
from cluster.edge.entries import Touch
from cluster.edge.feed import tell
from cluster.pictures.encoding import AVIF, WEBP, Form, encoded
from cluster.pictures.models import PictureOrder
from cluster.postgresql import connection
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
LEASE = timedelta(minutes=5)


class MakeAvif:
    """Take the orders one by one: a picture keeps one core busy for about a second."""

    name = "pictures"
    interval = 5.0

    def run(self) -> bool:
        """Work the next order; return whether there was one."""
        order = _claimed()
        if order is None:
            return False
        if order.given_up:
            logger.warning("图片 %s 多次不能转为 AVIF，已搁置：%s", order, order.error)
            return True
        try:
            _work(order)
        except Exception as error:
            logger.exception("图片转为 AVIF 失败：%s", order)
            connection.close_if_unusable_or_obsolete()
            waits = timezone.now() + timedelta(seconds=10**order.attempts)
            PictureOrder.objects.filter(pk=order.pk).update(error=repr(error)[:2000], not_before=waits)
        return True


def _claimed() -> PictureOrder | None:
    """Return the next order with the attempt that begins counted; one that has had its attempts is given up."""
    with transaction.atomic():
        due = PictureOrder.objects.filter(given_up=False, not_before__lte=timezone.now())
        order = due.order_by("not_before", "id").select_for_update(skip_locked=True).first()
        if order is None:
            return None
        order.given_up = order.attempts >= MAX_ATTEMPTS
        order.attempts += 1
        order.not_before = timezone.now() + LEASE
        if order.given_up:
            order.error = order.error or "处理时后台进程中断"
        order.save(update_fields=["attempts", "not_before", "given_up", "error"])
        return order


def _work(order: PictureOrder) -> None:
    site = Subsite.objects.filter(schema_name=order.schema_name).first()
    if site is None:
        order.delete()
        return
    with in_site(site):
        image = get_image_model().objects.filter(pk=order.image_id, file=order.file).first()
        made = _made(image) if image else []
        with transaction.atomic():
            if image and made:
                _keep(image, made)
            PictureOrder.objects.filter(pk=order.pk).delete()


def _made(image: AbstractImage) -> list[AbstractRendition]:
    """Encode what is missing. Raises what Pillow raises for a file that it cannot read."""
    there = set(image.renditions.values_list("filter_spec", "focal_point_key"))
    wanted = {Form(spec=spec.replace(WEBP, AVIF)) for spec, _ in there if spec.endswith(WEBP)}
    return encoded(image, sorted(form.spec for form in wanted if (form.spec, form.get_cache_key(image)) not in there))


def _keep(image: AbstractImage, made: list[AbstractRendition]) -> None:
    """Write the forms down and tell all stores; not those of a picture that was replaced or cut anew meanwhile."""
    now = type(image).objects.select_for_update().filter(pk=image.pk, file=image.file.name).first()
    if now is None or any(Form(spec=form.filter_spec).get_cache_key(now) != form.focal_point_key for form in made):
        return
    kept = []
    try:
        for form in made:
            form.file.save(form.file.name, form.file.file, save=False)
            kept.append(form)
        type(made[0])._default_manager.bulk_create(made, ignore_conflicts=True)
        tell([Touch(keys.image(connection.schema_name, image.pk))])
    except BaseException:
        for form in kept:
            form.file.delete(save=False)
        raise


make_avif = MakeAvif()
