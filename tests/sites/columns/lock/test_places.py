"""The marks of the lock, the places of a site's own columns, addresses, the home page: by the model and by SQL."""

import pytest
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page, PageViewRestriction, Site

from cluster.context import in_site
from sites.columns.models import ColumnPage, HomePage
from sites.content.models import ArticlePage
from tests.sites.columns.lock.answers import LOCKED, WHOM, refused, sql, tree
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.pages import browse

MARKS = {
    "planted": "UPDATE {s}.columns_columnpage SET planted = true WHERE code = 'zslm'",
    "open_below": "UPDATE {s}.columns_columnpage SET open_below = true WHERE code = 'dtyw'",
    "shows_dates": "UPDATE {s}.columns_columnpage SET shows_dates = false WHERE code = 'dtyw'",
    "dates of its own": "UPDATE {s}.columns_columnpage SET shows_dates = false WHERE code = 'zslm'",
    "placed_under": "UPDATE {s}.columns_columnpage SET placed_under = 1 WHERE code = 'zslm'",
    "taken off": "UPDATE {s}.columns_columnpage SET planted = false WHERE code = 'dtyw'",
}


@pytest.mark.parametrize("statement", MARKS.values(), ids=MARKS)
def test_marks_are_given_and_taken_by_templates_alone(statement, alpha, beta):
    own_column(alpha)
    before = tree(alpha), tree(beta)
    assert LOCKED in refused(lambda: sql(statement.format(s=alpha.schema_name)))
    assert (tree(alpha), tree(beta)) == before


def test_nobody_takes_the_address_of_a_planted_column(alpha, beta):
    """Beside 政策文件 an item of its address would be served in its place."""
    article = publish_article(alpha, "占位", column="zc")
    with in_site(alpha):
        planted, local = column_of("zcwj"), own_column(alpha)
        rows = Page.objects.filter(pk=article.pk)
        for deed in (
            lambda: rows.update(slug="zcwj", url_path=planted.url_path),
            lambda: sql(
                f"UPDATE wagtailcore_page SET slug = 'zcwj', url_path = '{planted.url_path}' WHERE id = {article.pk}"
            ),
        ):
            assert "别的页面不能占用" in refused(deed)
        assert rows.get().url_path == article.url_path
        rows.update(slug=local.slug, url_path=local.url_path)
    assert browse(alpha, "/zc/zcwj/").h1.get_text() == "政策文件"
    assert browse(beta, "/zc/zcwj/").h1.get_text() == "政策文件"


# Taking the address of a planted column, 政策文件 below 政策: (a live item elsewhere, the parent, an address).
TAKING = {
    "add_child: over its address": lambda page, parent, slug: parent.add_child(
        instance=ArticlePage(title="占位", slug=slug, live=False)
    ),
    "copy: over its address": lambda page, parent, slug: CopyPageAction(
        page, to=parent, keep_live=False, update_attrs={"slug": slug}
    ).execute(skip_permission_checks=True),
    "alias: over its address": lambda page, parent, slug: CreatePageAliasAction(
        page, parent=parent, update_slug=slug
    ).execute(skip_permission_checks=True),
    "save(): over its address": lambda page, parent, slug: (setattr(page, "slug", slug), page.save()),
    "move: over its address": lambda page, parent, slug: (
        page.move(parent, pos="last-child"),
        Page.objects.get(pk=page.pk),
    )[1],
}


@pytest.mark.parametrize("deed", TAKING.values(), ids=TAKING)
def test_nothing_is_put_over_a_planted_column(deed, alpha, beta):
    """By the roads on which Wagtail itself looks for the address first, and says so in Chinese."""
    beside = publish_article(alpha, "旁边", column="zc")
    page = publish_article(
        alpha, "占位", column="zcjd" if deed is not TAKING["save(): over its address"] else "zc", slug="zcwj-2"
    )
    before = tree(beta)
    with in_site(alpha):
        parent = column_of("zc")
        page = ArticlePage.objects.get(pk=page.pk)
        if deed is TAKING["move: over its address"]:
            page.slug = "zcwj"
            page.save()
        planted = column_of("zcwj").url_path
        said = refused(lambda: deed(page, parent, "zcwj"))
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said), said
        assert ArticlePage.objects.filter(url_path=planted).count() == 0
        page = ArticlePage.objects.get(pk=page.pk)
        if deed is TAKING["move: over its address"]:
            page.slug = "zcwj-3"
            page.save()
        deed(page, parent, "zcwj-3")
        assert ArticlePage.objects.child_of(column_of("zc")).filter(slug="zcwj-3").exists()
        assert beside.pk
    assert browse(alpha, "/zc/zcwj/").h1.get_text() == "政策文件"
    assert tree(beta) == before


def test_a_copied_column_gives_its_sub_columns_codes_of_their_own(alpha, beta):
    before = tree(beta)
    with in_site(alpha):
        local = own_column(alpha)
        local.add_child(instance=new_column())
        copy = local.copy(recursive=True, update_attrs={"slug": "fu-ben", "title": "副本"})
        codes = list(ColumnPage.objects.descendant_of(copy, inclusive=True).values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == 2
    assert tree(beta) == before


def new_column(**fields):
    return ColumnPage(title="新栏目", slug="xin", column_type="x", description="x", keywords="x", **fields)


def test_a_new_column_calls_itself_planted_in_vain(alpha):
    with in_site(alpha):
        assert LOCKED in refused(lambda: column_of("gk").add_child(instance=new_column(planted=True)))
        assert not column_of("gk").add_child(instance=new_column()).planted


def test_a_copy_takes_no_mark_along(alpha):
    with in_site(alpha):
        copy = column_of("zcjd").copy(to=column_of("gk"), update_attrs={"slug": "fu-ben", "planted": True})
        assert not ColumnPage.objects.get(pk=copy.pk).planted


def test_own_columns_stand_where_the_template_opened_a_place(alpha, beta):
    own = own_column(alpha)
    before = tree(alpha), tree(beta)
    with in_site(alpha):
        for closed in (HomePage.objects.get(), column_of("dtyw")):
            assert WHOM in refused(lambda parent=closed: parent.add_child(instance=new_column()))
            assert WHOM in refused(lambda parent=closed: own.move(parent, pos="last-child"))
            plain, below = (Page.objects.get(pk=page.pk) for page in (own, closed))
            assert WHOM in refused(lambda page=plain, parent=below: page.move(parent, pos="last-child"))
        assert (tree(alpha), tree(beta)) == before
        own.move(column_of("sjfb"), pos="last-child")
        below = column_of("zslm").add_child(instance=new_column())
        assert below.url_path == "/home/sjfb/zslm/xin/"


def test_sql_puts_no_column_below_a_closed_one(alpha):
    own = own_column(alpha)
    place = "(SELECT p.path FROM {s}.wagtailcore_page p WHERE p.slug = '{code}') || '0ZZZ'"
    move = "UPDATE {s}.wagtailcore_page SET path = " + place + f" WHERE id = {own.pk}"
    assert LOCKED in refused(lambda: sql(move.format(s=alpha.schema_name, code="dtyw")))
    sql(move.format(s=alpha.schema_name, code="sjfb"))


def test_what_a_planted_column_may_still_do(alpha, beta):
    before = tree(beta)
    with in_site(alpha):
        column = column_of("tzgg")
        column.body = [("paragraph", "<p>说明</p>")]
        column.save_revision().publish()
        own_column(alpha, under="sjfb")
        column_of("tzgg").move(HomePage.objects.get().get_children().first(), pos="left")
        assert HomePage.objects.get().get_children().first().pk == column.pk
        column_of("dtyw").move(HomePage.objects.get(), pos="last-child")
        assert HomePage.objects.get().get_children().last().slug == "dtyw"
        assert "说明" in str(column_of("tzgg").body)
    assert tree(beta) == before


def test_a_planted_column_is_not_left_behind_by_its_parent(alpha):
    statement = "UPDATE {s}.wagtailcore_page SET path = left(path, 4) || '0009ZZZZ' WHERE slug = 'zc'"
    assert LOCKED in refused(lambda: sql(statement.format(s=alpha.schema_name)))


def test_a_local_column_does_not_slip_under_a_planted_ones_children(alpha):
    """The path of the parent is free only when parent and children go together."""
    own = own_column(alpha)
    swap = f"""UPDATE {alpha.schema_name}.wagtailcore_page p
               SET path = CASE WHEN p.id = {own.pk} THEN parent.path ELSE parent.path || 'X' END
               FROM (SELECT path, id FROM {alpha.schema_name}.wagtailcore_page WHERE slug = 'zc') parent
               WHERE p.id IN ({own.pk}, parent.id)"""
    assert LOCKED in refused(lambda: sql(swap))


HOME = {
    "name": lambda home: Page.objects.filter(pk=home.pk).update(title="改了"),
    "save": lambda home: (setattr(home, "title", "改了"), home.save()),
    "live": lambda home: Page.objects.filter(pk=home.pk).update(live=False),
    "expiry": lambda home: Page.objects.filter(pk=home.pk).update(expire_at="2026-01-01T00:00Z"),
    "restriction": lambda home: PageViewRestriction.objects.create(page=home, restriction_type="login"),
    "restriction above": lambda home: PageViewRestriction.objects.create(
        page=home.get_parent(), restriction_type="login"
    ),
    "row": lambda home: sql(f"DELETE FROM columns_homepage WHERE page_ptr_id = {home.pk}"),
    "root": lambda home: Site.objects.update(root_page=column_of("dtyw")),
    "second root": lambda home: Site.objects.create(hostname="x", root_page=column_of("dtyw").page_ptr),
    "no root": lambda home: Site.objects.all().delete(),
    "truncate": lambda home: sql("TRUNCATE columns_columnpage CASCADE"),
    "truncate pages": lambda home: sql("TRUNCATE wagtailcore_page CASCADE"),
    "truncate roots": lambda home: sql("TRUNCATE wagtailcore_site CASCADE"),
}


@pytest.mark.parametrize("deed", HOME.values(), ids=HOME)
def test_the_home_page_is_not_changed(deed, alpha, beta):
    before = tree(alpha), tree(beta)
    with in_site(alpha):
        assert LOCKED in refused(lambda: deed(HomePage.objects.get()))
    assert (tree(alpha), tree(beta)) == before


@pytest.mark.parametrize("road", ["update", "sql"])
def test_no_page_says_that_nothing_planted_stands_below_it(road, alpha, beta):
    """The tree believes the number of children, and every column below would answer 404."""
    own = own_column(alpha, under="zt")
    with in_site(alpha):
        inner = own.add_child(instance=new_column())
        home = HomePage.objects.get()
        held = (home.get_parent(), home, column_of("zc"))

    def empty(page):
        if road == "update":
            Page.objects.filter(pk=page.pk).update(numchild=0)
        else:
            sql(f"UPDATE wagtailcore_page SET numchild = 0 WHERE id = {page.pk}")

    with in_site(alpha):
        for page in held:
            empty(page)
            kept = Page.objects.get(pk=page.pk)
            assert kept.numchild == kept.get_children().count() > 0
    for site in (alpha, beta):
        browse(site, "/zc/zcwj/")
    # What a site set up itself it may lose again, and below a planted column its own are counted as they come and go.
    with in_site(alpha):
        empty(ColumnPage.objects.get(pk=own.pk))
        assert ColumnPage.objects.get(pk=own.pk).is_leaf()
        ColumnPage.objects.filter(pk=own.pk).update(numchild=1)
        ColumnPage.objects.get(pk=inner.pk).delete()
        ColumnPage.objects.get(pk=own.pk).delete()
        assert column_of("zt").get_children().count() == column_of("zt").numchild


def test_the_blocks_of_the_home_page_are_the_sites(alpha):
    with in_site(alpha):
        home = HomePage.objects.get()
        home.blocks = []
        home.save_revision().publish()
        assert not HomePage.objects.get().blocks
