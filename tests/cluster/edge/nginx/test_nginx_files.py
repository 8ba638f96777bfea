"""Pictures and attachments through nginx: what stored pages use, the rest by the application's word."""

import pytest

from cluster.files import upload_headers
from tests.cluster.edge.nginx.shelves import ALPHA, BETA
from tests.support.front import Front, StandIn


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
