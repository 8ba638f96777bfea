"""A fresh connection now and then, for whoever opens or fills many sites one after another.

Called by open_sites and the demonstration. A server process keeps a plan for every trigger and foreign key of each site that it
has written to, and looks through all of them whenever a table is made: after a hundred sites that is half of the work.
"""

from cluster.postgresql import connection

SITES = 5


class Renewal:
    """Counts the sites of a run."""

    def __init__(self) -> None:
        self._sites = 0

    def next_site(self) -> None:
        """Take a fresh connection before every fifth site; inside a transaction the old one stays."""
        if self._sites and self._sites % SITES == 0 and not connection.in_atomic_block:
            connection.close()
        self._sites += 1
