"""The upload form of documents looks into the file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.documents import get_document_model

from cluster.context import in_site
from tests.support.people import make_user, sign_in


def _upload(client, name, data):
    return client.post("/admin/documents/add/", {"title": "附件", "file": SimpleUploadedFile(name, data)})


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("通知.pdf", b"MZ\x90\x00 a program", "可执行程序"),
        ("通知.exe", b"MZ\x90\x00", ""),
        ("图.pdf", b"\x89PNG\r\n\x1a\n" + b"0" * 64, "内容是"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_and_a_true_one_kept(alpha, client_for, name, data, words):
    client = sign_in(client_for(alpha), make_user(alpha, "editor"))
    refused = _upload(client, name, data)
    assert refused.status_code == 200
    assert words in refused.content.decode()
    assert _upload(client, "说明.txt", "办事说明".encode("gb18030")).status_code == 302
    with in_site(alpha):
        assert [document.title for document in get_document_model().objects.all()] == ["附件"]
