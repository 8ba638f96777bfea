"""The record of a site (footer, filing numbers) and its hosts, changed by the office at once, without a job."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages

from cluster.console.forms.record import DomainForm, RecordForm
from cluster.console.views.base import ConsoleFormView, sites_trail
from cluster.console.views.site import OneSiteMixin
from cluster.subsites.errors import InvalidSite, SiteExists
from cluster.subsites.models import Domain
from cluster.subsites.record import describe_site
from cluster.subsites.services import add_domain


class RecordView(OneSiteMixin, ConsoleFormView):
    """The record's form."""

    form_class = RecordForm
    page_title = "修改站点资料"
    header_icon = "edit"
    submit_label = "保存"
    submit_active_label = "正在保存…"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the site."""
        return sites_trail(self.site)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Begin with the record as it is."""
        return {**super().get_form_kwargs(), "instance": self.site}

    def form_valid(self, form: RecordForm) -> HttpResponse:
        """Write what differs."""
        describe_site(self.site, form.cleaned_data)
        messages.success(self.request, f"“{self.site.name}”的资料已保存，网站页脚随即更新。")
        return redirect("console:site", self.site.code)


class DomainView(OneSiteMixin, ConsoleFormView):
    """The form for a further host."""

    form_class = DomainForm
    template_name = "console/domain.html"
    page_title = "新增域名"
    header_icon = "globe"
    submit_label = "新增域名"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the site."""
        return sites_trail(self.site)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the hosts there are."""
        hosts = Domain.objects.filter(tenant=self.site).order_by("-is_primary", "domain")
        return super().get_context_data(domains=hosts, **kwargs)

    def form_valid(self, form: DomainForm) -> HttpResponse:
        """Add the host, or show at the field why not."""
        try:
            host = add_domain(self.site, form.cleaned_data["domain"])
        except (InvalidSite, SiteExists) as error:
            form.add_error("domain", str(error))
            return self.form_invalid(form)
        messages.success(
            self.request, f"域名 {host.domain} 已指向“{self.site.name}”。请在域名解析和网页服务器中同步配置。"
        )
        return redirect("console:site", self.site.code)
