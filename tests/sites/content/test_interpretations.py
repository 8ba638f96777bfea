"""Interpretations: linked with documents of their own and of other sites, seen from both ends, and only what is public."""

import pytest
from django.core.exceptions import ValidationError

from cluster.context import in_site
from sites.content.models import InterpretationPage, InterpretedDocument, PolicyDocumentPage
from tests.support.articles import column_of, publish_article
from tests.support.documents import draft_document, project_now, publish_document, publish_interpretation, registered
from tests.support.pages import address_of, browse, links, tags


def _linked(site, page) -> dict[str, str]:
    return links(browse(site, address_of(site, page)), ".about a")


def test_both_pages_show_each_other(alpha, beta):
    for site in (alpha, beta):
        first, second = publish_document(site, "办法"), publish_document(site, "通知")
        page = publish_interpretation(site, "一图读懂", first, second, form="diagram")
        assert _linked(site, page) == {"办法": address_of(site, first), "通知": address_of(site, second)}
        for document in (first, second):
            assert _linked(site, document) == {"一图读懂": address_of(site, page)}
        assert "形式：图解" in browse(site, address_of(site, page)).select_one(".title .meta").get_text()


def test_articles_that_are_documents_are_linked_too(alpha):
    law = publish_article(alpha, "供热条例", column="zcwj")
    page = publish_interpretation(alpha, "条例问答", law, form="questions")
    assert list(_linked(alpha, law)) == ["条例问答"]
    assert list(_linked(alpha, page)) == ["供热条例"]


def test_other_sites_are_linked_by_registry_id_and_both_see_it(alpha, beta):
    document = publish_document(beta, "市里的办法")
    page = publish_interpretation(alpha, "县里的解读", registered(beta, document))
    assert _linked(alpha, page) == {"市里的办法": beta.root_url + address_of(beta, document)}
    assert _linked(beta, document) == {"县里的解读": alpha.root_url + address_of(alpha, page)}
    assert alpha.name in browse(beta, address_of(beta, document)).select_one(".about").get_text()


def test_only_what_is_public_shows(alpha, beta):
    draft = draft_document(alpha, "草稿")
    page = publish_interpretation(alpha, "先写的解读", draft)
    assert _linked(alpha, page) == {}
    with in_site(alpha):
        PolicyDocumentPage.objects.get(pk=draft.pk).get_latest_revision().publish()
    project_now()
    assert list(_linked(alpha, page)) == ["草稿"]
    assert list(_linked(alpha, draft)) == ["先写的解读"]
    with in_site(alpha):
        InterpretationPage.objects.get(pk=page.pk).unpublish()
    project_now()
    assert _linked(alpha, draft) == {}
    other = publish_interpretation(beta, "乙市的解读", registered(alpha, draft))
    assert list(_linked(beta, other)) == ["草稿"]
    with in_site(alpha):
        PolicyDocumentPage.objects.get(pk=draft.pk).unpublish()
    project_now()
    assert _linked(beta, other) == {}


def test_equal_page_numbers_of_two_sites_are_not_mixed_up(alpha, beta):
    documents = {site: publish_document(site, f"{site.name}的办法") for site in (alpha, beta)}
    publish_interpretation(alpha, "甲的解读", documents[alpha])
    assert list(_linked(alpha, documents[alpha])) == ["甲的解读"]
    assert _linked(beta, documents[beta]) == {}


def test_a_mirror_shows_what_belongs_to_its_original(alpha):
    document = publish_document(alpha, "办法")
    page = publish_interpretation(alpha, "解读", document)
    with in_site(alpha):
        mirror = document.create_alias(parent=column_of("zcwj"), update_slug="mirror")
        page.create_alias(parent=column_of("zcjd"), update_slug="mirror-too")
    project_now()
    assert list(_linked(alpha, mirror)) == ["解读"]
    assert list(_linked(alpha, document)) == ["解读"], "its mirror does not say it twice"


def test_a_reference_must_name_a_public_document(alpha, beta):
    news = publish_article(beta, "要闻")
    interpretation = publish_interpretation(beta, "解读", publish_document(beta, "办法"))
    with in_site(alpha):
        for text in ("http://beta.localhost:8000/nowhere/", str(registered(beta, interpretation).pk)):
            with pytest.raises(ValidationError):
                InterpretedDocument(elsewhere=text).clean()
        InterpretedDocument(elsewhere=str(registered(beta, news).pk)).clean()


def test_it_has_the_tags_and_lists_of_an_article(alpha, client_for):
    page = publish_interpretation(alpha, "一图读懂", publish_document(alpha, "办法"))
    meta = tags(browse(alpha, address_of(alpha, page)))
    assert meta["ArticleTitle"] == ["一图读懂"]
    assert meta["ColumnName"] == ["政策解读"]
    assert "一图读懂" in links(browse(alpha, "/zc/zcjd/"), ".list a, .briefs a")
    assert "一图读懂" in client_for(alpha).get("/zc/zcjd/rss/").content.decode()
    assert registered(alpha, page).page_type == "content.InterpretationPage"


def test_it_stands_in_columns_that_take_it(alpha):
    with in_site(alpha):
        assert InterpretationPage.can_create_at(column_of("zcjd"))
        assert not InterpretationPage.can_create_at(column_of("zcwj"))
    with pytest.raises(ValidationError):
        publish_interpretation(alpha, "放错", column="zcwj")


def test_the_law_hears_of_companions(alpha):
    from cluster.column_templates.checking import Context

    lonely, explained = publish_document(alpha, "没有解读"), publish_document(alpha, "有解读")
    page = publish_interpretation(alpha, "解读", explained)
    alone = publish_interpretation(alpha, "没有文件的解读")
    with in_site(alpha):
        contexts = PolicyDocumentPage.law_contexts([lonely, explained], Context())
        assert [sorted(context.companions) for context in contexts] == [[], ["interpretation"]]
        contexts = InterpretationPage.law_contexts([page, alone], Context())
        assert [sorted(context.companions) for context in contexts] == [["document"], []]
