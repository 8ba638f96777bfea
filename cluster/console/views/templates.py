"""Column templates: the versions, what one says of each kind of site, what it changes, and the editor of the next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cluster.column_templates import versions
from cluster.column_templates.current import law_of_version
from cluster.column_templates.differing import differences, with_items
from cluster.column_templates.law import ColumnLaw, SiteLaw
from cluster.column_templates.models import SiteVersion, TemplateVersion, VersionState
from cluster.column_templates.sources import COMMON, FILES, language_page
from cluster.column_templates.vocabulary import ColumnClass
from cluster.column_templates.wording import limit_text, rule_lines, unlisted_text
from cluster.console.forms.templates import TemplatesForm, label_of
from cluster.console.tables import ConsoleListView, StateColumn, TimeColumn
from cluster.console.views.base import ConsoleFormView, ConsolePage
from cluster.subsites.models import SiteKind

KINDS = [kind for kind in SiteKind if kind != SiteKind.CONSOLE]


def _trail(found: TemplateVersion | None = None) -> list[tuple[str, str]]:
    way = [(reverse("console:templates"), "栏目模板")]
    return [*way, (reverse("console:template", args=[found.number]), str(found))] if found else way


class TemplateListView(ConsoleListView):
    """All versions, newest first."""

    model = TemplateVersion
    page_title = "栏目模板"
    search_fields = ("note",)
    default_ordering = "-number"
    columns = (
        TitleColumn(
            "number",
            label="版本",
            accessor=str,
            sort_key="number",
            get_url=lambda row: reverse("console:template", args=[row.number]),
        ),
        StateColumn("state", label="状态", sort_key="state"),
        NumberColumn("sites", label="站点数", sort_key="sites", classname="qz-number"),
        Column("actor", label="编制人", accessor=lambda row: row.actor.get("name", "") or "随软件提供"),
        TimeColumn("created_at", label="编制时间", sort_key="created_at"),
        TimeColumn("applied_at", label="启用时间", sort_key="applied_at"),
        Column("note", label="说明"),
    )
    list_export = ("number", "get_state_display", "sites", "created_at", "applied_at", "note")
    export_headings = {"get_state_display": "状态", "sites": "站点数"}
    export_filename = "column-templates"

    def get_base_queryset(self) -> QuerySet[TemplateVersion]:
        """List the versions, each with the number of sites that follow it."""
        sites = SiteVersion.objects.filter(version=OuterRef("number")).order_by().values("version")
        counted = Subquery(sites.annotate(count=Count("pk")).values("count"))
        return TemplateVersion.objects.defer("sources").annotate(sites=Coalesce(counted, 0))

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Offer the editor to the office."""
        if not self.user_has_permission("change"):
            return []
        return [HeaderButton("编辑下一版", url=reverse("console:edit_templates"), icon_name="edit")]


@dataclass(frozen=True)
class _Row:
    """A column as the page shows it."""

    column: ColumnLaw
    indent: int
    column_class: str
    limit: str
    rules: list[str]


def _rows(law: SiteLaw) -> list[_Row]:
    depths: dict[str, int] = {}
    rows = []
    for column in law.columns:
        depths[column.code] = depths.get(column.parent, -1) + 1
        rows.append(
            _Row(
                column,
                depths[column.code],
                str(ColumnClass(column.column_class).label),
                limit_text(column.limit) if column.limit else "",
                rule_lines(column),
            )
        )
    return rows


class VersionPage(ConsolePage):
    """A page about one version."""

    header_icon = "list-ul"

    @cached_property
    def version(self) -> TemplateVersion:
        """The version, or 404."""
        found = TemplateVersion.objects.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found


class TemplateView(VersionPage):
    """What one version says of a kind of site (`?kind=`), and its texts."""

    template_name = "console/template.html"

    def get_page_title(self) -> str:
        """Name the version."""
        return f"栏目模板{self.version}"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return _trail()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Collect what the page shows."""
        found = self.version
        law = law_of_version(found.number, found.digest)
        kind = self.request.GET.get("kind", SiteKind.PROVINCE)
        chosen = SiteKind(kind) if kind in KINDS else SiteKind.PROVINCE
        return super().get_context_data(
            version=found,
            sites=SiteVersion.objects.filter(version=found.number).count(),
            kinds=[(one, len(law.of(one).columns)) for one in KINDS],
            kind=chosen,
            faults=law.faults,
            rows=_rows(law.of(chosen)),
            texts=[(label_of(file), found.sources.get(file, "")) for file in (COMMON, f"{chosen}.toml")],
            is_draft=found.state == VersionState.DRAFT,
            is_current=found.state == VersionState.CURRENT,
            **kwargs,
        )


class TemplateDifferenceView(VersionPage):
    """What the version says otherwise than the one in force; for the one in force, than the one before it."""

    template_name = "console/template_difference.html"
    page_title = "变化"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the version."""
        return _trail(self.version)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Compare."""
        after = self.version
        before = versions.version_in_force()
        if before is None or before.number == after.number:
            before = TemplateVersion.objects.filter(number__lt=after.number).order_by("-number").first()
        law = law_of_version(after.number, after.digest)
        found = with_items(differences(law_of_version(before.number, before.digest), law)) if before else []
        unlisted = unlisted_text(law) if law.unlisted else ""
        return super().get_context_data(before=before, after=after, differences=found, unlisted=unlisted, **kwargs)


class EditTemplatesView(ConsoleFormView):
    """Write the next version: from the draft, else from the one in force; with `?base=N`, from version N."""

    form_class = TemplatesForm
    template_name = "console/edit_templates.html"
    page_title = "编辑下一版栏目模板"
    header_icon = "edit"
    submit_label = "检查并保存草稿"
    submit_active_label = "正在检查…"
    refused_message = "没有保存：请按提示改正，已输入的内容都在。"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return _trail()

    def get_initial(self) -> dict[str, Any]:
        """Begin with the texts of the newest version, or of the one that was asked for."""
        newest = versions.draft() or versions.version_in_force()
        base = self.request.GET.get("base", "")
        chosen = TemplateVersion.objects.filter(number=base).first() if base.isascii() and base.isdigit() else None
        sources = chosen.sources if chosen else versions.newest_sources()
        note = newest.note if newest and newest.state == VersionState.DRAFT else ""
        texts = {file: sources.get(file, "") for file in FILES}
        return {**texts, "note": note, "edited": newest.digest if newest else ""}

    def form_valid(self, form: TemplatesForm) -> HttpResponse:
        """Save the draft and show what it changes; a refused text stays in its field."""
        saved = form.save()
        if saved is None:
            return self.form_invalid(form)
        messages.success(self.request, f"已保存为{saved}草稿。下面是它与现行版的不同，应用之前各站点不会有任何变化。")
        return redirect("console:template_difference", saved.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say which version is being written, and how."""
        return super().get_context_data(draft=versions.draft(), language=language_page(), **kwargs)


class DiscardDraftView(ConsolePage):
    """Give the next version up."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Delete the draft."""
        try:
            versions.discard_draft()
        except versions.NoSuchVersion as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, "已放弃草稿，现行版本没有变化。")
        return redirect("console:templates")
