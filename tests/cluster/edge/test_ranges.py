"""Parts of stored pages: one range is answered with its bytes, nonsense with the whole, and encodings are never mixed."""

import pytest

from cluster.edge.ranges import asked_range, part_of
from cluster.subsites.models import Subsite
from tests.support.edging import Answer, Front


def ask(edge: Front, site: Subsite, header: str, path: str = "/", **environ: str) -> Answer:
    return edge.get(site, path, HTTP_RANGE=header, **environ)


@pytest.fixture
def body(edge: Front, alpha: Subsite, beta: Subsite) -> bytes:
    """Have the home pages of both sites stored; return alpha's."""
    for site in (alpha, beta):
        edge.get(site)
    return edge.get(alpha).body


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-3", 0, 4),
        ("bytes=5-5", 5, 6),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=0-99999999999999999999", 0, None),
        ("bytes=-99999999999999999999", 0, None),
        ("Bytes= 2-4 ", 2, 5),
    ],
)
def test_one_range_gets_its_bytes(
    edge: Front, alpha: Subsite, beta: Subsite, body: bytes, header: str, start: int, stop: int | None
) -> None:
    whole, answer = edge.get(alpha), ask(edge, alpha, header)
    part = body[start:stop]
    assert (answer.status, answer.body, answer.from_store) == (206, part, True)
    first = start if start >= 0 else len(body) + start
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(body)}"
    assert answer.headers["Content-Length"] == str(len(part))
    alike = set(whole.headers) - {"Content-Length"}
    assert {name: answer.headers[name] for name in alike} == {name: whole.headers[name] for name in alike}
    theirs = ask(edge, beta, header)
    assert theirs.body == edge.get(beta).body[start:stop]


@pytest.mark.parametrize("header", ["bytes={size}-", "bytes={size}-{size}", "bytes=99999999999999999999-", "bytes=-0"])
def test_what_the_page_does_not_have_is_refused(edge: Front, alpha: Subsite, body: bytes, header: str) -> None:
    answer = ask(edge, alpha, header.format(size=len(body)))
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(body)}"
    assert answer.headers["Content-Length"] == "0"
    assert answer.headers["Content-Security-Policy"]
    assert ask(edge, alpha, f"bytes={len(body) - 1}-").body == body[-1:]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=3-2",
        "bytes=0-3,5-7",
        "bytes=0-3,",
        "bytes=a-b",
        "bytes=0x1-3",
        "bytes=+1-3",
        "bytes=-1-3",
        "bytes=1.5-3",
        "bytes=０-3",
        "items=0-3",
        "bytes 0-3",
        "bytes=0-" + "9" * 5000,
        "bytes=0-3\nX: y",
    ],
    ids=lambda header: ascii(header)[:20],
)
def test_several_and_nonsense_get_the_whole(edge: Front, alpha: Subsite, body: bytes, header: str) -> None:
    answer = ask(edge, alpha, header)
    assert (answer.status, answer.body) == (200, body)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_no_part_of_a_compressed_copy_is_sent(edge: Front, alpha: Subsite, body: bytes, encoding: str) -> None:
    compressed = edge.get(alpha, HTTP_ACCEPT_ENCODING=encoding)
    assert compressed.headers["Content-Encoding"] == encoding
    answer = ask(edge, alpha, "bytes=2-9", HTTP_ACCEPT_ENCODING=encoding)
    assert (answer.status, answer.body) == (206, body[2:10])
    assert "Content-Encoding" not in answer.headers
    # Who has the beginning of the compressed copy gets no bytes of the plain one to go on with.
    going_on = ask(edge, alpha, "bytes=2-9", HTTP_ACCEPT_ENCODING=encoding, HTTP_IF_RANGE=compressed.headers["ETag"])
    assert (going_on.status, going_on.body) == (200, body)


def test_who_has_an_older_copy_gets_the_whole(edge: Front, alpha: Subsite, body: bytes) -> None:
    headers = edge.get(alpha).headers
    for fits in (headers["ETag"], headers["Last-Modified"]):
        assert ask(edge, alpha, "bytes=0-3", HTTP_IF_RANGE=fits).status == 206, fits
    for other in ('"x"', f"W/{headers['ETag']}", "Mon, 01 Jan 2001 00:00:00 GMT", "gestern", ""):
        answer = ask(edge, alpha, "bytes=0-3", HTTP_IF_RANGE=other)
        assert (answer.status, answer.body) == (200, body), other


def test_conditions_come_before_ranges(edge: Front, alpha: Subsite, body: bytes) -> None:
    tag = edge.get(alpha).headers["ETag"]
    assert ask(edge, alpha, "bytes=0-3", HTTP_IF_NONE_MATCH=tag).status == 304
    assert ask(edge, alpha, "bytes=0-3", HTTP_IF_NONE_MATCH='"x"').status == 206


def test_a_head_hears_of_the_whole(edge: Front, alpha: Subsite, body: bytes) -> None:
    answer = ask(edge, alpha, "bytes=0-3", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_part_leaves_no_copy_of_its_own(edge: Front, alpha: Subsite) -> None:
    """The first visitor may ask for a part: what is kept is the page."""
    answer = ask(edge, alpha, "bytes=0-3")
    assert (answer.status, answer.from_store) == (200, False)
    assert edge.get(alpha).body == answer.body
    assert edge.paths(alpha) == {"/"}


def test_an_empty_copy_has_no_part() -> None:
    for header in ("bytes=0-", "bytes=-1"):
        asked = asked_range({"HTTP_RANGE": header, "REQUEST_METHOD": "GET"})
        assert asked is not None
        assert part_of(asked, 0) is None
