"""The triggers of the lock, which every site's schema and every mould carries.

Named by settings.TRIGGER_CONTRIBUTIONS; cluster.resources.triggers installs, verifies and repairs them.
"""

from pathlib import Path

from cluster.resources.contributions import Contribution, Guard

# The lock itself, and what the web processes may write of the history of columns.
FUNCTIONS = [Path(__file__).with_name(name) for name in ("lock.sql", "records.sql")]
CHANGES = ("UPDATE", "DELETE")
EVERY_CHANGE = ("INSERT", *CHANGES)
PAGE, COLUMN, HOME = "wagtailcore_page", "columns_columnpage", "columns_homepage"
RESTRICTION, ROOT = "wagtailcore_pageviewrestriction", "wagtailcore_site"

GUARDS = (
    Guard(PAGE, "qz_lock", "qz_lock_page", CHANGES, before=True),
    Guard(PAGE, "qz_lock_place", "qz_lock_place", ("UPDATE",)),
    Guard(PAGE, "qz_lock_address", "qz_lock_address", ("INSERT", "UPDATE"), before=True),
    Guard(COLUMN, "qz_lock", "qz_lock_column", EVERY_CHANGE, before=True),
    Guard(COLUMN, "qz_lock_place", "qz_lock_new_column", ("INSERT",)),
    Guard(HOME, "qz_lock", "qz_lock_home", EVERY_CHANGE, before=True),
    Guard(RESTRICTION, "qz_lock", "qz_lock_restriction", ("INSERT", "UPDATE"), before=True),
    Guard(ROOT, "qz_lock", "qz_lock_all", EVERY_CHANGE, before=True),
    *(
        Guard(table, "qz_lock_truncate", "qz_lock_all", ("TRUNCATE",), before=True, each_row=False)
        for table in (PAGE, COLUMN, HOME, ROOT)
    ),
)


def contribution() -> Contribution:
    """Return functions and triggers of the lock."""
    return Contribution("".join(path.read_text(encoding="utf-8") for path in FUNCTIONS), GUARDS)
