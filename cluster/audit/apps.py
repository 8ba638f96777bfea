"""App configuration of the ledger."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only ledger."""

    name = "cluster.audit"
    label = "audit"
    verbose_name = "留痕台账"
