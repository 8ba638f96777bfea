"""The running product: a withdrawal does not wait for the worker, and what was withdrawn is not on the disk when all is dead."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.citizen import Visitor
from tests.support.running import Product, wait_until


def stored_with(product: Product, word: str) -> list[str]:
    """Return the stored pages that hold a word, of every generation."""
    pages = (path for path in (product.var / "store").rglob("*.html") if path.is_file())
    return sorted(str(path) for path in pages if word in path.read_text())


def test_withdrawn_while_the_worker_is_dead_then_everything_killed(
    running: Product, sites: tuple[Subsite, Subsite], editors: dict[str, str], visit: Callable[[str], Visitor]
) -> None:
    alpha, beta = sites
    gone, stays = f"撤回{uuid4().hex}", f"保留{uuid4().hex}"
    page, other = publish_article(alpha, gone), publish_article(beta, stays)
    address = f"/dtyw/{page.slug}/"

    def is_stored() -> bool:
        citizen, neighbour = visit("alpha"), visit("beta")
        for path in (address, "/dtyw/", "/"):
            citizen.get(path)
        neighbour.get(f"/dtyw/{other.slug}/")
        return len(stored_with(running, gone)) == 3 and bool(stored_with(running, stays))

    wait_until(is_stored, 20, "home, column and item are stored", running.last_words)
    editor = visit("alpha").sign_in(editors["alpha"])
    running.kill_worker()
    try:
        assert editor.withdraw(page.pk).status_code == 302
        running.kill_web()
        assert stored_with(running, gone) == []
        assert [path for path in Path(running.var / "store").rglob("index*") if page.slug in str(path)] == []
        assert stored_with(running, stays) != []
    finally:
        running.start()
    assert visit("alpha").get(address).status_code == 404
    assert visit("beta").get(f"/dtyw/{other.slug}/").status_code == 200


def test_what_is_published_stands_on_stored_pages_within_moments(
    running: Product, sites: tuple[Subsite, Subsite], visit: Callable[[str], Visitor]
) -> None:
    for path in ("/", "/dtyw/"):
        visit("alpha").get(path)
    title = f"消息{uuid4().hex}"
    publish_article(sites[0], title)
    for path in ("/", "/dtyw/"):
        wait_until(lambda: title in visit("alpha").get(path).text, 10, f"{path} shows it", running.last_words)  # noqa: B023
    assert all(title not in visit("beta").get(path).text for path in ("/", "/dtyw/"))
