"""User: an account in one site, which carries the uuid of its person (cluster.staff)."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account of one site; one person may have several, in several sites."""

    person_uuid = models.UUIDField("工作人员编号", null=True, blank=True, db_index=True)

    class Meta(AbstractUser.Meta):
        verbose_name = "账号"
        verbose_name_plural = "账号"

    def get_full_name(self) -> str:
        """Family name first, without a blank, as names are written here."""
        return f"{self.last_name}{self.first_name}".strip()

    @property
    def actor_name(self) -> str:
        """The name under which the ledger records what this account does."""
        return self.get_full_name() or self.get_username()
