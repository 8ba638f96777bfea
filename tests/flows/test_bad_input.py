"""Bad input from outside, as bytes on a real connection: strange searches, hosts, cookies and paths, each beside its allowed twin."""

import re
import socket
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.support.citizen import Visitor
from tests.support.running import Product
from tests.support.truth import Truth

Visit = Callable[[str], Visitor]
SECRET = "zhe-shi-mi-mi"
STRANGE = [
    *(
        "!!!---",
        "。，、；：？",
        "*",
        "?*~^",
        "%",
        "_",
        "\\",
        "'",
        '"',
        "()",
        "{{7*7}}",
        "${7*7}",
        "\x00",
        "\ufffe",
        "🎉",
    ),
    *(
        "title:(甲 AND 乙) OR *:*",
        "甲 && 乙 || !丙",
        "[* TO *]",
        "/.*/",
        "甲~2 乙^9",
        '"没有闭合',
        "(((甲",
        "-甲",
        "_id:1",
    ),
    *("' OR 1=1 --", "'; DROP TABLE resources_resource; --", "甲' & !'乙", "<->", "甲:*", "|&!"),
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "&lt;b&gt;",
        "{% url 'search' %}",
        "../../etc/passwd",
    ),
    *("查" * 201, "查" * 10_000, "a" * 10_000, "* " * 5_000),
]


class TestSearching:
    @pytest.mark.parametrize("typed", STRANGE, ids=lambda typed: f"{len(typed)}: {typed[:12]!a}")
    def test_whatever_is_typed_ends_well(self, visit: Visit, typed: str) -> None:
        citizen = visit("beta")
        page = citizen.get("/search/", params={"q": typed})
        assert page.status_code == 200
        assert not re.search(r"<script>alert|<img src=x|Traceback", page.text)
        if len(typed) > 200:
            assert "检索词太长" in page.text
        answer = citizen.get("/api/search/", params={"q": typed})
        assert answer.status_code in {200, 400}
        if answer.status_code == 400:
            assert re.search("[\u4e00-\u9fff]", answer.json()["error"])
            assert re.search("[\u4e00-\u9fff]", answer.json()["hint"])

    def test_an_ordinary_search_finds_after_all_that(
        self, visit: Visit, running: Product, standing_article: tuple[str, str]
    ) -> None:
        assert standing_article[0] in visit("beta").finds(standing_article[0])
        assert Truth(running.database_url).registry()

    @pytest.mark.parametrize(
        ("refused", "twin"),
        [
            ("page=abc", "page=2"),
            ("page=0", "page=1"),
            ("page=-1", "page="),
            ("page=1001", "page=1000"),
            ("page=%EF%BC%91", "page=1"),
            ("page=99999999999999999999", "page=999"),
            ("site=unknown", "site=alpha"),
            ("site=console", "site=beta"),
            ("sort=foo", "sort=time"),
            ("region=999999", "region=230200"),
            ("kind=palace", "kind=city"),
            ("from=2026-02-30", "from=2026-02-28"),
            ("from=2026-03-01&to=2026-02-01", "from=2026-02-01&to=2026-03-01"),
            ("year=last", "year=2026"),
        ],
    )
    def test_a_parameter_that_cannot_be_meant(self, visit: Visit, refused: str, twin: str) -> None:
        citizen = visit("alpha")
        answer = citizen.get(f"/api/search/?q=通知&{refused}")
        assert answer.status_code == 400
        assert set(answer.json()) == {"error", "hint"}
        page = citizen.get(f"/search/?q=通知&{refused}")
        assert page.status_code == 400
        assert answer.json()["error"] in page.text.replace("&#x27;", "'")
        assert 'value="通知"' in page.text
        for path in ("/api/search/", "/search/"):
            assert citizen.get(f"{path}?q=通知&{twin}").status_code == 200


def exchange(product: Product, request: str) -> tuple[int, str]:
    """Send bytes as they are and return the status and everything that came back."""
    with socket.create_connection(("127.0.0.1", product.port), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    text = received.decode("utf-8", "replace")
    assert text.startswith("HTTP/1."), text[:200]
    return int(text.split(" ")[1]), text


def get(product: Product, path: str = "/", *, host: str | None = None, extra: str = "") -> tuple[int, str]:
    """Ask for a path without any tidying of it; the host is alpha's unless another head is given."""
    head = f"Host: alpha.localhost:{product.port}" if host is None else host
    return exchange(product, f"GET {path} HTTP/1.1\r\n{head}\r\n{extra}Connection: close\r\n\r\n")


class TestHosts:
    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("Host: evil.example", 404),
            ("Host: alpha.localhost.evil.example", 404),
            ("Host: site_alpha", 404),
            ("Host: 127.0.0.1", 404),
            ("Host: alpha.localhost@evil.example", 400),
            ("Host: alpha.localhost:80:80", 400),
            ("Host: alpha.localhost/../beta.localhost", 400),
            ("Host: ", 404),
            ("X-Nothing: 1", 404),
            ("Host: beta.localhost\r\nHost: alpha.localhost", 400),
            ("Host: " + "a" * 5000, 404),
        ],
    )
    def test_a_host_that_is_none_of_ours(self, running: Product, host: str, status: int) -> None:
        for path in ("/", "/admin/login/", "/search/?q=甲", "/static/common/site.css"):
            found, text = get(running, quote(path, safe="/?="), host=host)
            assert found in {status, 400}
            assert "甲县" not in text
            assert "乙市" not in text
            assert "csrfmiddlewaretoken" not in text

    @pytest.mark.parametrize("host", ["alpha.localhost", "ALPHA.LocalHost", "alpha.localhost.", "alpha.localhost:9"])
    def test_its_allowed_twin(self, running: Product, host: str) -> None:
        status, text = get(running, host=f"Host: {host}")
        assert status == 200
        assert "甲县人民政府" in text

    def test_other_headers_move_nobody(self, running: Product) -> None:
        extra = "X-Forwarded-Host: beta.localhost\r\nX-Host: beta.localhost\r\nForwarded: host=beta.localhost\r\n"
        status, text = get(running, extra=extra)
        assert status == 200
        assert "甲县人民政府" in text
        assert "乙市" not in text
        assert "beta.localhost" not in text

    def test_a_smuggled_second_request_is_refused(self, running: Product) -> None:
        inner = f"GET /admin/ HTTP/1.1\r\nHost: beta.localhost:{running.port}\r\n\r\n"
        for extra in (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
        ):
            status, text = exchange(
                running, f"GET / HTTP/1.1\r\nHost: alpha.localhost:{running.port}\r\n{extra}\r\n0\r\n\r\n{inner}"
            )
            assert status == 400
            assert text.count("HTTP/1.") == 1


class TestCookies:
    @pytest.mark.parametrize(
        "cookie",
        [
            "sessionid=garbage; csrftoken=x",
            "sessionid=" + "a" * 4000,
            "sessionid=../../etc/passwd",
            "sessionid=%00; csrftoken=%ff",
            "=;=;;;,",
            "sessionid='; DROP TABLE django_session; --",
            "messages=[[broken; wagtail=1",
            "csrftoken=" + "0" * 64,
        ],
    )
    def test_malformed_ones_are_as_good_as_none(self, running: Product, cookie: str) -> None:
        extra = f"Cookie: {cookie}\r\n"
        assert get(running, extra=extra)[0] == 200
        assert get(running, "/search/?q=a", extra=extra)[0] == 200
        status, text = get(running, "/admin/", extra=extra)
        assert (status, "/admin/login/" in text) == (302, True)

    def test_a_real_session_of_one_site_is_nothing_in_the_other(self, visit: Visit, editors: dict[str, str]) -> None:
        ours, theirs = visit("alpha").sign_in(editors["alpha"]), visit("beta")
        theirs.session.cookies.update(ours.session.cookies)
        assert ours.get("/admin/").status_code == 200
        assert theirs.get("/admin/").status_code == 302


class TestPaths:
    @pytest.fixture
    def secret(self, running: Product) -> None:
        """Lay files beside those that are served."""
        folder = running.var / "media" / "site_beta" / "images"
        folder.mkdir(parents=True, exist_ok=True)
        for path in (running.var / "mi-mi.txt", running.var / "media" / "mi-mi.txt", folder / "mi-mi.txt"):
            path.write_text(SECRET)

    @pytest.mark.parametrize(
        "path",
        [
            "/media/../mi-mi.txt",
            "/media/site_alpha/images/../../../mi-mi.txt",
            "/media/site_alpha/images/%2e%2e/%2e%2e/mi-mi.txt",
            "/media/site_alpha/images/..%2f..%2fmi-mi.txt",
            "/media/site_alpha/images/..%5c..%5cmi-mi.txt",
            "/media/site_alpha/../site_beta/images/mi-mi.txt",
            "/media/site_beta/images/mi-mi.txt",
            "/media/mi-mi.txt",
            "/media//etc/passwd",
            "/media/site_alpha/images/%00",
            "/static/../mi-mi.txt",
            "/static/%2e%2e/mi-mi.txt",
            "/static/..%2fmi-mi.txt",
            "/documents/../mi-mi.txt",
            "/documents/1/../../mi-mi.txt",
            "/documents/%2e%2e/mi-mi.txt",
            "/documents/99999999999999999999/mi-mi.txt",
            "//etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/..;/mi-mi.txt",
        ],
    )
    def test_nobody_climbs_out(self, running: Product, secret: None, path: str) -> None:
        status, text = get(running, path)
        assert status in {400, 404}
        assert SECRET not in text
        assert "root:" not in text
        assert "没有找到这个页面" in text or status == 400

    def test_their_allowed_twins(self, running: Product, visit: Visit, editors: dict[str, str]) -> None:
        style = re.search(r'href="(/static/[^"]+\.css)"', visit("alpha").get("/").text)
        assert style
        assert get(running, style.group(1))[0] == 200
        editor = visit("alpha").sign_in(editors["alpha"])
        answer = editor.post(
            "/admin/documents/multiple/add/",
            {"title": "a"},
            files={"files[]": ("gong-kai.txt", "公开的附件".encode())},
            headers={"X-Requested-With": "XMLHttpRequest"},
        )
        # Nothing published shows it yet, so that it is for those who work here.
        found = editor.get(f"/documents/{answer.json()['doc_id']}/gong-kai.txt")
        assert found.status_code == 200
        assert found.content.decode() == "公开的附件"
        assert visit("alpha").get(f"/documents/{answer.json()['doc_id']}/gong-kai.txt").status_code == 404
        assert visit("beta").get(f"/documents/{answer.json()['doc_id']}/gong-kai.txt").status_code == 404


class TestRequests:
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
    @pytest.mark.parametrize("path", ["/", "/dtyw/", "/search/?q=a", "/sitemap.xml"])
    def test_pages_are_only_read(self, running: Product, method: str, path: str) -> None:
        head = f"Host: alpha.localhost:{running.port}\r\nContent-Length: 0\r\nConnection: close"
        status, text = exchange(running, f"{method} {path} HTTP/1.1\r\n{head}\r\n\r\n")
        assert status in {400, 403, 405, 501}
        assert "Traceback" not in text

    @pytest.mark.parametrize("path", ["/", "/dtyw/", "/search/?q=a", "/sitemap.xml"])
    def test_their_allowed_twins(self, running: Product, path: str) -> None:
        head = f"Host: alpha.localhost:{running.port}\r\nConnection: close"
        status, text = exchange(running, f"HEAD {path} HTTP/1.1\r\n{head}\r\n\r\n")
        assert status == 200
        assert text.endswith("\r\n\r\n"), "a body where none belongs"

    @pytest.mark.parametrize(
        "path",
        [
            "/dtyw/?page=abc",
            "/dtyw/?page=0",
            "/dtyw/?page=-1",
            "/dtyw/?page=99999999999999999999",
            "/dtyw/%00/",
            "/\ufffd/",
        ],
    )
    def test_pages_of_columns(self, running: Product, path: str) -> None:
        assert get(running, quote(path, safe="/?=&%"))[0] in {200, 301, 302, 404}
        assert get(running, "/dtyw/?page=1")[0] == 200
