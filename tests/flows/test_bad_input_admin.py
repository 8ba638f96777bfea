"""Bad input from those who are signed in, by form, interface and file: refused in plain words, nothing half-done, its twin taken."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import lxml.html
import pytest
import requests

from cluster.accounts.models import User
from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.cluster.extraction.samples import PAGE, PROGRAM, docx_bytes, pdf_bytes
from tests.support.accounts import make_account
from tests.support.articles import column_of
from tests.support.citizen import Visitor
from tests.support.crowd import import_record
from tests.support.people import PASSWORD, api_token
from tests.support.pictures import png
from tests.support.running import Product, wait_until
from tests.support.truth import Truth

MEGABYTE = 1024 * 1024
CHINESE = re.compile("(?:[^\u4e00-\u9fff]*[\u4e00-\u9fff]){4}")


@pytest.fixture(scope="module")
def account(sites: tuple[Subsite, Subsite]) -> User:
    """Return the account of an editor of alpha."""
    return make_account(sites[0], "editor", "cuoru-bianji")


@pytest.fixture(scope="module")
def editor(running: Product, account: User) -> Visitor:
    """Return the editor, signed in."""
    return Visitor(running, "alpha").sign_in(account.username)


@pytest.fixture(scope="module")
def column(sites: tuple[Subsite, Subsite]) -> int:
    """Return the page id of alpha's news column."""
    with in_site(sites[0]):
        return column_of("dtyw").pk


@pytest.fixture
def word() -> str:
    """Return a word that stands nowhere else."""
    return f"误入{uuid4().hex[:8]}"


@pytest.fixture
def untouched(running: Product) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Return a context that fails if what is done in it leaves anything behind: rows, files, ledger lines."""
    counts = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table}"
        for table in (
            *(
                "resources_resource",
                "audit_ledgerentry",
                "site_alpha.wagtailcore_page",
                "site_alpha.wagtailcore_revision",
            ),
            *(
                "site_alpha.wagtaildocs_document",
                "site_alpha.wagtailimages_image",
                "site_alpha.content_importeddocument",
            ),
        )
    )

    def look() -> tuple[list[tuple[str, int]], set[Path]]:
        rows = Truth(running.database_url).rows(counts)
        return rows, {path for path in (running.var / "media").rglob("*") if path.is_file()}

    @contextlib.contextmanager
    def watch() -> Iterator[None]:
        before = look()
        yield
        assert look() == before, "a refusal left something behind"

    return watch


def told(answer: requests.Response) -> str:
    """Return what a page of the admin says is wrong."""
    page = lxml.html.fromstring(answer.text)
    said = page.xpath("//*[contains(@class,'error-message') or contains(@class,'help-critical')]")
    return " ".join(dict.fromkeys(" ".join(part.text_content().split()) for part in said))


def paragraph(text: str) -> dict[str, str]:
    """Return the fields of a body with one paragraph, as the editor's script sends them."""
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    value = json.dumps({"blocks": [block], "entityMap": {}}, ensure_ascii=False)
    fields = {"deleted": "", "order": "0", "type": "paragraph", "id": "", "value": value}
    return {"body-count": "1", **{f"body-0-{name}": content for name, content in fields.items()}}


class TestTitles:
    def test_in_the_form(self, editor: Visitor, column: int, word: str, untouched, visit) -> None:
        title = f"{word}喜报🎉丰收👨‍👩‍👧"
        assert editor.publish(column, title).status_code == 302
        citizen = visit("beta")
        wait_until(lambda: title in citizen.finds(word), 20, "found with its emoji")
        with untouched():
            answer = editor.publish(column, f"{word}坏\x00标题", summary="打好的摘要")
        assert answer.status_code == 200
        assert "空字符（NUL），请删除" in told(answer)
        assert "打好的摘要" in answer.text, "what was typed is kept"

    @pytest.mark.parametrize(("title", "said"), [("", "必需字段"), ("长" * 256, "255")])
    def test_missing_or_too_long(
        self, editor: Visitor, column: int, word: str, untouched, title: str, said: str
    ) -> None:
        with untouched():
            answer = editor.publish(column, title, summary=word)
        assert answer.status_code == 200
        assert said in told(answer)
        assert word in answer.text
        assert editor.publish(column, word + "长" * (255 - len(word))).status_code == 302

    def test_over_the_interface(
        self, running: Product, sites, account: User, column: int, word: str, untouched, visit
    ) -> None:
        token = api_token(sites[0], account)

        def create(title: object, source: str = "本单位") -> requests.Response:
            meta = {"type": "content.ArticlePage", "parent_id": column, "action": "publish"}
            page = {"meta": meta, "title": title, "source": source}
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            return visit("alpha").post("/api/v3/pages/", json.dumps(page).encode(), with_token=False, headers=headers)

        good = create(f"{word}接口🎉")
        assert good.status_code == 201, good.text
        wait_until(lambda: f"{word}接口🎉" in visit("beta").finds(word), 20, "found")
        with untouched():
            assert "没有填写“来源”" in str(create(f"{word}没有来源", "").json())
        for bad in (f"{word}\x00", "", None, 7, f"{word}\ud83d", "长" * 300):
            with untouched():
                answer = create(bad)
            assert answer.status_code == 422, f"{bad!r}: {answer.status_code} {answer.text[:300]}"
            assert "title" in answer.text

    def test_markup_stays_text(self, editor: Visitor, column: int, word: str, visit) -> None:
        title = f"{word}<script>alert(1)</script>\"'&{{{{7*7}}}}"
        assert editor.publish(column, title, **paragraph(f"{word}<img src=x onerror=alert(1)>")).status_code == 302
        citizen = visit("alpha")
        wait_until(lambda: title in citizen.finds(word), 20, "found")
        found = next(result for result in citizen.search(word)["results"] if result["title"] == title)
        path = found["url"].partition(f":{citizen.product.port}")[2]
        assert "<script" not in found["highlight"]
        marked = citizen.get("/search/", params={"q": word}).text
        assert f"<em>{word}</em>&lt;script&gt;" in marked, "the marked title stays text, too"
        for place in ("/", "/dtyw/", path, f"/search/?q={word}", "/dtyw/rss/"):
            answer = citizen.get(place)
            assert answer.status_code == 200, place
            assert "&lt;script&gt;alert(1)" in answer.text, place
            assert not re.search("<script>alert|<img src=x", answer.text), place
        for place in ("/admin/", f"/admin/pages/{column}/", f"/admin/pages/search/?q={word}"):
            answer = editor.get(place)
            assert word in answer.text, place
            assert "<script>alert" not in answer.text, place


class TestSizes:
    def test_fifty_megabytes_in_the_form(self, editor: Visitor, column: int, word: str, untouched) -> None:
        with untouched():
            answer = editor.publish(column, word, **paragraph("字" * (50 * MEGABYTE // 3)))
        assert answer.status_code == 413
        assert "最多 20 MB" in answer.text
        assert "返回上一页" in answer.text
        assert editor.publish(column, word, **paragraph("字" * (MEGABYTE // 3))).status_code == 302

    def test_fifty_megabytes_over_the_interface(self, sites, account: User, untouched, visit) -> None:
        headers = {"Authorization": f"Bearer {api_token(sites[0], account)}", "Content-Type": "application/json"}
        with untouched():
            answer = visit("alpha").post(
                "/api/v3/pages/", b'{"title":"' + b"x" * 50 * MEGABYTE + b'"}', with_token=False, headers=headers
            )
        assert answer.status_code == 413, answer.text[:300]

    def test_pictures(self, editor: Visitor, untouched) -> None:
        def upload(name: str, data: bytes) -> dict[str, object]:
            answer = editor.post(
                "/admin/images/multiple/add/", {"title": name}, files={"files[]": (name, data)}, headers=AJAX
            )
            assert answer.status_code == 200, answer.text[:300]
            return answer.json()

        for name, data, said in (
            ("da.png", png() + b"\0" * 11 * MEGABYTE, "上限为 10.0"),
            ("jia.png", PROGRAM, "不是图片"),
            ("tu.svg", b"<svg onload='alert(1)'/>", "不支持的图片格式"),
        ):
            with untouched():
                answer = upload(name, data)
            assert answer["success"] is False
            assert said in str(answer["error_message"]).replace("\xa0", " ")
        assert upload("zhen.png", png())["success"] is True


AJAX = {"X-Requested-With": "XMLHttpRequest"}


class TestAttachments:
    def upload(self, editor: Visitor, name: str, data: bytes) -> dict[str, object]:
        """Upload a document as the admin's drop zone does."""
        answer = editor.post(
            "/admin/documents/multiple/add/", {"title": name}, files={"files[]": (name, data)}, headers=AJAX
        )
        assert answer.status_code == 200, answer.text[:300]
        return answer.json()

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("jia.pdf", PROGRAM, "它的内容是可执行程序。请核对文件"),
            ("jia.pdf", PAGE, "它的内容是网页或脚本代码。请核对文件"),
            ("jia.docx", pdf_bytes("字"), "不是Word 文档"),
            ("huai.docx", b"PK\x03\x04" + b"x" * 100, "损坏的压缩包"),
            ("cheng-xu.exe", PROGRAM, "不支持这种类型的附件"),
            ("kong.pdf", b"", "空文件"),
        ],
    )
    def test_what_is_not_what_it_says(self, editor: Visitor, untouched, name: str, data: bytes, said: str) -> None:
        with untouched():
            answer = self.upload(editor, name, data)
            form = editor.post("/admin/documents/add/", {"title": "打好的标题"}, files={"file": (name, data)})
        assert answer["success"] is False
        assert said in str(answer["error_message"])
        assert "“”" not in str(answer["error_message"]), "a second message that speaks of no file"
        assert form.status_code == 200
        assert said in told(form)
        assert "打好的标题" in form.text

    def test_too_large(self, editor: Visitor, untouched) -> None:
        with untouched():
            answer = self.upload(editor, "tai-da.txt", b"a" * (101 * MEGABYTE))
        assert answer["success"] is False
        assert "100.0" in str(answer["error_message"])

    def test_their_twins_are_kept_read_and_found(self, editor: Visitor, column: int, word: str, visit) -> None:
        inside = {"wen.pdf": f"{word}甲文内", "wen.docx": f"{word}乙文内"}
        data = {"wen.pdf": pdf_bytes(inside["wen.pdf"]), "wen.docx": docx_bytes(inside["wen.docx"])}
        ids = [self.upload(editor, name, content)["doc_id"] for name, content in data.items()]
        fields = {"attachments-TOTAL_FORMS": str(len(ids))}
        for number, pk in enumerate(ids):
            entry = {"document": str(pk), "label": "", "ORDER": str(number + 1), "id": "", "DELETE": ""}
            fields |= {f"attachments-{number}-{name}": value for name, value in entry.items()}
        title = f"关于附件的{word[:4]}通知{word[4:]}"
        assert editor.publish(column, title, **fields).status_code == 302
        citizen = visit("beta")
        for text in inside.values():
            wait_until(
                lambda text=text: title in citizen.finds(text), 40, f"found by {text}", citizen.product.last_words
            )


class TestSigningIn:
    def test_a_wrong_password_keeps_the_name(self, account: User, visit) -> None:
        for _ in range(5):
            answer = visit("alpha").post(
                "/admin/login/", {"username": account.username, "password": "bu-dui", "next": "/admin/"}
            )
            assert answer.status_code == 200
            assert f'value="{account.username}"' in answer.text
            assert CHINESE.search(
                " ".join(lxml.html.fromstring(answer.text).xpath("//*[contains(@class,'messages')]//text()"))
            )
            assert "bu-dui" not in answer.text
        assert visit("alpha").sign_in(account.username).get("/admin/").status_code == 200

    def test_an_account_of_another_site(self, account: User, visit) -> None:
        answer = visit("beta").post(
            "/admin/login/", {"username": account.username, "password": PASSWORD, "next": "/admin/"}
        )
        assert answer.status_code == 200
        assert visit("beta").get("/admin/").status_code == 302

    @pytest.mark.parametrize("name", ["", "\x00", "a" * 100_000, "' OR 1=1 --", "🎉"])
    def test_strange_names(self, visit, name: str) -> None:
        answer = visit("alpha").post("/admin/login/", {"username": name, "password": PASSWORD, "next": "/admin/"})
        assert answer.status_code == 200

    def test_a_form_without_its_token(self, account: User, visit) -> None:
        visitor, form = visit("alpha"), {"username": account.username, "password": PASSWORD, "next": "/admin/"}
        refused = visitor.post("/admin/login/", form, with_token=False)
        stranger = visitor.post("/admin/login/", form, headers={"Origin": "http://evil.example"})
        for answer in (refused, stranger):
            assert answer.status_code == 403
            assert "请返回上一页，复制您填写的内容，刷新页面后再提交一次" in answer.text
        assert visitor.get("/admin/").status_code == 302
        assert visitor.post("/admin/login/", form).status_code == 302


def test_a_file_of_documents_with_everything_wrong_in_it(running: Product, tmp_path: Path, word: str, visit) -> None:
    """One import: the bad lines are named with their field, the good ones beside them go in."""
    bad = {
        2: ("body", import_record(word, 2, body="字" * (50 * MEGABYTE // 3))),
        4: ("整行", '{"id": "x", "title": '),
        6: ("title", import_record(word, 6, title=f"{word}\ud83d半个")),
        8: ("title", import_record(word, 8, title=None)),
        10: ("整行", "[1, 2]"),
        12: ("id", import_record(word, 12, id=12)),
    }
    good = {
        1: import_record(word, 1, body="字" * (MEGABYTE // 3)),
        3: import_record(word, 3, title=f"{word}🎉第三号"),
        5: import_record(word, 5, title=f"{word}\x00第五号"),
        7: import_record(word, 7, region="没有这个地方"),
        9: import_record(word, 9),
        11: import_record(word, 11),
    }
    lines = good | {number: line for number, (_, line) in bad.items()}
    file, report = tmp_path / "lai-yuan.jsonl", tmp_path / "report.jsonl"
    file.write_text("".join(f"{lines[number]}\n" for number in sorted(lines)), encoding="utf-8")
    command = (
        "import_documents",
        str(file),
        "--site",
        "alpha",
        "--column",
        "zcwj",
        "--actor",
        "李雷",
        "--reason",
        "入库",
    )
    done = running.manage(*command, "--report", str(report))
    assert done.returncode == 1, done.stdout
    assert f"未导入 {len(bad)}" in done.stdout
    assert str(report) in done.stdout.replace("\n", "")
    entries = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    rejected = {entry["line"]: entry["field"] for entry in entries if entry["kind"] == "rejected"}
    assert rejected == {number: field for number, (field, _) in bad.items()}
    assert all(
        CHINESE.search(entry["reason"]) and CHINESE.search(entry["cure"]) for entry in entries if entry["line"] in bad
    )
    wait_until(
        lambda: (
            {f"{word}🎉第三号", f"{word}第五号"}
            <= visit("beta").finds(f"{word}第三号") | visit("beta").finds(f"{word}第五号")
        ),
        20,
        "the good ones are found",
        running.last_words,
    )
