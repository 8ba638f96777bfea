"""What the servers were told, in the words of the tests."""

from wagtail.models import Page

from cluster.edge.models import EdgeEvent
from tests.support.working import work_until_idle

SERVERS = ("east", "west")
WITHDRAWN = {"-page", "-line"}
MEMBERS = "members:site_alpha:dtyw"


def told(work: bool = True, server: str = SERVERS[0]) -> set[str]:
    """Return the keys that a server was told; what is gone with a minus before it."""
    if work:
        work_until_idle()
    return {("-" if event.gone else "") + event.key for event in EdgeEvent.objects.filter(server=server)}


def forget() -> None:
    """Forget what was told until now."""
    EdgeEvent.objects.all().delete()


def gone_for_the_committer() -> set[str]:
    """Return what the process whose transaction it was would withdraw by itself."""
    return {f"-{event.key}" for event in EdgeEvent.objects.filter(server="")}


def keys_of(page: Page, *kinds: str) -> set[str]:
    """Return keys of a page of alpha, for kinds like "page" and "-line"."""
    return {f"{kind}:site_alpha:{page.pk}" for kind in kinds}
