"""Pictures that could not be turned into AVIF: listed for the office, and tried again when it says so.

Read by the console; the retry is its job (settings.FURTHER_JOBS), since it is the worker's to change the orders.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from django.db.models.functions import Now

from cluster.pictures.models import PictureOrder
from cluster.subsites.models import Job, Subsite


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A picture that keeps its larger forms."""

    file: str
    site: str
    image_id: int
    error: str


def given_up(limit: int) -> list[GivenUp]:
    """Return the pictures, the last ordered first."""
    names = dict(Subsite.objects.values_list("schema_name", "name"))
    orders = PictureOrder.objects.filter(given_up=True).order_by("-id")[:limit]
    return [
        GivenUp(PurePath(one.file).name, names.get(one.schema_name, one.schema_name), one.image_id, one.error)
        for one in orders
    ]


def given_up_count() -> int:
    """Return how many there are."""
    return PictureOrder.objects.filter(given_up=True).count()


def try_again(job: Job, report: Callable[[str, int], None]) -> str:
    """Order them anew."""
    report("重新安排", 50)
    number = PictureOrder.objects.filter(given_up=True).update(given_up=False, attempts=0, not_before=Now(), error="")
    return f"已重新安排 {number} 张图片，后台将逐张再试。"
