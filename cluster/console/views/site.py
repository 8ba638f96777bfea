"""The page of a site: its record, what it may become, its newest items, jobs and ledger lines."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from cluster.audit.models import LedgerEntry
from cluster.console.moves import moves_of
from cluster.console.queries import managed_sites
from cluster.console.views.base import ConsolePage, sites_trail
from cluster.console.views.ledger import detail_of
from cluster.resources.models import Resource
from cluster.subsites.jobs import LABELS
from cluster.subsites.models import Domain, Job, Subsite
from cluster.subsites.record import RECORD_FIELDS, missing_facts

RECENT = 10


class OneSiteMixin:
    """A page about the site that the address names; the console itself is no such site."""

    kwargs: dict[str, Any]

    @cached_property
    def site(self) -> Subsite:
        """The site, or 404."""
        return get_object_or_404(managed_sites(), code=self.kwargs["code"])

    def get_page_subtitle(self) -> str:
        """Name the site."""
        return self.site.name


class SiteView(OneSiteMixin, ConsolePage):
    """Everything the office knows of a site."""

    template_name = "console/site.html"

    def get_page_title(self) -> str:
        """Name the site."""
        return self.site.name

    def get_page_subtitle(self) -> str:
        """Leave the title as it is."""
        return ""

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return sites_trail()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Collect what the page shows."""
        site = self.site
        jobs = Job.objects.filter(params__code=site.code)[:RECENT]
        return super().get_context_data(
            site_row=site,
            moves=moves_of(site),
            missing=missing_facts(site),
            record=[_field(site, name) for name in RECORD_FIELDS],
            domains=Domain.objects.filter(tenant=site).order_by("-is_primary", "domain"),
            children=managed_sites().filter(parent=site).order_by("code"),
            resources=Resource.objects.filter(site=site).select_related("site").defer("text")[:RECENT],
            jobs=[(job, LABELS.get(job.kind, job.kind)) for job in jobs],
            entries=[(entry, detail_of(entry)) for entry in LedgerEntry.objects.filter(site_code=site.code)[:RECENT]],
            **kwargs,
        )


def _field(site: Subsite, name: str) -> tuple[str, Any]:
    field = Subsite._meta.get_field(name)
    value = getattr(site, f"get_{name}_display", lambda: getattr(site, name))()
    return str(field.verbose_name), ("是" if value else "否") if isinstance(value, bool) else value
