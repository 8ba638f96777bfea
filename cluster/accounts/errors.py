"""Errors of opening accounts; each says in one Chinese sentence what is so and what to do."""

from cluster.subsites.errors import SiteError


class InvalidAccount(SiteError):
    """A field of the new account is not acceptable; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class AccountNotFound(SiteError):
    """The site has no account of this name that may be used."""
