"""Stored pages from gunicorn's main thread: the same answers, bad requests included, as gunicorn gives by its threads."""

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from gunicorn.workers import gthread
from gunicorn.workers.gthread import ThreadWorker
from pytest_django import Settings

from cluster.edge import worker_class
from cluster.edge.worker_class import StoreWorker
from tests.support.gunicorn_workers import PATIENCE, RENDERED, Worker, ask, receive, working
from tests.support.running import wait_until

A, B = "甲站的首页".encode(), "乙站的首页".encode()
HOME = b"GET / HTTP/1.1\r\nHost: a.localhost\r\n\r\n"
LARGE = b"0123456789abcdef" * 2_000_000


@pytest.fixture
def pages(tmp_path: Path, settings: Settings) -> Path:
    """Store the home pages of two sites; return the folder of the first."""
    settings.EDGE_ENABLED, settings.EDGE_ROOT = True, tmp_path / "store"
    for host, body in (("a.localhost", A), ("b.localhost", B)):
        folder = tmp_path / "store" / "current" / host / "n"
        folder.mkdir(parents=True)
        (folder / "index.html").write_bytes(body)
        (folder / "index.html.gz").write_bytes(gzip.compress(body))
    return tmp_path / "store" / "current" / "a.localhost" / "n"


@pytest.fixture
def ours(pages: Path, tmp_path: Path) -> Iterator[Worker]:
    with working(StoreWorker, tmp_path) as worker:
        yield worker


@pytest.fixture
def theirs(pages: Path, tmp_path: Path) -> Iterator[Worker]:
    with working(ThreadWorker, tmp_path) as worker:
        yield worker


def request(first: str = "GET / HTTP/1.1", *headers: str, host: str = "a.localhost", body: str = "") -> bytes:
    return "\r\n".join([first, f"Host: {host}", *headers, "", body]).encode("latin-1")


AT_ONCE = {
    "plain": request(),
    "head": request("HEAD / HTTP/1.1"),
    "other site": request(host="b.localhost"),
    "capitals and a port": request(host="A.LocalHost:8000"),
    "gzip": request("GET / HTTP/1.1", "Accept-Encoding: gzip"),
    "range": request("GET / HTTP/1.1", "Range: bytes=3-5"),
    "range of nothing": request("GET / HTTP/1.1", "Range: bytes=900-"),
    "changed since": request("GET / HTTP/1.1", "If-None-Match: *"),
    "cookies": request("GET / HTTP/1.1", "Cookie: other=1; qz_view="),
    "expects": request("GET / HTTP/1.1", "Expect: 100-continue"),
    "1.0, kept": request("GET / HTTP/1.0", "Connection: keep-alive"),
    "a path that counts for nothing": request("GET / HTTP/1.1", "PATH_INFO: /admin/"),
    "a folder that counts for nothing": request("GET / HTTP/1.1", "SCRIPT_NAME: /x"),
    "two": request() + request(host="b.localhost"),
}
BY_A_THREAD = {
    "not stored": request("GET /other/ HTTP/1.1"),
    "papers": request("GET / HTTP/1.1", "Authorization: Basic eDp5"),
    "posted": request("POST / HTTP/1.1", "Content-Length: 2", body="ab"),
    "body": request("GET / HTTP/1.1", "Content-Length: 2", body="ab"),
    "no body": request("GET / HTTP/1.1", "Content-Length: 0"),
    "chunks": request("GET / HTTP/1.1", "Transfer-Encoding: chunked", body="2\r\nab\r\n0\r\n\r\n"),
    "the last": request("GET / HTTP/1.1", "Connection: close"),
    "1.0": request("GET / HTTP/1.0"),
    "strange host": request(host="a.localhost/../b.localhost"),
    "way up": request("GET /../ HTTP/1.1"),
    "whole address": request("GET http://b.localhost/ HTTP/1.1"),
    "long head": request("GET / HTTP/1.1", *(f"X-Long-{number}: {'x' * 2000}" for number in range(5))),
    "empty line before": b"\r\n" + request(),
}
REFUSED = {
    "two lengths": request("GET / HTTP/1.1", "Content-Length: 2", "Content-Length: 3", body="ab"),
    "length and chunks": request("GET / HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
    "length of words": request("GET / HTTP/1.1", "Content-Length: +2", body="ab"),
    "unknown coding": request("GET / HTTP/1.1", "Transfer-Encoding: xchunked"),
    "chunks of 1.0": request("GET / HTTP/1.0", "Transfer-Encoding: chunked", "Connection: keep-alive"),
    "two hosts": request("GET / HTTP/1.1", "Host: b.localhost"),
    "bare LF": b"GET / HTTP/1.1\nHost: a.localhost\r\n\r\n",
    "bare LF in a header": b"GET / HTTP/1.1\r\nHost: a.localhost\nX: 1\r\n\r\n",
    "NUL": request("GET / HTTP/1.1", "X: a\x00b"),
    "folded": request("GET / HTTP/1.1", "X: a", " b"),
    "space before colon": request("GET / HTTP/1.1", "X : a"),
    "raw bytes in the path": request("GET /\xff/ HTTP/1.1"),
    "too many headers": request("GET / HTTP/1.1", *(f"X-{number}: 1" for number in range(101))),
    "expects wonders": request("GET / HTTP/1.1", "Expect: wonders"),
    "version": request("GET / HTTP/2.7"),
    "small letters": request("get / HTTP/1.1"),
}


def params(sent: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", sent.values(), ids=sent)


@params(AT_ONCE)
def test_at_once_as_by_a_thread(ours: Worker, theirs: Worker, sent: bytes) -> None:
    answer = ours.exchange(sent)
    assert answer == theirs.exchange(sent)
    assert answer.startswith(b"HTTP/1.")
    assert RENDERED not in answer
    # The first request of the connection, and the visitor's leave.
    assert (ours.handled, theirs.handled > 2) == (2, True)


@params(BY_A_THREAD)
def test_what_a_thread_has_to_see(ours: Worker, theirs: Worker, sent: bytes) -> None:
    answer = ours.exchange(sent)
    assert answer == theirs.exchange(sent)
    assert answer.startswith(b"HTTP/1.")
    assert b" 400 " not in answer.partition(b"\r\n")[0]
    assert ours.handled >= 2


@params(REFUSED)
def test_bad_requests_are_refused_and_nothing_behind_them_is_read(ours: Worker, theirs: Worker, sent: bytes) -> None:
    answer = ours.exchange(sent + request(host="b.localhost"))
    assert answer == theirs.exchange(sent + request(host="b.localhost"))
    assert answer.count(b"Content-Length: ") == 1
    assert answer.startswith(b"HTTP/1.1 ")
    assert not answer.startswith(b"HTTP/1.1 200")
    assert A not in answer
    assert B not in answer


def test_requests_that_come_together_are_answered_in_their_order(ours: Worker) -> None:
    with ours.kept() as connection:
        connection.sendall(HOME + request("GET /other/ HTTP/1.1") + request(host="b.localhost") + HOME)
        answers = [receive(connection) for _ in range(4)]
    assert [answer.partition(b"\r\n\r\n")[2] for answer in answers] == [A, RENDERED, B, A]


def test_a_request_that_comes_in_pieces(ours: Worker) -> None:
    with ours.kept() as connection:
        connection.sendall(HOME[:9])
        with ours.kept() as other:
            assert ask(other, HOME).endswith(A)
        connection.sendall(HOME[9:])
        assert receive(connection).endswith(A)
        assert ask(connection, HOME).endswith(A)


def test_a_copy_replaced_or_withdrawn_is_never_sent_again(ours: Worker, pages: Path) -> None:
    with ours.kept() as connection:
        assert ask(connection, HOME).endswith(A)
        draft = pages / "draft"
        draft.write_bytes(b"new")
        draft.replace(pages / "index.html")
        assert ask(connection, HOME).endswith(b"\r\n\r\nnew")
        (pages / "index.html").unlink()
        assert ask(connection, HOME).endswith(RENDERED)
        assert ask(connection, request(host="b.localhost")).endswith(B)


def test_a_slow_visitor_holds_up_nobody(ours: Worker, pages: Path) -> None:
    (pages / "index.html").write_bytes(LARGE)
    with ours.kept() as slow, ours.kept() as other:
        slow.sendall(HOME)
        for _ in range(20):
            assert ask(other, request(host="b.localhost")).endswith(B)
        assert receive(slow).endswith(b"\r\n\r\n" + LARGE)
        (pages / "index.html").write_bytes(A)
        assert ask(slow, HOME).endswith(A)


def test_visitors_who_never_read_hold_up_neither_stored_pages_nor_for_ever_the_others(
    pages: Path, tmp_path: Path
) -> None:
    (pages / "index.html").write_bytes(LARGE)
    patient = {"threads": 2, "timeout": 1, "keepalive": 60}
    with working(StoreWorker, tmp_path, **patient) as worker, ExitStack() as connections:
        *slow, other = (connections.enter_context(worker.kept()) for _ in range(4))
        begun = []
        for connection in slow:
            connection.sendall(HOME)
            # What is left is handed to a thread before the next visitor is heard.
            begun.append(connection.recv(10))
        assert ask(other, request(host="b.localhost")).endswith(B)
        assert ask(other, request("GET /other/ HTTP/1.1")).endswith(RENDERED), "a thread is free again"
        for connection, first in list(zip(slow, begun, strict=True))[:2]:
            rest = b"".join(iter(lambda: connection.recv(65_536), b""))  # noqa: B023
            assert (first + rest).startswith(b"HTTP/1.1 200 ")
            assert len(rest) < len(LARGE), "the connection was closed"


def test_a_worker_that_stops_answers_who_is_connected_and_ends(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No connection ends by time here: only the answers end them.
    monkeypatch.setattr(gthread, "STOP_KEEPALIVE_LINGER", 60)
    with working(StoreWorker, tmp_path, keepalive=60, graceful_timeout=60) as worker:
        with worker.kept() as connection, worker.kept() as other:
            assert b"\r\nConnection: keep-alive\r\n" in ask(connection, HOME)
            worker.worker.handle_exit(None, None)
            for one, host, page in ((connection, "a.localhost", A), (other, "b.localhost", B)):
                answer = ask(one, request(host=host))
                assert answer.endswith(b"\r\n\r\n" + page)
                assert b"\r\nConnection: close\r\n" in answer
                assert one.recv(1) == b""
        worker.thread.join(PATIENCE)
        assert not worker.thread.is_alive()


def test_a_visitor_who_leaves_in_the_middle(ours: Worker, pages: Path) -> None:
    (pages / "index.html").write_bytes(LARGE)
    with ours.kept() as leaving:
        leaving.sendall(HOME)
        leaving.recv(10)
    with ours.kept() as other:
        assert ask(other, request(host="b.localhost")).endswith(B)


def test_a_fault_is_answered_by_a_thread_and_stops_nobody(ours: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(environ: dict[str, object]) -> None:
        raise ValueError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(ours.layer, "answer", broken)
        with ours.connect() as connection:
            assert b" 500 " in ask(connection, HOME).partition(b"\r\n")[0]
    with ours.kept() as connection:
        assert ask(connection, HOME).endswith(A)


def test_stored_answers_wear_out_no_worker_and_the_last_rendered_one_says_so(pages: Path, tmp_path: Path) -> None:
    other = request("GET /other/ HTTP/1.1")
    with working(StoreWorker, tmp_path, max_requests=4, max_requests_jitter=0) as worker, worker.kept() as connection:
        for _ in range(10):
            assert b"\r\nConnection: keep-alive\r\n" in ask(connection, HOME)
            with worker.connect() as new:
                # The first request of a connection is gunicorn's own.
                assert ask(new, HOME).endswith(A)
            wait_until(lambda: worker.worker.nr == 1, PATIENCE, "counted no more")
        kept = [b"\r\nConnection: keep-alive\r\n" in ask(connection, other) for _ in range(3)]
        assert kept == [True, True, False]
        assert connection.recv(1) == b""


LAST = request("GET /other/ HTTP/1.1", "Connection: close")


def test_a_visitor_who_keeps_a_closed_connection_open_holds_up_nobody(
    ours: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_class, "LEAVE_SECONDS", 3600)
    with ExitStack() as connections:
        # More than there are threads: none of them waits, either.
        rude = [connections.enter_context(ours.connect()) for _ in range(8)]
        for connection in rude:
            assert ask(connection, LAST).endswith(RENDERED)
            assert connection.recv(1) == b"", "nothing more comes"
        with ours.kept() as other:
            assert ask(other, HOME).endswith(A)
            assert ask(other, request("GET /other/ HTTP/1.1")).endswith(RENDERED)
            assert len(ours.worker.leaving) == len(rude), "answered while the others were still open"
    wait_until(lambda: not ours.worker.leaving, PATIENCE, "closed by who had kept them open")


def test_a_closed_connection_is_given_up_after_a_while(ours: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_class, "LEAVE_SECONDS", 0)
    with ours.connect() as rude, ours.connect() as other:
        for connection in (rude, other):
            assert ask(connection, LAST).endswith(RENDERED)
        wait_until(lambda: not ours.worker.leaving and not ours.worker.nr_conns, PATIENCE, "closed by us")


def test_a_visitor_who_talks_on_after_the_end_is_cut_off(ours: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_class, "LEAVE_SECONDS", 3600)
    with ours.connect() as polite, ours.connect() as rude:
        for connection in (polite, rude):
            assert ask(connection, LAST).endswith(RENDERED)
        polite.sendall(b"x" * 100)
        with pytest.raises(OSError, match=r"reset|pipe"):
            while True:
                rude.sendall(b"x" * 65_536)
        wait_until(lambda: list(ours.worker.leaving.values()) == [65_536 - 100], PATIENCE, "only the rude one")


@pytest.mark.parametrize(("options", "handled"), [({}, 1), ({"accesslog": "access.log"}, 2)])
def test_where_answers_are_logged_gunicorn_gives_them(
    pages: Path, tmp_path: Path, options: dict[str, str], handled: int
) -> None:
    told = {name: str(tmp_path / value) for name, value in options.items()}
    with working(StoreWorker, tmp_path, **told) as worker, worker.kept() as connection:
        assert ask(connection, HOME).endswith(A)
        assert worker.handled == handled


def test_switched_off_nothing_is_answered_at_once(pages: Path, tmp_path: Path, settings: Settings) -> None:
    settings.EDGE_ENABLED = False
    with working(StoreWorker, tmp_path) as worker, worker.kept() as connection:
        assert ask(connection, HOME).endswith(RENDERED)
