"""The Chinese that fills the gaps of Wagtail's own: compiled as written, with every placeholder kept, and used."""

import ast
import gettext
import re
from pathlib import Path

from django.test import Client

from cluster.subsites.models import Subsite
from tests.support.people import make_user, sign_in

FOLDER = Path(__file__).parents[3] / "cluster" / "console" / "locale" / "zh_Hans" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def written() -> dict[str, str]:
    """Return the sentences of the .po file: each stands on one line."""
    text = (FOLDER / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^(?:msgid|msgid_plural) (".+")\nmsgstr(?:\[0\])? (".+")$', text, re.MULTILINE)
    return {ast.literal_eval(original): ast.literal_eval(chinese) for original, chinese in pairs}


def test_the_compiled_file_says_what_is_written() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    sentences = {text for text in compiled.values() if "Plural-Forms" not in text}
    assert sentences == set(written().values())


def test_every_placeholder_is_kept() -> None:
    assert len(written()) > 300
    for original, chinese in written().items():
        assert sorted(PLACEHOLDER.findall(original)) == sorted(PLACEHOLDER.findall(chinese)), original


def test_the_admin_shows_it(alpha: Subsite, client_for) -> None:
    client: Client = sign_in(client_for(alpha), make_user(alpha, "site_admin"))
    page = client.get("/admin/users/new/").content.decode()
    assert "新建：账号" in page
    assert "Required. Letters" not in page
