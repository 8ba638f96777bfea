"""nginx serves the store as the product's own reading of addresses says, and nothing else; a real nginx, a stand-in behind it."""

import gzip
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.management import CommandError, call_command

from cluster.edge.addresses import canonical, file_of
from cluster.edge.entries import Address
from cluster.edge.headers import CLASSES, headers_of
from cluster.edge.nginx import Server, configuration
from cluster.edge.variants import COOKIE_OF, VIEW_COOKIE, Variant, of_cookie
from cluster.files import upload_headers
from deploy.launcher.elasticsearch import free_port
from tests.support.front import Front, StandIn, fronted

ALPHA, BETA = "alpha.localhost", "beta.localhost"
GENERATION = "a" * 16


class Shelves:
    """A store filled by hand."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, address: Address, text: str, media_class: str = "html", generation: str = GENERATION) -> None:
        """Lay a copy with its gzip sibling."""
        path = self.root / generation / file_of(address, media_class)
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(f"{path}.gz").write_bytes(gzip.compress(text.encode()))
        path.write_text(text)

    def page(self, path: str, text: str, host: str = ALPHA, query: str = "", variant: str = "n", **more: str) -> None:
        self.put(Address(host, path, query, variant), text, **more)


@pytest.fixture(scope="module")
def backend() -> Iterator[StandIn]:
    server = StandIn(free_port())
    yield server
    server.close()


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Shelves:
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
    found.page("/old/", "上一版的页面", generation="b" * 16)
    (found.root / "current").symlink_to(GENERATION)
    (found.root / "previous").symlink_to("b" * 16)
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


@pytest.fixture(scope="module")
def front(shelves: Shelves, backend: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    root = shelves.root.parent
    folders = {"store": shelves.root, "media": root / "media", "static": root / "static"}
    with fronted(tmp_path_factory.mktemp("nginx"), app_port=backend.server_port, **folders) as running:
        yield running


class TestPages:
    def test_a_stored_page_needs_no_application(self, front: Front) -> None:
        answer = front.ask(ALPHA, "/tzgg/")
        assert (answer.status, answer.text, answer.by_app) == (200, "公告", False)
        assert front.ask(ALPHA, "/zcwj/").by_app

    def test_each_host_has_its_own(self, front: Front) -> None:
        assert front.ask(ALPHA, "/").text == "甲县首页 n"
        assert front.ask(BETA, "/").text == "乙市首页"
        assert front.ask(BETA, "/tzgg/").by_app
        assert front.ask("gamma.localhost", "/").by_app

    @pytest.mark.parametrize("variant", list(Variant))
    def test_the_cookie_chooses_the_variant(self, front: Front, variant: Variant) -> None:
        cookie = f"a=b; {VIEW_COOKIE}={COOKIE_OF[variant]}; c=d"
        answer = front.ask(ALPHA, "/", Cookie=cookie)
        assert answer.text == f"甲县首页 {variant}"
        assert answer.headers["content-language"] == variant.language

    @pytest.mark.parametrize("value", ["Elder", "elder ", "../e", "e", "elder-hant-x", "%65lder", ""])
    def test_no_other_value_makes_a_fifth(self, front: Front, value: str) -> None:
        expected = of_cookie(value.strip())
        assert front.ask(ALPHA, "/", Cookie=f"{VIEW_COOKIE}={value}").text == f"甲县首页 {expected}"

    def test_a_variant_that_is_not_stored_is_rendered(self, front: Front) -> None:
        assert front.ask(ALPHA, "/tzgg/", Cookie=f"{VIEW_COOKIE}=elder").by_app

    @pytest.mark.parametrize(
        ("path", "media_class"), [("/", "html"), ("/tzgg/rss/", "rss"), ("/sitemap.xml", "xml"), ("/robots.txt", "txt")]
    )
    def test_headers_are_those_of_the_class(self, front: Front, path: str, media_class: str) -> None:
        answer = front.ask(ALPHA, path)
        assert not answer.by_app
        expected = {name.lower(): value for name, value in headers_of(media_class, Variant.NORMAL).items()}
        of_nginx = {"server", "date", "content-length", "last-modified", "connection", "etag", "accept-ranges"}
        assert {name: value for name, value in answer.headers.items() if name not in of_nginx} == expected

    def test_compressed_for_those_who_take_it(self, front: Front) -> None:
        answer = front.ask(ALPHA, "/tzgg/", Accept_Encoding="br;q=1, gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body).decode() == "公告"
        assert front.ask(ALPHA, "/tzgg/", Accept_Encoding="gzip;q=0").text == "公告"

    @pytest.mark.parametrize(
        ("asked", "status", "text"),
        [
            ("bytes=0-2", 206, "公"),
            ("bytes=-3", 206, "告"),
            ("bytes=3-", 206, "告"),
            ("bytes=0-999999", 206, "公告"),
            ("bytes=6-", 416, None),
            ("bytes=0-2,3-5", 200, "公告"),
            ("items=0-2", 200, "公告"),
        ],
    )
    def test_ranges(self, front: Front, asked: str, status: int, text: str | None) -> None:
        answer = front.ask(ALPHA, "/tzgg/", Range=asked)
        assert (answer.status, answer.by_app) == (status, False)
        if text is not None:
            assert answer.text == text
        if status == 206:
            assert answer.headers["content-range"].endswith("/6")
            assert answer.headers["content-security-policy"]
        if status == 416:
            assert answer.headers["content-range"] == "bytes */6"

    def test_no_part_of_a_compressed_copy_is_sent(self, front: Front) -> None:
        plain, packed = front.ask(ALPHA, "/tzgg/"), front.ask(ALPHA, "/tzgg/", Accept_Encoding="gzip")
        assert packed.headers["etag"] != plain.headers["etag"]
        for more in ({}, {"If_Range": packed.headers["etag"]}, {"If_Range": plain.headers["etag"]}):
            answer = front.ask(ALPHA, "/tzgg/", Accept_Encoding="gzip", Range="bytes=2-5", **more)
            assert (answer.status, answer.body, answer.headers["content-encoding"]) == (200, packed.body, "gzip")
        part = front.ask(ALPHA, "/tzgg/", Range="bytes=2-5", If_Range=plain.headers["etag"])
        assert (part.status, part.body) == (206, plain.body[2:6])
        for other in (packed.headers["etag"], '"x"', "Mon, 01 Jan 2001 00:00:00 GMT"):
            assert front.ask(ALPHA, "/tzgg/", Range="bytes=2-5", If_Range=other).text == "公告"

    def test_conditional_requests_heads_and_ranges(self, front: Front) -> None:
        whole = front.ask(ALPHA, "/tzgg/")
        for asked in ({"If_None_Match": whole.headers["etag"]}, {"If_Modified_Since": whole.headers["last-modified"]}):
            answer = front.ask(ALPHA, "/tzgg/", **asked)
            assert (answer.status, answer.body) == (304, b"")
        assert front.ask(ALPHA, "/tzgg/", If_None_Match='"other"').status == 200
        head = front.ask(ALPHA, "/tzgg/", method="HEAD")
        assert (head.status, head.body, head.by_app) == (200, b"", False)
        part = front.ask(ALPHA, "/tzgg/", Range="bytes=0-2")
        assert (part.status, part.text) == (206, "公")

    def test_a_removed_copy_is_gone_at_once(self, front: Front, shelves: Shelves) -> None:
        shelves.page("/tzgg/gone/", "马上撤回")
        assert front.ask(ALPHA, "/tzgg/gone/").text == "马上撤回"
        place = shelves.root / GENERATION / ALPHA / "n" / "tzgg" / "gone"
        (place / "index.html.gz").unlink()
        # The siblings are the first to go: who takes them gets the plain file for that moment.
        assert front.ask(ALPHA, "/tzgg/gone/", Accept_Encoding="gzip").text == "马上撤回"
        (place / "index.html").unlink()
        assert front.ask(ALPHA, "/tzgg/gone/", Accept_Encoding="gzip").by_app
        assert front.ask(ALPHA, "/tzgg/gone/").by_app


# Host header, target, as they stand on the wire.
ODD = [
    (ALPHA, "/tzgg/?page=2"),
    (ALPHA, "/tzgg/?"),
    (ALPHA.upper(), "/tzgg/"),
    (f"{ALPHA}:8080", "/tzgg/"),
    (f"{ALPHA}.", "/tzgg/"),
    (ALPHA, "/sitemap.xml?p=2"),
    (ALPHA, "/tzgg/?page=1"),
    (ALPHA, "/tzgg/?page=02"),
    (ALPHA, "/tzgg/?page=2&a=1"),
    (ALPHA, "/tzgg/?page=2%20"),
    (ALPHA, "/tzgg/?PAGE=2"),
    (ALPHA, "/tzgg/?page=123456"),
    (ALPHA, "/tzgg/?utm=1"),
    (ALPHA, "/tzgg"),
    (ALPHA, "/TZGG/"),
    (ALPHA, "//tzgg/"),
    (ALPHA, "/tzgg//"),
    (ALPHA, "/./tzgg/"),
    (ALPHA, "/x/../tzgg/"),
    (ALPHA, "/%74zgg/"),
    (ALPHA, "/tzgg/%2e%2e/tzgg/"),
    (ALPHA, "/tzgg%2f"),
    (ALPHA, "/tzgg/index.html"),
    (ALPHA, "/tzgg/;page=2/"),
    (ALPHA, "/index;page=2"),
    (ALPHA, "/robots.txt?page=2"),
    (ALPHA, "/Robots.txt"),
    (ALPHA, "/../index.sqlite3"),
    (ALPHA, "/current/"),
    (ALPHA, "/../../secret-key"),
    (ALPHA, "/-down/"),
    (ALPHA, "/-down/page"),
    (ALPHA, "/-down/words"),
    (ALPHA, "/-uploads/"),
    (ALPHA, "/index.html"),
    (ALPHA, "/tzgg/index.html.gz"),
    (ALPHA, "/tzgg\\"),
    (ALPHA, "/tzgg/%00"),
    (ALPHA, "/tzgg/#"),
    (ALPHA, "/tzgg/?page=2#x"),
    (ALPHA, "/tzgg/%3fpage=2"),
    (ALPHA, "/tzgg/?page=2?"),
    (ALPHA, "/tzgg/rss"),
    (ALPHA, "/tzgg/RSS/"),
    (ALPHA, "/sitemap.xml/"),
    (ALPHA, "/view/?next=//evil.example"),
    (ALPHA, "/form-token/"),
    (ALPHA, "/down/"),
    (ALPHA, "/down/?q=x"),
    (ALPHA, "/-/none"),
    (f"{ALPHA}/../{BETA}", "/"),
    (f"..{ALPHA}", "/"),
    (f"x@{ALPHA}", "/"),
    ("", "/"),
    ("..", "/"),
    ("-", "/"),
    ("[::1]", "/"),
    (f"{ALPHA} ", "/tzgg/"),
]


@pytest.mark.parametrize(("host", "target"), ODD)
def test_the_store_answers_where_the_product_says_so_and_nowhere_else(
    host: str, target: str, front: Front, shelves: Shelves
) -> None:
    answer = front.ask(host, target)
    path, _, query = target.partition("?")
    address = canonical(host.strip(), path, query, "n")
    kept = address and any((shelves.root / "current" / file_of(address, name)).is_file() for name in CLASSES)
    assert (answer.status == 200 and not answer.by_app) is bool(kept), (answer.status, answer.text[:80])
    assert "secret" not in answer.text
    if not kept:
        assert answer.by_app or answer.status in {400, 404}


@pytest.mark.parametrize("target", ["/tzgg//", "/%74zgg/", "/./neu/", "/neu/?q=%E5%85%AC&a=/../b", "/tzgg/?utm=1"])
def test_the_application_hears_the_address_as_it_was_written(target: str, front: Front) -> None:
    assert front.ask(ALPHA, target).text == f"GET {ALPHA}:{front.port} {target}"


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_other_methods_are_the_applications(method: str, front: Front) -> None:
    assert front.ask(ALPHA, "/tzgg/", method=method).text == f"{method} {ALPHA}:{front.port} /tzgg/"


def test_who_shows_papers_is_answered_by_the_application(front: Front) -> None:
    assert front.ask(ALPHA, "/tzgg/", Authorization="Bearer x").by_app


HEADERS = {
    "X_Forwarded_Host": BETA,
    "X_Host": BETA,
    "X_Original_Host": BETA,
    "X_Forwarded_Server": BETA,
    "Forwarded": f"host={BETA}",
    "X_Original_URL": "/",
    "X_Rewrite_URL": "/",
    "X_HTTP_Method_Override": "POST",
    "X_Method_Override": "DELETE",
    "X_Accel_Redirect": "/-uploads/site_alpha/documents/a",
    "X_Sendfile": "/etc/passwd",
    "Accept": "application/json",
    "Accept_Language": "de",
    "Cache_Control": "no-store",
    "Pragma": "no-cache",
    "Expect": "100-continue",
    "Transfer_Encoding": "identity",
}


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_leads_to_another_page(header: str, front: Front) -> None:
    answer = front.ask(ALPHA, "/tzgg/", **{header: HEADERS[header]})
    assert answer.text == "公告" or (answer.status in {400, 501} and not answer.by_app)


def test_the_application_hears_nothing_that_a_visitor_says_of_himself(front: Front) -> None:
    """Address, host and scheme of the visitor are nginx's to say."""
    forged = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Host": BETA, "X_Forwarded_Proto": "https"}
    assert front.ask(ALPHA, "/zcwj/", **forged).headers["x-heard"] == "127.0.0.1 - http"
    assert front.ask(ALPHA, "/zcwj/").headers["x-heard"] == "127.0.0.1 - http"


@pytest.mark.parametrize(
    "cookie", ["sessionid=x", "a=b; c=d", "qz_view=elder2", ";;;==", "qz_view=../../e", "x" * 4000]
)
def test_cookies_of_ones_own_get_what_everybody_gets(cookie: str, front: Front) -> None:
    answer = front.ask(ALPHA, "/tzgg/", Cookie=cookie)
    assert (answer.status, answer.text, answer.by_app) == (200, "公告", False)
    assert "set-cookie" not in answer.headers


def test_a_whole_address_in_the_first_line_is_that_of_its_own_site(front: Front) -> None:
    answer = front.ask(ALPHA, f"http://{BETA}/")
    assert answer.text in {"乙市首页", f"GET {BETA}:{front.port} /"} or answer.status == 400


def test_addresses_without_end_leave_nothing(front: Front, shelves: Shelves) -> None:
    before = sorted(shelves.root.rglob("*"))
    for number in range(2, 60):
        assert front.ask(ALPHA, f"/tzgg/?page={number + 1000}").by_app
        assert front.ask(ALPHA, f"/nichts-{number}/?x={number}").by_app
        assert front.ask(f"x{number}.localhost", "/").by_app
    assert sorted(shelves.root.rglob("*")) == before


class TestFiles:
    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("/media/site_alpha/images/da-lou.webp", "media/site_alpha/images/da-lou.webp"),
            ("/documents/7/%E5%8A%9E%E6%B3%95.txt", "documents/7/办法.txt"),
            ("/documents/8/ban-fa.pdf", "documents/8/ban-fa.pdf"),
        ],
    )
    def test_what_a_stored_page_uses_is_served_on_its_site(self, front: Front, path: str, name: str) -> None:
        answer = front.ask(ALPHA, path)
        assert (answer.status, answer.text, answer.by_app) == (200, name, False)
        for header, value in upload_headers(name).items():
            assert answer.headers[header.lower()] == value
        assert front.ask(BETA, path).by_app

    def test_documents_are_saved_and_pdfs_shown(self, front: Front) -> None:
        assert front.ask(ALPHA, "/documents/7/%E5%8A%9E%E6%B3%95.txt").headers["content-disposition"] == "attachment"
        assert front.ask(ALPHA, "/documents/8/ban-fa.pdf").headers["content-disposition"] == "inline"

    def test_other_files_are_asked_of_the_application(self, front: Front) -> None:
        assert front.ask(ALPHA, "/media/site_alpha/images/draft.webp").by_app
        assert front.ask(ALPHA, "/media/site_alpha/documents/%E5%8A%9E%E6%B3%95.txt").by_app

    def test_what_the_application_allows_nginx_sends(self, front: Front, backend: StandIn) -> None:
        backend.accel["/documents/9/a"] = "/-uploads/site_alpha/documents/%E5%8A%9E%E6%B3%95.txt"
        answer = front.ask(ALPHA, "/documents/9/a")
        assert answer.text == "upload media/site_alpha/documents/办法.txt"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["content-security-policy"] == upload_headers("a.txt")["Content-Security-Policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        "target",
        [
            "/-uploads/site_alpha/documents/%E5%8A%9E%E6%B3%95.txt",
            "/media/../secret-key",
            "/media/site_alpha/images/..%2f..%2f..%2fsecret-key",
            "/documents/7/..%2f..%2f..%2f..%2findex.sqlite3",
            "/static/../secret-key",
            "/static/..%2fsecret-key",
        ],
    )
    def test_nobody_climbs_out(self, target: str, front: Front) -> None:
        answer = front.ask(ALPHA, target)
        assert answer.by_app or answer.status in {400, 404}
        assert "secret" not in answer.text.removeprefix("GET").replace(target, "")

    def test_static_files_may_be_kept_for_ever(self, front: Front) -> None:
        answer = front.ask(ALPHA, "/static/site.0a1b.css")
        assert (answer.status, answer.by_app) == (200, False)
        assert "immutable" in answer.headers["cache-control"]


class TestApplicationDown:
    @pytest.fixture
    def alone(self, shelves: Shelves, tmp_path: Path) -> Iterator[Front]:
        """Give nginx whose application does not answer."""
        root = shelves.root.parent
        folders = {"store": shelves.root, "media": root / "media", "static": root / "static"}
        with fronted(tmp_path, app_port=free_port(), **folders) as running:
            yield running

    def test_what_is_stored_is_served(self, alone: Front) -> None:
        assert alone.ask(ALPHA, "/tzgg/").text == "公告"
        assert alone.ask(ALPHA, "/media/site_alpha/images/da-lou.webp").status == 200
        with_papers = alone.ask(ALPHA, "/tzgg/", Authorization="Bearer x")
        assert (with_papers.status, with_papers.text) == (200, "公告")

    def test_the_last_release_s_copy_stands_in(self, alone: Front) -> None:
        answer = alone.ask(ALPHA, "/old/")
        assert (answer.status, answer.text) == (200, "上一版的页面")
        assert answer.headers["content-security-policy"]

    @pytest.mark.parametrize(("method", "target"), [("GET", "/search/?q=a"), ("POST", "/tzgg/"), ("POST", "/old/")])
    def test_the_rest_hears_what_still_works(self, method: str, target: str, alone: Front) -> None:
        answer = alone.ask(ALPHA, target, method=method)
        assert (answer.status, answer.text) == (503, "什么还能用 甲县")
        assert answer.headers["retry-after"] == "30"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"]

    def test_a_host_without_such_a_page_gets_none_of_another(self, alone: Front) -> None:
        answer = alone.ask(BETA, "/search/?q=a")
        assert answer.status == 503
        assert "甲县" not in answer.text


class TestText:
    def test_the_sample_is_what_the_command_writes(self, settings: LazySettings) -> None:
        settings.SITE_SCHEME, settings.SECURE_HSTS_SECONDS = "https", 31_536_000
        sample = settings.BASE_DIR / "deploy" / "nginx" / "qunzhan.conf"
        written = sample.parent / f".{hashlib.sha256(str(time.time_ns()).encode()).hexdigest()[:8]}.conf"
        try:
            call_command("nginx_config", root=Path("/srv/qunzhan/var"), output=written, verbosity=0)
            assert written.read_text() == sample.read_text()
        finally:
            written.unlink(missing_ok=True)

    def test_a_certificate_without_its_key_is_refused(self) -> None:
        with pytest.raises(CommandError, match="一起给"):
            call_command("nginx_config", certificate="/etc/a.pem")

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="写不进"):
            call_command("nginx_config", output=tmp_path / "no" / "a.conf")

    def test_brotli_only_where_it_is_asked_for(self, tmp_path: Path) -> None:
        server = Server(app="127.0.0.1:1", store=tmp_path, media=tmp_path, static=tmp_path, port=80)
        assert "brotli_static" not in configuration(server)
        assert "brotli_static on;" in configuration(Server(**{**vars(server), "brotli": True}))

    def test_two_hundred_sites_are_no_longer_than_two(self) -> None:
        server = Server(app="a", store=settings.EDGE_ROOT, media=Path(), static=Path(), port=80)
        assert "alpha" not in configuration(server)
        assert configuration(server).count("server_name") == 1
