"""How the tests are shared out between processes: a file at a time, in the order in which one process would run them.

pytest-django puts the tests that roll back before those that commit, since these leave lines in the ledger and the like. Asked by
pytest-xdist (tests/conftest.py); its own --dist loadfile would hand out files whole, the committing tests of one before the others
of the next.
"""

from itertools import groupby

from xdist.scheduler.loadscope import LoadScopeScheduling


def file_of(nodeid: str) -> str:
    """Return the file of a test."""
    return nodeid.partition("::")[0]


class InOrder(LoadScopeScheduling):
    """Hands out the neighbouring tests of a file together; needs --no-loadscope-reorder."""

    _places: dict[str, str]

    def schedule(self) -> None:
        """Number the runs of neighbours before they are put into the queue."""
        collection = next(iter(self.registered_collections.values()))
        runs = enumerate(groupby(collection, file_of))
        self._places = {nodeid: f"{file}#{number}" for number, (file, found) in runs for nodeid in found}
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._places[nodeid]
