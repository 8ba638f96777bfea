"""The rule that every item names its source can fail, on every road; what a page shows in its place is no source of the item."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from sites.content.services import ArticleRefused, publish_articles
from tests.sites.common.gate.roads import column_pk
from tests.sites.common.gate.test_admin_roads import typed
from tests.support.articles import column_of, page_in, publish_article, through_the_gate
from tests.support.documents import project_now, publish_document, registered
from tests.support.inspecting import rule_of
from tests.support.pages import address_of, browse
from tests.support.people import api_token, make_user, sign_in
from tests.support.registry import is_tombstone
from tests.support.waiving import waive
from tests.support.working import work_until_idle

RULE = "tzgg.source.required"
BODY = [("paragraph", "<p>正文</p>")]


def by_editor(site: Subsite, source: str) -> None:
    publish_article(site, "供暖通知", column="tzgg", source=source)


def by_child(site: Subsite, source: str) -> None:
    with in_site(site), transaction.atomic(), through_the_gate(site):
        column_of("tzgg").add_child(instance=ArticlePage(title="供暖通知", live=True, body=BODY, source=source))


def by_bulk(site: Subsite, source: str) -> None:
    with in_site(site), transaction.atomic(), through_the_gate(site):
        publish_articles(column_of("tzgg"), [ArticlePage(title="供暖通知", body=BODY, source=source)])


def by_document(site: Subsite, source: str) -> None:
    publish_document(site, "供暖通知", source=source)


@pytest.mark.parametrize("way", [by_editor, by_child, by_bulk, by_document])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_item_without_a_source_is_refused_and_with_one_goes_live(
    alpha: Subsite, beta: Subsite, way: Any, empty: str
) -> None:
    for site in (alpha, beta):
        with (
            pytest.raises((ValidationError, ArticleRefused), match=r"没有填写“来源”.*source\.required"),
            transaction.atomic(),
        ):
            way(site, empty)
        for source in (site.name, "新华社"):
            way(site, source)


def test_the_form_proposes_the_site_and_takes_an_emptied_field_at_its_word(
    alpha: Subsite, beta: Subsite, client_for: Any
) -> None:
    for site in (alpha, beta):
        client = sign_in(client_for(site), make_user(site))
        for kind, code in (("articlepage", "tzgg"), ("policydocumentpage", "zcwj"), ("interpretationpage", "zcjd")):
            shown = client.get(f"/admin/pages/add/content/{kind}/{column_pk(site, code)}/").content.decode()
            assert f'name="source" value="{site.name}"' in shown
        address = f"/admin/pages/add/content/articlepage/{column_pk(site)}/"
        refused = client.post(address, typed("publish", source=""))
        assert refused.status_code == 200
        assert "没有填写“来源”" in refused.content.decode()
        assert client.post(address, typed("publish", source="新华社")).status_code == 302
        with in_site(site):
            page = ArticlePage.objects.get(source="新华社")
        again = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
        assert 'name="source" value="新华社"' in again


def test_the_interface_does_not_make_one_up(living: tuple[Subsite, Subsite], client_for: Any) -> None:
    for site in living:
        token = api_token(site, make_user(site, "site_admin"))
        client, headers = client_for(site), {"Authorization": f"Bearer {token}"}
        for source, status in (("", 422), ("新华社", 200)):
            with in_site(site):
                page = ArticlePage(title="接口发来的", live=False, body=BODY, source=source)
                column_of("tzgg").add_child(instance=page).save_revision()
            address = f"/api/v3/pages/{page.pk}/actions/publish/"
            answer = client.post(address, {"gate_reason": "测试"}, "application/json", headers=headers)
            assert answer.status_code == status
            assert ("没有填写“来源”" in str(answer.json())) is (status == 422)


def test_a_source_that_is_taken_away_in_the_database_is_found(living: tuple[Subsite, Subsite]) -> None:
    alpha, beta = living
    ours, theirs = (publish_article(site, "供暖通知", column="tzgg") for site in (alpha, beta))
    work_until_idle()
    with in_site(alpha):
        ArticlePage.objects.filter(pk=ours.pk).update(source="")
    work_until_idle()
    assert not page_in(alpha, ours).live
    assert is_tombstone(alpha, ours)
    assert page_in(beta, theirs).live


def test_what_the_page_shows_is_no_source_of_the_item(alpha: Subsite, beta: Subsite) -> None:
    """Waived, an item is published without; the tag still names who publishes it, and the inspection knows the difference."""
    waiver = waive(alpha, "tzgg", RULE)
    bare = publish_article(alpha, "供暖通知", column="tzgg", source="")
    full = publish_article(beta, "供暖通知", column="tzgg", source="新华社")
    project_now()
    assert [registered(site, page).source for site, page in ((alpha, bare), (beta, full))] == ["", "新华社"]
    tags = [
        browse(site, address_of(site, page)).select_one('meta[name="ContentSource"]')["content"]
        for site, page in ((alpha, bare), (beta, full))
    ]
    assert tags == [alpha.name, "新华社"]
    assert rule_of(alpha, "R11").ok
    assert [one.number for one in rule_of(alpha, "R11").waivers] == [waiver.pk]
    waiver.delete()
    assert not rule_of(alpha, "R11").ok
    assert rule_of(alpha, "R11").evidence["examples"][0]["missing"] == "来源"
    assert rule_of(beta, "R11").ok
