"""App configuration of the accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts of a site."""

    name = "cluster.accounts"
    label = "accounts"
    verbose_name = "账号"
