"""App configuration of the console; it has no tables."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The office's console."""

    name = "cluster.console"
    label = "console"
    verbose_name = "管理控制台"

    def ready(self) -> None:
        """Put the public tables under the console's rule wherever Wagtail asks for one."""
        from wagtail.permissions import register_permission_policy

        from cluster.audit.models import LedgerEntry
        from cluster.column_templates.models import SiteVersion, TemplateVersion, Waiver
        from cluster.console.policies import CONSOLE, policy_for
        from cluster.findings.models import Finding
        from cluster.inspection.models import ColumnState, RuleOutcome
        from cluster.resources.models import Change, Mark, Resource
        from cluster.staff.models import Person
        from cluster.subsites.models import Domain, Job, Subsite
        from cluster.workdays.models import HolidayNotice

        register_permission_policy(Subsite, CONSOLE)
        for model in (
            *(Domain, Job, Resource, Mark, Change, LedgerEntry, Person),
            *(HolidayNotice, SiteVersion, TemplateVersion, ColumnState, RuleOutcome, Waiver, Finding),
        ):
            register_permission_policy(model, policy_for(model))
