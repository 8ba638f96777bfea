"""One nginx for all tests of this folder."""

from collections.abc import Iterator

import pytest

from cluster.edge.variants import Variant
from deploy.launcher.elasticsearch import free_port
from tests.cluster.edge.nginx.shelves import ALPHA, BETA, GAMMA, GENERATION, OLD, Shelves
from tests.support.front import Front, StandIn, fronted


@pytest.fixture(scope="package")
def backend() -> Iterator[StandIn]:
    """Return what answers behind nginx."""
    server = StandIn(free_port())
    yield server
    server.close()


@pytest.fixture(scope="package")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Shelves:
    """Return a store with pages of two sites, and files of one."""
    root = tmp_path_factory.mktemp("var")
    found = Shelves(root / "store")
    for variant in Variant:
        found.page("/", f"甲县首页 {variant}", variant=variant.value)
    found.page("/", "乙市首页", host=BETA)
    found.page("/tzgg/", "公告")
    found.page("/tzgg/", "公告第二页", query="page=2")
    found.page("/tzgg/rss/", "<rss/>", media_class="rss")
    found.page("/robots.txt", "User-agent: *", media_class="txt")
    found.page("/sitemap.xml", "<urlset/>", media_class="xml")
    found.page("/sitemap.xml", "<urlset>2</urlset>", query="p=2", media_class="xml")
    found.page("/down/", "什么还能用 甲县")
    found.page("/down/", "什麼還能用 甲縣", variant="t")
    found.page("/old/", "上一版的页面", generation=OLD)
    found.page("/old/rss/", "<rss>old</rss>", media_class="rss", generation=OLD)
    found.page("/sitemap.xml", "<urlset>old</urlset>", query="p=3", media_class="xml", generation=OLD)
    found.page("/sitemap.xml", "<urlset>older</urlset>", media_class="xml", generation=OLD)
    found.page("/robots.txt", "User-agent: old", host=GAMMA, media_class="txt", generation=OLD)
    found.page("/down/", "什么还能用 丙区", host=GAMMA, generation=OLD)
    (found.root / "current").symlink_to(GENERATION)
    (found.root / "previous").symlink_to(OLD)
    linked = found.root / "files" / ALPHA
    for name in ("media/site_alpha/images/da-lou.webp", "documents/7/办法.txt", "documents/8/ban-fa.pdf"):
        (linked / name).parent.mkdir(parents=True, exist_ok=True)
        (linked / name).write_text(name)
    (found.root / "index.sqlite3").write_text("secret")
    for name in ("media/site_alpha/documents/办法.txt", "media/site_alpha/images/draft.webp", "static/site.0a1b.css"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"upload {name}")
    (root / "secret-key").write_text("secret")
    return found


@pytest.fixture(scope="package")
def front(shelves: Shelves, backend: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Return nginx in front of both."""
    root = shelves.root.parent
    folders = {"store": shelves.root, "media": root / "media", "static": root / "static"}
    with fronted(tmp_path_factory.mktemp("nginx"), app_port=backend.server_port, **folders) as running:
        yield running
