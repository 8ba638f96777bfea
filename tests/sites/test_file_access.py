"""Files of drafts and of what was withdrawn: neither listed nor served to citizens, at once, by whatever road."""

import pytest
from django.db import transaction
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cluster.context import in_site
from cluster.subsites.services import suspend_site
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import column_of, page_in, publish_article
from tests.support.columns import own_column
from tests.support.people import api_token, make_user, sign_in
from tests.support.pictures import add_document, add_image


def status(client, document):
    """Ask for the file and return the status."""
    return client.get(f"/documents/{document.pk}/{document.filename}").status_code


def attached(document):
    return {"attachments": [ArticleAttachment(document=document)]}


def link_to(document):
    return f'<a linktype="document" id="{document.pk}">办法</a>'


def write_column(site, body, code="gywm"):
    with in_site(site), transaction.atomic():
        column = column_of(code)
        column.body = body
        column.save_revision().publish()


@pytest.fixture
def pair(living):
    """Give each site a document of one number and one name."""
    return *living, *(add_document(site, pk=710_001, name="ban-fa.txt") for site in living)


def test_the_file_of_a_draft_is_for_staff_of_its_site(pair, client_for):
    alpha, beta, ours, theirs = pair
    with in_site(alpha), transaction.atomic():
        draft = ArticlePage(title="草稿", source="本单位", live=False, **attached(ours))
        column_of("tzgg").add_child(instance=draft)
        draft.save_revision()
    publish_article(beta, "已发布", **attached(theirs))
    assert status(client_for(alpha), ours) == 404
    assert status(client_for(beta), theirs) == 200
    editor = sign_in(client_for(alpha), make_user(alpha))
    assert status(editor, ours) == 200
    stranger = sign_in(client_for(beta), make_user(beta))
    stranger.defaults["HTTP_HOST"] = alpha.primary_host
    assert status(stranger, ours) == 404
    with in_site(alpha), transaction.atomic():
        draft.save_revision().publish()
    assert status(client_for(alpha), ours) == 200


@pytest.mark.parametrize("shown", ["attachment", "block", "link"])
def test_withdrawal_takes_the_file_away_at_once(pair, client_for, shown):
    alpha, beta, ours, theirs = pair
    pages = {}
    for site, document in ((alpha, ours), (beta, theirs)):
        fields = attached(document) if shown == "attachment" else {}
        pages[site.code] = page = publish_article(site, "办法", **fields)
        if not fields:
            with in_site(site), transaction.atomic():
                page = page_in(site, page)
                blocks = {"block": ("document", {"document": document}), "link": ("paragraph", link_to(document))}
                page.body = [blocks[shown]]
                page.save_revision().publish()
    citizens = client_for(alpha), client_for(beta)
    assert [status(*asked) for asked in zip(citizens, (ours, theirs), strict=True)] == [200, 200]
    with in_site(alpha):
        page_in(alpha, pages["alpha"]).unpublish()
    assert [status(*asked) for asked in zip(citizens, (ours, theirs), strict=True)] == [404, 200]
    assert status(sign_in(client_for(alpha), make_user(alpha)), ours) == 200


def test_withdrawal_by_an_update_waits_for_no_worker(pair, client_for):
    alpha, beta, ours, theirs = pair
    page = publish_article(alpha, "办法", **attached(ours))
    publish_article(beta, "办法", **attached(theirs))
    with in_site(alpha):
        Page.objects.filter(pk=page.pk).update(live=False)
    assert status(client_for(alpha), ours) == 404
    assert status(client_for(beta), theirs) == 200


def test_a_file_taken_out_of_an_article_goes(pair, client_for):
    alpha, _, ours, _ = pair
    page = publish_article(alpha, "办法", **attached(ours))
    with in_site(alpha), transaction.atomic():
        page = page_in(alpha, page)
        page.attachments = []
        draft = page.save_revision()
    assert status(client_for(alpha), ours) == 200, "the draft alone changes nothing"
    with in_site(alpha), transaction.atomic():
        draft.publish()
    assert status(client_for(alpha), ours) == 404


def test_the_text_of_a_column_shows_files_while_it_is_live(alpha, beta, client_for):
    ours, theirs = (add_document(site, pk=710_002, name="ban-fa.txt") for site in (alpha, beta))
    assert status(client_for(alpha), ours) == 404
    for site, document in ((alpha, ours), (beta, theirs)):
        own_column(site)
        write_column(site, [("paragraph", link_to(document))], "zslm")
    assert status(client_for(alpha), ours) == 200
    with in_site(alpha):
        column_of("zslm").unpublish()
    assert status(client_for(alpha), ours) == 404
    assert status(client_for(beta), theirs) == 200


def test_who_knows_the_password_of_an_article_has_its_files(pair, client_for):
    alpha, _, ours, _ = pair
    own_column(alpha)
    page = publish_article(alpha, "内部办法", column="zslm", **attached(ours))
    with in_site(alpha):
        restriction = PageViewRestriction.objects.create(
            page=column_of("zslm"), restriction_type="password", password="kou-ling"
        )
    stranger, knowing = client_for(alpha), client_for(alpha)
    address = f"/_util/authenticate_with_password/{restriction.pk}/{page.pk}/"
    assert knowing.post(address, {"password": "kou-ling", "return_url": "/"}).status_code == 302
    assert status(stranger, ours) == 404
    assert status(knowing, ours) == 200
    with in_site(alpha):
        page_in(alpha, page).unpublish()
    assert status(knowing, ours) == 404


def test_a_restricted_collection_still_asks_for_its_password(pair, client_for):
    alpha, _, ours, _ = pair
    with in_site(alpha), transaction.atomic():
        private = Collection.get_first_root_node().add_child(name="内部")
        CollectionViewRestriction.objects.create(collection=private, restriction_type="password", password="kou-ling")
        ours.collection = private
        ours.save()
    publish_article(alpha, "办法", **attached(ours))
    asked = client_for(alpha).get(f"/documents/{ours.pk}/{ours.filename}")
    assert asked.status_code == 200
    assert 'name="password"' in asked.content.decode()


def test_a_suspended_site_gives_files_to_its_staff_alone(pair, client_for):
    alpha, beta, ours, theirs = pair
    for site, document in ((alpha, ours), (beta, theirs)):
        publish_article(site, "办法", **attached(document))
    editor = sign_in(client_for(alpha), make_user(alpha))
    suspend_site(alpha, reason="整改")
    assert status(client_for(alpha), ours) == 503
    assert status(editor, ours) == 200
    assert status(client_for(beta), theirs) == 200


@pytest.mark.parametrize("kind", ["documents", "images"])
def test_lists_of_files_are_for_staff_of_the_site(alpha, beta, client_for, kind):
    add = {"documents": add_document, "images": add_image}[kind]
    made = add(alpha)
    tokens = {site.code: {"Authorization": f"Bearer {api_token(site, make_user(site))}"} for site in (alpha, beta)}
    for path in (f"/api/v3/{kind}/", f"/api/v3/{kind}/{made.pk}/"):
        refused = client_for(alpha).get(path)
        assert refused.status_code == 401
        assert "只对本网站工作人员开放" in refused.json()["detail"]
        assert client_for(alpha).get(path, headers=tokens["beta"]).status_code == 401
        assert client_for(alpha).get(path, headers=tokens["alpha"]).status_code == 200
    listed = client_for(alpha).get(f"/api/v3/{kind}/", headers=tokens["alpha"]).json()
    assert made.pk in [item["id"] for item in listed["items"]]
    theirs = client_for(beta).get(f"/api/v3/{kind}/", headers=tokens["beta"]).json()
    assert not theirs["items"]


def test_a_session_opens_no_list(alpha, client_for):
    """The API knows tokens alone; a page of another host could use the cookie."""
    assert sign_in(client_for(alpha), make_user(alpha)).get("/api/v3/documents/").status_code == 401


def test_pages_in_the_api_are_the_live_and_public_ones(alpha, beta, client_for):
    own_column(alpha)
    shown, hidden = publish_article(alpha, "公开的"), publish_article(alpha, "内部的", column="zslm")
    withdrawn = publish_article(alpha, "撤回的")
    publish_article(beta, "乙市的")
    with in_site(alpha):
        draft = column_of().add_child(instance=ArticlePage(title="草稿", live=False))
        PageViewRestriction.objects.create(page=column_of("zslm"), restriction_type="login")
        page_in(alpha, withdrawn).unpublish()
    items = client_for(alpha).get("/api/v3/pages/?type=content.ArticlePage").json()["items"]
    assert [item["title"] for item in items] == ["公开的"]
    for page, code in ((shown, 200), (hidden, 404), (withdrawn, 404), (draft, 404)):
        assert client_for(alpha).get(f"/api/v3/pages/{page.pk}/").status_code == code
