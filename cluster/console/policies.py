"""Who may do what in the console: the office acts, the inspector reads, nobody else and nowhere else.

Asked by every view of the console and by its menu; Wagtail's generic views reach it through the policy registry. A group
of the same name in another site means nothing, and neither does a superuser's flag.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from wagtail.permission_policies import BasePermissionPolicy

from cluster.context import current_site
from cluster.subsites.models import Subsite

OFFICE = "office"
INSPECTOR = "inspector"
ROLES = frozenset({OFFICE, INSPECTOR})
# What an inspector may do; everything else is the office's.
READ = "view"


def is_in_console() -> bool:
    """Return whether this request runs in the console."""
    site = current_site()
    return site is not None and site.is_console


def roles_of(user: Any) -> frozenset[str]:
    """Return the console's roles of a user, remembered on the object for the rest of the request."""
    if not is_in_console() or not getattr(user, "is_active", False):
        return frozenset()
    if not hasattr(user, "_console_roles"):
        user._console_roles = ROLES & set(user.groups.values_list("name", flat=True))
    return user._console_roles


class ConsolePolicy(BasePermissionPolicy):
    """The rule of the console for one of the public tables."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Tell whether the user may do this."""
        roles = roles_of(user)
        return OFFICE in roles or (INSPECTOR in roles and action == READ)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Tell whether the user may do one of these."""
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Any]:
        """Return the accounts that may do one of these."""
        users = get_user_model().objects.filter(is_active=True)
        if not is_in_console():
            return users.none()
        return users.filter(groups__name__in=ROLES if READ in actions else {OFFICE}).distinct()


def policy_for(model: type[Model]) -> ConsolePolicy:
    """Return the console's rule for a table."""
    return ConsolePolicy(model)


# Pages that show several tables ask for the directory of sites.
CONSOLE = policy_for(Subsite)
