"""App configurations of the accounts, and of Wagtail's pages for them."""

from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    """Accounts of a site."""

    name = "cluster.accounts"
    label = "accounts"
    verbose_name = "账号"
    default = True


class SiteUsersConfig(WagtailUsersAppConfig):
    """Wagtail's user pages, with the person behind the account."""

    user_viewset = "cluster.accounts.viewsets.AccountViewSet"
