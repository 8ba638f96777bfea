"""The nouns of the console as Wagtail's view sets: the lists and pages of each, and its place in the menu.

Not registered with Wagtail, which would add them to the admin of every site: cluster.console.urls gives them addresses, and
the hooks give them the menu.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.views.generic.base import View
from wagtail.admin.viewsets.base import ViewSet

from cluster.console.tables import ConsoleListView
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

NAMESPACE = "console"


class ConsoleViewSet(ViewSet):
    """One noun. `lists` and `pages`: name of the address → (address below the prefix, view)."""

    url_namespace = NAMESPACE
    lists: Mapping[str, tuple[str, type[ConsoleListView]]] = {}
    pages: Mapping[str, tuple[str, type[View]]] = {}

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the lists, then the pages, whose addresses may hold any slug."""
        lists = [pattern for name, one in self.lists.items() for pattern in self._list(name, *one)]
        return [*lists, *(self._path(address, view.as_view(), name) for name, (address, view) in self.pages.items())]

    def results_address(self, address: str) -> str:
        """Return where a list answers what its filters exchange without a new page."""
        return f"{address}results/"

    def _list(self, name: str, address: str, view: type[ConsoleListView]) -> list[URLPattern]:
        names = {
            "header_icon": self.icon,
            "index_url_name": self.get_url_name(name),
            "index_results_url_name": self.get_url_name(f"{name}_results"),
        }
        return [
            self._path(address, self.construct_view(view, **names), name),
            self._path(
                self.results_address(address), self.construct_view(view, results_only=True, **names), f"{name}_results"
            ),
        ]

    def _path(self, address: str, view: Any, name: str) -> URLPattern:
        return path(f"{self.url_prefix}/{address}", view, name=name)

    @cached_property
    def menu_name(self) -> str:
        """The noun's own."""
        return str(self.name)

    @cached_property
    def menu_url(self) -> str:
        """The first page, on whatever site the menu is made."""
        first = self.get_urlpatterns()[0].name
        return reverse(self.get_url_name(str(first)), urlconf=settings.CONSOLE_URLCONF)


class SiteViewSet(ConsoleViewSet):
    """The sites; below their prefix stand their codes and nothing else."""

    url_prefix = "sites"

    def results_address(self, address: str) -> str:
        """Keep out of the codes' way."""
        return "-results/"

    def _path(self, address: str, view: Any, name: str) -> URLPattern:
        return path(f"sites{address}" if address.startswith("-") else f"sites/{address}", view, name=name)


#: In the order of the menu; without a label it is not in it.
VIEW_SETS: tuple[ConsoleViewSet, ...] = (
    SiteViewSet(
        "sites",
        menu_label="站点",
        icon="site",
        lists={"sites": ("", sites.SiteListView)},
        pages={
            "site": ("<slug:code>/", site.SiteView),
            "record": ("<slug:code>/record/", record.RecordView),
            "domains": ("<slug:code>/domains/", record.DomainView),
            "add_account": ("<slug:code>/account/", accounts.AddAccountView),
            "move": ("<slug:code>/move/<slug:to>/", moves.MoveView),
        },
    ),
    ConsoleViewSet("open", pages={"open_site": ("", opening.OpenSiteView)}),
    ConsoleViewSet(
        "board",
        menu_label="栏目时限",
        icon="time",
        lists={"board": ("", board.BoardView)},
        pages={"inspection": ("<slug:code>/", board.InspectionView)},
    ),
    ConsoleViewSet(
        "outcomes", menu_label="检查结论", icon="warning", lists={"outcomes": ("", outcomes.OutcomeListView)}
    ),
    ConsoleViewSet(
        "jobs",
        menu_label="任务",
        icon="tasks",
        lists={"jobs": ("", jobs.JobListView)},
        pages={
            "job": ("<uuid:pk>/", jobs.JobView),
            "repeat_job": ("<uuid:pk>/repeat/", jobs.RepeatJobView),
            "stop_job": ("<uuid:pk>/stop/", applying.StopJobView),
        },
    ),
    ConsoleViewSet(
        "feed",
        menu_label="变更流水",
        icon="rotate",
        pages={
            "feed": ("", feed.FeedView),
            "retry_parked": ("retry/", feed.RetryParkedView),
            "retry_attachments": ("attachments/retry/", feed.RetryAttachmentsView),
        },
    ),
    ConsoleViewSet(
        "edge",
        menu_label="页面存储",
        icon="copy",
        pages={
            "edge": ("", edge.EdgeView),
            "forget_edge_server": ("forget/", edge.ForgetServerView),
            "retry_pictures": ("pictures/retry/", edge.RetryPicturesView),
        },
    ),
    ConsoleViewSet("ledger", menu_label="台账", icon="history", lists={"ledger": ("", ledger.LedgerView)}),
    ConsoleViewSet(
        "persons",
        menu_label="工作人员",
        icon="group",
        lists={"persons": ("", persons.PersonListView)},
        pages={"add_person": ("new/", persons.AddPersonView), "person": ("<uuid:pk>/", persons.PersonView)},
    ),
    ConsoleViewSet(
        "templates",
        menu_label="栏目模板",
        icon="list-ul",
        lists={
            "templates": ("", templates.TemplateListView),
            "site_versions": ("sites/", applying.SiteVersionListView),
        },
        pages={
            "edit_templates": ("edit/", templates.EditTemplatesView),
            "discard_draft": ("discard/", templates.DiscardDraftView),
            "template": ("<int:number>/", templates.TemplateView),
            "template_difference": ("<int:number>/difference/", templates.TemplateDifferenceView),
            "plan_template": ("<int:number>/plan/", applying.PlanView),
            "apply_template": ("<int:number>/apply/", applying.ApplyView),
        },
    ),
    ConsoleViewSet(
        "waivers",
        menu_label="豁免",
        icon="clipboard-list",
        lists={"waivers": ("", waivers.WaiverListView)},
        pages={"waiver": ("<int:pk>/", waivers.WaiverView)},
    ),
    ConsoleViewSet(
        "findings", menu_label="发布检查发现", icon="warning", lists={"findings": ("", waivers.FindingListView)}
    ),
    ConsoleViewSet(
        "holidays",
        menu_label="节假日通知",
        icon="calendar-alt",
        lists={"holidays": ("", holidays.HolidayNoticeListView)},
        pages={
            "add_holiday": ("new/", holidays.AddHolidayNoticeView),
            "holiday": ("<int:pk>/", holidays.HolidayNoticeView),
            "withdraw_holiday": ("<int:pk>/withdraw/", holidays.WithdrawHolidayNoticeView),
        },
    ),
)
