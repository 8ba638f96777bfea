"""What a kind of site is planted with: the law in force. Called by sowing; tests ask it which columns a kind has."""

from cluster.column_templates.current import site_law
from cluster.column_templates.law import SiteLaw


def site_plan(kind: str) -> SiteLaw:
    """Return columns, parents before children, and the blocks of the home page."""
    return site_law(kind)
