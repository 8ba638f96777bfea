"""Addresses of the console's own pages, below /admin/console/.

Included by cluster.urls.console alone: on every other site they do not exist. They wear what Wagtail gives its own admin
pages: sign-in and the right to enter, the admin's 404, no caching.
"""

from django.urls import path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.urls import display_custom_404
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cluster.console.views import (
    accounts,
    applying,
    board,
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

urlpatterns = [
    path("sites/", sites.SiteListView.as_view(), name="sites"),
    path("sites-results/", sites.SiteListView.as_view(results_only=True), name="sites_results"),
    path("open/", opening.OpenSiteView.as_view(), name="open_site"),
    path("sites/<slug:code>/", site.SiteView.as_view(), name="site"),
    path("sites/<slug:code>/record/", record.RecordView.as_view(), name="record"),
    path("sites/<slug:code>/domains/", record.DomainView.as_view(), name="domains"),
    path("sites/<slug:code>/account/", accounts.AddAccountView.as_view(), name="add_account"),
    path("sites/<slug:code>/move/<slug:to>/", moves.MoveView.as_view(), name="move"),
    path("jobs/", jobs.JobListView.as_view(), name="jobs"),
    path("jobs/results/", jobs.JobListView.as_view(results_only=True), name="jobs_results"),
    path("jobs/<uuid:pk>/", jobs.JobView.as_view(), name="job"),
    path("jobs/<uuid:pk>/repeat/", jobs.RepeatJobView.as_view(), name="repeat_job"),
    path("feed/", feed.FeedView.as_view(), name="feed"),
    path("feed/retry/", feed.RetryParkedView.as_view(), name="retry_parked"),
    path("ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("ledger/results/", ledger.LedgerView.as_view(results_only=True), name="ledger_results"),
    path("persons/", persons.PersonListView.as_view(), name="persons"),
    path("persons/results/", persons.PersonListView.as_view(results_only=True), name="persons_results"),
    path("persons/new/", persons.AddPersonView.as_view(), name="add_person"),
    path("persons/<uuid:pk>/", persons.PersonView.as_view(), name="person"),
    path("templates/", templates.TemplateListView.as_view(), name="templates"),
    path("templates/results/", templates.TemplateListView.as_view(results_only=True), name="templates_results"),
    path("templates/edit/", templates.EditTemplatesView.as_view(), name="edit_templates"),
    path("templates/discard/", templates.DiscardDraftView.as_view(), name="discard_draft"),
    path("templates/<int:number>/", templates.TemplateView.as_view(), name="template"),
    path("templates/<int:number>/difference/", templates.TemplateDifferenceView.as_view(), name="template_difference"),
    path("templates/<int:number>/plan/", applying.PlanView.as_view(), name="plan_template"),
    path("templates/<int:number>/apply/", applying.ApplyView.as_view(), name="apply_template"),
    path("templates/sites/", applying.SiteVersionListView.as_view(), name="site_versions"),
    path(
        "templates/sites/results/",
        applying.SiteVersionListView.as_view(results_only=True),
        name="site_versions_results",
    ),
    path("jobs/<uuid:pk>/stop/", applying.StopJobView.as_view(), name="stop_job"),
    path("board/", board.BoardView.as_view(), name="board"),
    path("board/results/", board.BoardView.as_view(results_only=True), name="board_results"),
    path("outcomes/", outcomes.OutcomeListView.as_view(), name="outcomes"),
    path("outcomes/results/", outcomes.OutcomeListView.as_view(results_only=True), name="outcomes_results"),
    path("board/<slug:code>/", board.InspectionView.as_view(), name="inspection"),
    path("waivers/", waivers.WaiverListView.as_view(), name="waivers"),
    path("waivers/results/", waivers.WaiverListView.as_view(results_only=True), name="waivers_results"),
    path("waivers/<int:pk>/", waivers.WaiverView.as_view(), name="waiver"),
    path("findings/", waivers.FindingListView.as_view(), name="findings"),
    path("findings/results/", waivers.FindingListView.as_view(results_only=True), name="findings_results"),
    path("holidays/", holidays.HolidayNoticeListView.as_view(), name="holidays"),
    path("holidays/results/", holidays.HolidayNoticeListView.as_view(results_only=True), name="holidays_results"),
    path("holidays/new/", holidays.AddHolidayNoticeView.as_view(), name="add_holiday"),
    path("holidays/<int:pk>/", holidays.HolidayNoticeView.as_view(), name="holiday"),
    path("holidays/<int:pk>/withdraw/", holidays.WithdrawHolidayNoticeView.as_view(), name="withdraw_holiday"),
]
for _worn in (require_admin_access, display_custom_404, never_cache):
    urlpatterns = decorate_urlpatterns(urlpatterns, _worn)
