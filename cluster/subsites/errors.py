"""Errors of opening, closing and moving sites; each says in one Chinese sentence what is so and what to do."""


class SiteError(Exception):
    """Something about a site cannot be done; str() is the sentence to show."""


class InvalidSite(SiteError):
    """A field of the new site is not acceptable; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SiteExists(SiteError):
    """The code, the domain or the identification code is taken; `field` says which, where that is known."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class SiteNotFound(SiteError):
    """No site has this code."""


class StateMoveRefused(SiteError):
    """A site cannot go from its state to that one."""


class BaseSchemaMissing(SiteError):
    """The mould for this kind of site is not there."""


class UnknownInMould(SiteError):
    """A mould has something that a clone would lack."""


class HalfRestored(SiteError):
    """A site's schema lacks tables."""
