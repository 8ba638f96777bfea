"""Place an order once, however often its button is pressed.

Called by the console's forms, which carry the order's number in a hidden field; the job takes that number as its own.
"""

import uuid
from typing import Any

from django.db import IntegrityError, transaction

from cluster.subsites.jobs import order_job
from cluster.subsites.models import Job


def order_once(kind: str, params: dict[str, Any], *, title: str, number: uuid.UUID) -> Job:
    """Queue the job, or return the one that the same form has queued before.

    A number that was used for something else (the form was changed after going back) gives a job of its own.
    """
    placed = Job.objects.filter(pk=number).first()
    if placed is None:
        try:
            with transaction.atomic():
                return order_job(kind, params, title=title, number=number)
        except IntegrityError:  # the second press waited here until the first was committed
            placed = Job.objects.get(pk=number)
    if (placed.kind, placed.params) == (kind, params):
        return placed
    return order_job(kind, params, title=title)
