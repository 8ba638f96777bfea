"""The ledger as a report: what happened where, when, by whom. Nobody changes it."""

from typing import Any

from django.db.models import QuerySet
from wagtail.admin.ui.tables import Column

from cluster.accounts.roles import role_label
from cluster.audit.models import LedgerAction, LedgerEntry
from cluster.console.filters import LedgerFilterSet
from cluster.console.tables import ConsoleListView, TimeColumn
from cluster.subsites.models import SiteState, Subsite

DOMAIN_CHANGES = {"insert": "新增", "update": "变更", "delete": "解除"}


def actor_of(entry: LedgerEntry) -> str:
    """Say who acted, and from which site if from another."""
    name, site = entry.actor.get("name", ""), entry.actor.get("site", "")
    return f"{name}（{site}）" if site and site != entry.site_code else name


def detail_of(entry: LedgerEntry) -> str:
    """Say what changed: the states before and after, the host, the fields; the column of an item."""
    detail = entry.detail
    if "from" in detail and "to" in detail:
        return f"{_state(detail['from'])} → {_state(detail['to'])}"
    if "domain" in detail:
        return f"域名 {detail['domain']}（{DOMAIN_CHANGES.get(detail.get('change', ''), '变更')}）"
    if "account" in detail:
        return f"账号 {detail['account']}（{role_label(detail.get('role') or '')}）"
    if entry.subject_type == "template":
        return str(detail.get("note", "")) or "；".join([*detail.get("done", []), *detail.get("conflicts", [])])
    if entry.action == LedgerAction.SITE_CHANGED:
        return "、".join(_field_change(name, pair) for name, pair in detail.items())
    return str(detail.get("path", ""))


def _state(value: str) -> str:
    return str(SiteState(value).label) if value in SiteState.values else value


def _field_change(name: str, pair: Any) -> str:
    known = {field.column: str(field.verbose_name) for field in Subsite._meta.concrete_fields}
    after = pair[1] if isinstance(pair, list) and len(pair) == 2 else pair
    return f"{known.get(name, name)}：{'（空）' if after in (None, '') else after}"


class LedgerView(ConsoleListView):
    """All lines, newest first."""

    model = LedgerEntry
    page_title = "台账"
    filterset_class = LedgerFilterSet
    search_fields = ("title", "reason", "actor__name")
    default_ordering = "-id"
    columns = (
        TimeColumn("at", label="时间", sort_key="id"),
        Column("site_code", label="站点"),
        Column("action", label="事项", accessor="get_action_display"),
        Column("title", label="对象", classname="title"),
        Column("detail", label="内容", accessor=detail_of),
        Column("actor", label="操作人", accessor=actor_of),
        Column("reason", label="原因"),
    )
    list_export = (
        "at",
        "site_code",
        "get_action_display",
        "title",
        "detail",
        "actor",
        "reason",
        "subject_id",
        "version",
        "content_hash",
    )
    export_headings = {"get_action_display": "事项", "actor": "操作人"}
    export_values = {"detail": detail_of, "actor": actor_of}
    export_filename = "ledger"

    def get_base_queryset(self) -> QuerySet[LedgerEntry]:
        """List all lines."""
        return LedgerEntry.objects.all()
