"""Stored pages through nginx: by host, variant and class; compressed, in parts, on condition; removed at once."""

import gzip

import pytest

from cluster.edge.headers import headers_of
from cluster.edge.variants import COOKIE_OF, VIEW_COOKIE, Variant, of_cookie
from tests.cluster.edge.nginx.shelves import ALPHA, BETA, GENERATION, Shelves
from tests.support.front import Front


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
