"""What people and programs may try on a column: each deed is done to a planted column and to one of the site's own.

Used by test_violations and its neighbours. A deed gets a Scene and the page; it raises, or returns the response of a request.
"""

from tests.sites.columns.lock.deeds import admin, database, drafts, interface, model, placing
from tests.sites.columns.lock.deeds.table import DEEDS, DRAFTS, PLACINGS, Scene

__all__ = ["DEEDS", "DRAFTS", "PLACINGS", "Scene", "admin", "database", "drafts", "interface", "model", "placing"]
