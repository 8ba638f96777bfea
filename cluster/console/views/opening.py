"""Open a site: the office's form becomes a job, and the job's page shows how far it is."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages

from cluster.console.forms.opening import OpenSiteForm, typed_before
from cluster.console.ordering import order_once
from cluster.console.views.base import ConsoleFormView, sites_trail
from cluster.subsites.models import Job


class OpenSiteView(ConsoleFormView):
    """The form; `?from=<job>` fills it with an order that failed."""

    permission_required = "add"
    form_class = OpenSiteForm
    page_title = "开通站点"
    header_icon = "plus"
    submit_label = "提交开通"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return sites_trail()

    def get_initial(self) -> dict[str, Any]:
        """Begin with a failed order where one is named."""
        number = self.request.GET.get("from", "")
        job = Job.objects.filter(kind="open_site", pk=number).first() if _is_uuid(number) else None
        return typed_before(job.params) if job else {}

    def form_valid(self, form: OpenSiteForm) -> HttpResponse:
        """Place the order and show it."""
        params = form.params()
        job = order_once("open_site", params, title=f"开通 {params['name']}", number=form.order_number())
        messages.success(self.request, f"已提交开通“{params['name']}”，后台完成后本页会给出地址。")
        return redirect("console:job", job.pk)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
