"""Addresses of the console's own pages, below /admin/console/.

Included by cluster.urls.console alone: on every other site they do not exist. They wear what Wagtail gives its own admin
pages: sign-in and the right to enter, the admin's 404, no caching.
"""

from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.urls import display_custom_404
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cluster.console.views import (
    accounts,
    applying,
    board,
    edge,
    feed,
    holidays,
    jobs,
    ledger,
    moves,
    opening,
    outcomes,
    persons,
    record,
    site,
    sites,
    templates,
    waivers,
)

app_name = "console"

# name → address, view. A list answers below `results/`, too, for what its filters exchange without a new page.
LISTS: dict[str, tuple[str, Any]] = {
    "jobs": ("jobs/", jobs.JobListView),
    "ledger": ("ledger/", ledger.LedgerView),
    "persons": ("persons/", persons.PersonListView),
    "templates": ("templates/", templates.TemplateListView),
    "site_versions": ("templates/sites/", applying.SiteVersionListView),
    "board": ("board/", board.BoardView),
    "outcomes": ("outcomes/", outcomes.OutcomeListView),
    "waivers": ("waivers/", waivers.WaiverListView),
    "findings": ("findings/", waivers.FindingListView),
    "holidays": ("holidays/", holidays.HolidayNoticeListView),
}
PAGES: dict[str, tuple[str, Any]] = {
    "open_site": ("open/", opening.OpenSiteView),
    "site": ("sites/<slug:code>/", site.SiteView),
    "record": ("sites/<slug:code>/record/", record.RecordView),
    "domains": ("sites/<slug:code>/domains/", record.DomainView),
    "add_account": ("sites/<slug:code>/account/", accounts.AddAccountView),
    "move": ("sites/<slug:code>/move/<slug:to>/", moves.MoveView),
    "job": ("jobs/<uuid:pk>/", jobs.JobView),
    "repeat_job": ("jobs/<uuid:pk>/repeat/", jobs.RepeatJobView),
    "stop_job": ("jobs/<uuid:pk>/stop/", applying.StopJobView),
    "feed": ("feed/", feed.FeedView),
    "retry_parked": ("feed/retry/", feed.RetryParkedView),
    "edge": ("edge/", edge.EdgeView),
    "forget_edge_server": ("edge/forget/", edge.ForgetServerView),
    "retry_pictures": ("edge/pictures/retry/", edge.RetryPicturesView),
    "add_person": ("persons/new/", persons.AddPersonView),
    "person": ("persons/<uuid:pk>/", persons.PersonView),
    "edit_templates": ("templates/edit/", templates.EditTemplatesView),
    "discard_draft": ("templates/discard/", templates.DiscardDraftView),
    "template": ("templates/<int:number>/", templates.TemplateView),
    "template_difference": ("templates/<int:number>/difference/", templates.TemplateDifferenceView),
    "plan_template": ("templates/<int:number>/plan/", applying.PlanView),
    "apply_template": ("templates/<int:number>/apply/", applying.ApplyView),
    "inspection": ("board/<slug:code>/", board.InspectionView),
    "waiver": ("waivers/<int:pk>/", waivers.WaiverView),
    "add_holiday": ("holidays/new/", holidays.AddHolidayNoticeView),
    "holiday": ("holidays/<int:pk>/", holidays.HolidayNoticeView),
    "withdraw_holiday": ("holidays/<int:pk>/withdraw/", holidays.WithdrawHolidayNoticeView),
}


def _list(name: str, address: str, view: Any, results: str = "") -> list[URLPattern]:
    return [
        path(address, view.as_view(), name=name),
        path(results or f"{address}results/", view.as_view(results_only=True), name=f"{name}_results"),
    ]


urlpatterns = [
    # Below sites/ stand the codes of sites.
    *_list("sites", "sites/", sites.SiteListView, "sites-results/"),
    *(pattern for name, page in LISTS.items() for pattern in _list(name, *page)),
    *(path(address, view.as_view(), name=name) for name, (address, view) in PAGES.items()),
]
for _worn in (require_admin_access, display_custom_404, never_cache):
    urlpatterns = decorate_urlpatterns(urlpatterns, _worn)
