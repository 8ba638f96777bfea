"""Policy documents in the admin: what is typed comes out in its official form, or is refused in time and not lost."""

import pytest

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.dashboard import column_states
from sites.content.models import ArticlePage, InterpretationPage, PolicyDocumentPage
from tests.support.articles import column_of, publish_article
from tests.support.documents import project_now, publish_document, registered
from tests.support.pages import address_of
from tests.support.people import make_user, sign_in


def _formset(name, *rows):
    found = {f"{name}-TOTAL_FORMS": str(len(rows)), f"{name}-INITIAL_FORMS": "0"}
    found |= {f"{name}-MIN_NUM_FORMS": "0", f"{name}-MAX_NUM_FORMS": "1000"}
    for number, row in enumerate(rows):
        empty = {"id": "", "ORDER": str(number + 1), "DELETE": "", "document": "", "elsewhere": ""}
        found |= {f"{name}-{number}-{key}": value for key, value in {**empty, **row}.items()}
    return found


def _form(*, relations=(), **fields):
    return {
        "title": "关于供热的通知",
        "document_number": "甲政发[2026]5号",
        "document_kind": "通知",
        "issuer": "甲县人民政府",
        "pub_date": "2026-11-20",
        "theme": "10",
        "index_number": "",
        "effective_date": "",
        "expiry_date": "",
        "stated_validity": "",
        "validity_note": "",
        "source": "甲县人民政府",
        "author": "编辑",
        "published_at": "",
        "disclosure": "active",
        "summary": "说明供热要点。",
        "keywords": "",
        "lead_image": "",
        "lead_image_alt": "",
        "slug": "",
        "body-count": "0",
        **_formset("attachments"),
        **_formset("relations", *relations),
        **fields,
    }


@pytest.fixture
def client(alpha, client_for):
    return sign_in(client_for(alpha), make_user(alpha, "editor"))


def _add(site, client, code="zcwj", **fields):
    with in_site(site):
        column = column_of(code)
    return client.post(f"/admin/pages/add/content/policydocumentpage/{column.pk}/", _form(**fields))


PUBLISH = {"action-publish": "action-publish"}


def test_the_number_is_stored_in_its_official_form_and_shown_again(alpha, client):
    response = _add(alpha, client, **PUBLISH)
    assert response.status_code == 302, response.content.decode()[:3000]
    with in_site(alpha):
        page = PolicyDocumentPage.objects.get()
    assert (page.doc_no, page.live) == (["甲政发〔2026〕5号"], True)
    assert page.index_number.startswith("2301840001/")
    form = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert "甲政发〔2026〕5号" in form
    assert page.index_number in form


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"document_number": "甲政发〔2026〕第5号"}, "不加“第”"),
        ({"index_number": "2026-1"}, "不合格式"),
        ({"index_number": "2302000001/2026-00009"}, "另一个网站的标识码"),
        ({"expiry_date": "2026-11-01", "effective_date": "2026-11-21"}, "失效日期早于施行日期"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(alpha, client, typed, sentence):
    for action in ({}, PUBLISH):
        response = _add(alpha, client, **typed, **action)
        text = response.content.decode()
        assert response.status_code == 200
        assert sentence in text
        assert "关于供热的通知" in text
        assert next(iter(typed.values())) in text
    with in_site(alpha):
        assert not PolicyDocumentPage.objects.exists()


def test_a_number_can_be_taken_off_a_draft_and_further_ones_stay(alpha, client):
    page = publish_document(alpha, "联合通知", doc_no=["甲政发〔2026〕5号", "乙政发〔2026〕7号"])
    response = client.post(f"/admin/pages/{page.pk}/edit/", _form(document_number="甲政发〔2026〕6号"))
    assert response.status_code == 302
    with in_site(alpha):
        draft = PolicyDocumentPage.objects.get(pk=page.pk).get_latest_revision_as_object()
        assert draft.doc_no == ["甲政发〔2026〕6号", "乙政发〔2026〕7号"]


def test_without_a_site_code_the_form_says_so_before_it_publishes(alpha, client):
    Subsite.objects.filter(pk=alpha.pk).update(id_code="")
    response = _add(alpha, client, **PUBLISH)
    assert response.status_code == 200
    assert "还没有登记网站标识码" in response.content.decode()
    assert _add(alpha, client).status_code == 302, "a draft needs none"


def test_relations_are_checked_in_the_form(alpha, beta, client):
    old, of_city = publish_document(alpha, "旧办法"), publish_document(beta, "市里的办法")
    address = beta.root_url + address_of(beta, of_city)
    response = _add(alpha, client, relations=[{"kind": "repeals", "elsewhere": address}], **PUBLISH)
    assert response.status_code == 200
    assert "上级网站" in response.content.decode()
    response = _add(alpha, client, relations=[{"kind": "repeals", "document": str(old.pk)}], **PUBLISH)
    assert response.status_code == 302, response.content.decode()[:3000]
    project_now()
    with in_site(alpha):
        new = PolicyDocumentPage.objects.get(title="关于供热的通知")
        assert new.relations.get().document_id == old.pk
        assert PolicyDocumentPage.objects.get(pk=old.pk).repealed_since


def test_an_interpretation_names_a_document_of_another_site_by_its_address(alpha, beta, client):
    document = publish_document(beta, "市里的办法")
    with in_site(alpha):
        column = column_of("zcjd")
    fields = {
        **{"title": "县里的解读", "form": "questions", "source": "甲县", "author": "编辑", "summary": "要点"},
        **{"published_at": "", "keywords": "", "slug": "", "lead_image": "", "lead_image_alt": "", "body-count": "0"},
        **_formset("attachments"),
        **_formset("documents", {"elsewhere": beta.root_url + address_of(beta, document)}),
        **PUBLISH,
    }
    response = client.post(f"/admin/pages/add/content/interpretationpage/{column.pk}/", fields)
    assert response.status_code == 302, response.content.decode()[:3000]
    with in_site(alpha):
        page = InterpretationPage.objects.get()
        assert page.documents.get().registry_id == registered(beta, document).pk


def test_the_admin_offers_in_a_column_what_it_takes(alpha, client):
    with in_site(alpha):
        papers, news = column_of("zcwj"), column_of("dtyw")
    offered = client.get(f"/admin/pages/{papers.pk}/add_subpage/").content.decode()
    assert "/policydocumentpage/" in offered
    assert "/articlepage/" in offered
    assert "/interpretationpage/" not in offered
    assert "/policydocumentpage/" not in client.get(f"/admin/pages/{news.pk}/add_subpage/").content.decode()
    assert _add(alpha, client, "dtyw").status_code in (302, 403)
    with in_site(alpha):
        assert not PolicyDocumentPage.objects.exists()


def test_the_dashboard_counts_all_kinds(alpha, beta):
    publish_article(alpha, "文章", column="zcwj")
    publish_document(alpha, "文件")
    for site, count in ((alpha, 2), (beta, 0)):
        with in_site(site):
            states = {state.column.code: state for state in column_states()}
        assert (states["zcwj"].items, states["zcwj"].takes_several) == (count, True)
        assert not states["dtyw"].takes_several
    assert ArticlePage.item_type == "article"
