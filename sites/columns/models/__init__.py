"""Page models of the column tree; import them from here."""

from sites.columns.models.column import ColumnClass, ColumnPage
from sites.columns.models.home import HomePage

__all__ = ["ColumnClass", "ColumnPage", "HomePage"]
