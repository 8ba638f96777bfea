"""What a column takes is the gate's own verdict: no road puts a live item where its kind has no place, or in no column at all."""

from collections.abc import Callable

import pytest
from django.db import transaction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page
from wagtail.signals import pre_page_move

from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.resources.projection_task import project_marks
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage, HomePage
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from sites.content.models import ArticlePage, PolicyDocumentPage
from tests.sites.common.gate.conftest import GOOD
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.documents import draft_document, publish_document
from tests.support.laws import GiveRules
from tests.support.working import work_until_idle

BODY = '[{"type": "paragraph", "value": "<p>正文</p>"}]'
Road = Callable[[Subsite, Page], int]


def new_document(place: Page, **fields: object) -> PolicyDocumentPage:
    """A live page that is put there without any of the forms' questions."""
    words = {"title": "关于供暖的通知", "slug": "gongnuan", "source": "本单位", **fields}
    page = PolicyDocumentPage(body=BODY, live=True, **words)
    page._state.adding = True
    return page


def add_unclean(site: Subsite, place: Page) -> int:
    """add_child saves, and its save is told not to check."""
    page = new_document(place)
    page.full_clean = lambda *args, **kwargs: None
    return place.add_child(instance=page).pk


def save_unclean(site: Subsite, place: Page) -> int:
    page = draft_document(site, "关于供暖的通知", column="zcwj")
    Page.objects.filter(pk=page.pk).update(path=place.path + "0ZZZ", depth=place.depth + 1)
    page = PolicyDocumentPage.objects.get(pk=page.pk)
    page.live = True
    page.save(clean=False)
    return page.pk


def copy(site: Subsite, place: Page) -> int:
    page = publish_document(site, "关于供暖的通知")
    return CopyPageAction(page, to=place, update_attrs={"slug": "fuben"}).execute(skip_permission_checks=True).pk


def alias(site: Subsite, place: Page) -> int:
    page = publish_document(site, "关于供暖的通知")
    action = CreatePageAliasAction(page, parent=place, update_slug="jingxiang")
    return action.execute(skip_permission_checks=True).pk


def move(site: Subsite, place: Page) -> int:
    page = publish_document(site, "关于供暖的通知")
    Page.objects.get(pk=page.pk).move(place, pos="last-child")
    return page.pk


ROADS: dict[str, Road] = {
    "add_child: unclean, into a column of other kinds": add_unclean,
    "save(): unclean, into a column of other kinds": save_unclean,
    "copy: into a column of other kinds": copy,
    "alias: into a column of other kinds": alias,
    "move: into a column of other kinds": move,
}


@pytest.fixture
def no_form_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what asks before the gate, so that the gate alone is asked."""
    monkeypatch.setattr("sites.content.models.written.refusal_of_item", lambda *args: "")
    monkeypatch.setattr(pre_page_move, "receivers", [])


def live_below(site: Subsite, place: Page) -> int:
    with in_site(site):
        return Page.objects.descendant_of(place).live().not_type(ColumnPage).count()


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_a_kind_that_the_column_does_not_take_stays_out(
    living: tuple[Subsite, Subsite], give_rules: GiveRules, no_form_rules: None, road: Road
) -> None:
    alpha, beta = living
    give_rules()
    with in_site(alpha):
        with pytest.raises(GateRefused) as refused, transaction.atomic():
            road(alpha, column_of("dtyw"))
        assert live_below(alpha, column_of("dtyw")) == 0
    for words in ("dtyw.takes", "不收“政策文件”，只收“文章”", "依据：", "换一个栏目"):
        assert words in str(refused.value)
    assert live_below(beta, column_in(beta, "dtyw")) == 0


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_the_same_road_leads_into_a_column_that_takes_it(
    living: tuple[Subsite, Subsite], give_rules: GiveRules, no_form_rules: None, road: Road
) -> None:
    alpha, _ = living
    give_rules()
    own = own_column(alpha, under="zt")
    with in_site(alpha):
        page_id = road(alpha, own)
        passed = GatePass.objects.filter(page_id=page_id, purpose="live").latest("id")
    assert (passed.item_type, passed.placed_under) == ("policy_document", own.pk)


def column_in(site: Subsite, code: str) -> ColumnPage:
    with in_site(site):
        return column_of(code)


class TestNoColumn:
    """An item in no column at all obeys no rules, so it does not go live."""

    def test_below_the_home_page_and_below_an_item(self, living: tuple[Subsite, Subsite]) -> None:
        alpha, _ = living
        article = publish_article(alpha, "动态")
        for place in (HomePage, ArticlePage):
            with in_site(alpha), pytest.raises(GateRefused, match=r"不在任何栏目里.*place\.column"):
                parent = place.objects.exclude(slug="x").first()
                parent.add_child(instance=ArticlePage(title="散落的信息", body=BODY, source="本单位", live=True))
        with in_site(alpha):
            column = ColumnPage.objects.get(code="dtyw")
            column.add_child(instance=ArticlePage(title="在栏目里的信息", body=BODY, source="本单位", live=True))
            assert {page.pk for page in ArticlePage.objects.live()} > {article.pk}
            assert ArticlePage.objects.live().count() == 2

    def test_a_column_that_lower_sites_feed_takes_nothing_of_its_own(self, living: tuple[Subsite, Subsite]) -> None:
        alpha, _ = living
        fed = own_column(alpha, under="zt", fed_by="department")
        own = own_column(alpha, "zilan", "另一自设栏目", under="zt")
        with in_site(alpha):
            with pytest.raises(GateRefused, match="自动汇集下级网站的信息"):
                fed.add_child(instance=unasked(ArticlePage(title="信息", body=BODY, source="本单位", live=True)))
            assert not ArticlePage.can_create_at(fed)
            assert own.add_child(
                instance=unasked(ArticlePage(title="信息", body=BODY, source="本单位", live=True))
            ).live


def unasked(page: ArticlePage) -> ArticlePage:
    page.full_clean = lambda *args, **kwargs: None
    return page


class TestSql:
    """The place and the kind of a live item changed by SQL."""

    def moved_by_sql(self, site: Subsite, page: Page, place: Page) -> None:
        with in_site(site):
            Page.objects.filter(pk=page.pk).update(
                path=place.path + "0ZZZ", depth=place.depth + 1, url_path=f"{place.url_path}{page.slug}/"
            )
        while project_marks.run():
            pass

    def test_a_document_moved_by_sql_is_taken_off(self, living: tuple[Subsite, Subsite], give_rules: GiveRules) -> None:
        alpha, _ = living
        give_rules()
        page = publish_document(alpha, "关于供暖的通知")
        work_until_idle()
        self.moved_by_sql(alpha, page, column_in(alpha, "dtyw"))
        with in_site(alpha):
            assert not Page.objects.get(pk=page.pk).live
        assert (Finding.objects.get().kind, Finding.objects.get().verdicts[0]["rule_id"]) == ("taken_off", "dtyw.takes")

    def test_its_twin_moved_into_a_column_that_takes_it_stays(
        self, living: tuple[Subsite, Subsite], give_rules: GiveRules
    ) -> None:
        alpha, _ = living
        give_rules()
        page, own = publish_document(alpha, "关于供暖的通知"), own_column(alpha, under="zt")
        work_until_idle()
        self.moved_by_sql(alpha, page, own)
        with in_site(alpha):
            assert Page.objects.get(pk=page.pk).live
            last = GatePass.objects.filter(page_id=page.pk).latest("id")
        assert (last.purpose, last.placed_under) == ("rechecked", own.pk)
        assert not Finding.objects.exists()

    def test_out_of_a_column_of_its_own_into_the_stricter_one_above(
        self, living: tuple[Subsite, Subsite], give_rules: GiveRules
    ) -> None:
        """The same column of the law, the same content, another place."""
        alpha, _ = living
        give_rules()
        own = own_column(alpha, under="zt")
        page = publish_document(alpha, "关于供暖的通知", column=own.code)
        work_until_idle()
        self.moved_by_sql(alpha, page, column_in(alpha, "zt"))
        with in_site(alpha):
            assert not Page.objects.get(pk=page.pk).live
        assert Finding.objects.get().verdicts[0]["rule_id"] == "zt.takes"


def test_what_stood_there_before_the_column_was_narrowed_may_be_edited_there(
    living: tuple[Subsite, Subsite], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nowhere else that does not take it; a new one is refused."""
    from dataclasses import replace

    from cluster.column_templates.current import current_law
    from sites.common.gate import examining
    from tests.support.laws import ruled

    alpha, _ = living
    monkeypatch.setattr(examining, "current_law", lambda: ruled(current_law(), {}))
    page = publish_article(alpha, "夹在文件里的文章", column="zcwj", **GOOD)
    narrowed = ruled(current_law(), {})
    kinds = {
        kind: replace(
            law, by_code={code: replace(one, takes=("policy_document",)) for code, one in law.by_code.items()}
        )
        for kind, law in narrowed.kinds.items()
    }
    monkeypatch.setattr(examining, "current_law", lambda: replace(narrowed, kinds=kinds))
    with in_site(alpha):
        page.title = "改过的标题"
        page.save()
        last = GatePass.objects.filter(page_id=page.pk).latest("id")
        assert [(v["rule_id"], v["severity"]) for v in last.verdicts] == [("zcwj.takes", "advice")]
        with pytest.raises(GateRefused, match=r"zcwj\.takes"):
            column_of("zcwj").add_child(instance=ArticlePage(title="又一篇", body=BODY, source="本单位", live=True))
        with pytest.raises(GateRefused, match=r"tzgg\.takes"):
            Page.objects.get(pk=page.pk).move(column_of("tzgg"), pos="last-child")
        assert ArticlePage.objects.live().get().get_parent().specific.code == "zcwj"
