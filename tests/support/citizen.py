"""A visitor of the running product over real HTTP: citizens who read and search, editors who post forms.

Asks 127.0.0.1 with the site's Host header, so that no test depends on how the machine resolves *.localhost.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import lxml.html
import requests

from tests.support.people import PASSWORD
from tests.support.running import Product

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Visitor:
    """One person's browser session on one site, without a browser."""

    product: Product
    site: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # no proxy of the caller's shell between us and the product
        self.session.headers["Host"] = f"{self.site}.localhost:{self.product.port}"

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        address = f"http://127.0.0.1:{self.product.port}{path}"
        return self.session.request(method, address, timeout=60, allow_redirects=False, **arguments)

    def get(self, path: str, **arguments: Any) -> requests.Response:
        """Ask for a path of the site; redirects are not followed."""
        return self._send("GET", path, **arguments)

    def post(self, path: str, data: object = None, *, with_token: bool = True, **arguments: Any) -> requests.Response:
        """Post a form, with the token that Django gave to this session."""
        if with_token and isinstance(data, dict):
            data = {**data, "csrfmiddlewaretoken": self.token()}
        return self._send("POST", path, data=data, **arguments)

    def token(self) -> str:
        """Return the session's CSRF token, fetched with the sign-in page where there is none yet."""
        if "csrftoken" not in self.session.cookies:
            found = _CSRF.search(self.get("/admin/login/").text)
            assert found, "the sign-in page carries no CSRF token"
            return found.group(1)
        return self.session.cookies["csrftoken"]

    def sign_in(self, username: str, password: str = PASSWORD) -> "Visitor":
        """Sign in to the site's admin; fails where it is refused."""
        answer = self.post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})
        assert answer.status_code == 302, answer.text[:2000]
        return self

    def form(self, path: str, form_id: str = "") -> dict[str, str]:
        """Return what a form of the page would send if nobody changed anything, the token included."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        wanted = f"//form[@id='{form_id}']" if form_id else "//main//form"
        return {name: value or "" for name, value in lxml.html.fromstring(answer.text).xpath(wanted)[0].form_values()}

    def publish(self, column: int, title: str, **fields: str) -> requests.Response:
        """Publish an article through the admin's form; an accepted one is answered with a redirect."""
        path = f"/admin/pages/add/content/articlepage/{column}/"
        # The number of blocks is added by the editor's script, here there are none.
        filled = {**self.form(path, "page-edit-form"), "body-count": "0", "title": title, **fields}
        filled["action-publish"] = "action-publish"
        return self._send("POST", path, data=filled)

    def withdraw(self, page: int) -> requests.Response:
        """Unpublish a page through the admin."""
        return self.post(f"/admin/pages/{page}/unpublish/", {})

    def search(self, q: str, **parameters: object) -> dict[str, Any]:
        """Ask the search interface and return its answer, with the engine that gave it as `x_engine`."""
        answer = self.get("/api/search/", params={"q": q, **parameters})
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:500]}"
        return {**answer.json(), "x_engine": answer.headers.get("X-Search-Engine", "")}

    def finds(self, q: str, **parameters: object) -> set[str]:
        """Return the titles on the first page of results."""
        return {result["title"] for result in self.search(q, **parameters)["results"]}
