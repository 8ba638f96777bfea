"""The life of a site: which state may follow which (47号 §1.6)."""

from cluster.subsites.models import SiteState

MOVES: dict[str, frozenset[str]] = {
    SiteState.PREPARING: frozenset({SiteState.TRIAL, SiteState.OPEN, SiteState.CLOSED}),
    SiteState.TRIAL: frozenset({SiteState.OPEN, SiteState.SUSPENDED, SiteState.CLOSED}),
    SiteState.OPEN: frozenset({SiteState.SUSPENDED, SiteState.CLOSED}),
    SiteState.SUSPENDED: frozenset({SiteState.OPEN, SiteState.TRIAL, SiteState.CLOSED}),
    SiteState.CLOSED: frozenset(),
}
