"""The admin shows what is locked, why, and whom to ask; a column of the site's own shows none of it."""

from importlib import import_module
from types import SimpleNamespace

from bs4 import BeautifulSoup
from django.db import connection

from cluster.column_templates.opening import opened
from cluster.context import in_site
from sites.columns.models import ColumnPage, HomePage
from tests.support.articles import column_of
from tests.support.columns import own_column
from tests.support.people import make_user, sign_in

WHY = "由全省统一的栏目模板设置"
WHOM = "请联系省级管理部门"


def soup_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_the_form_of_a_planted_column_says_why_its_fields_are_closed(alpha, client_for):
    own = own_column(alpha)
    client = sign_in(client_for(alpha), make_user(alpha, "site_admin"))
    with in_site(alpha):
        planted = column_of("tzgg")
    locked = soup_of(client, f"/admin/pages/{planted.pk}/edit/")
    said = " ".join(note.get_text() for note in locked.select(".help-info"))
    assert WHY in said
    assert WHOM in said
    for name in ("title", "slug", "column_class", "column_type", "description", "keywords", "show_in_menus"):
        assert locked.select_one(f"form [name={name}]").has_attr("disabled"), name
    free = soup_of(client, f"/admin/pages/{own.pk}/edit/")
    assert WHY not in " ".join(note.get_text() for note in free.select(".help-info"))
    assert not free.select_one("form [name=title]").has_attr("disabled")


def test_the_explorer_marks_planted_columns(alpha, client_for):
    own_column(alpha, under="gk")
    client = sign_in(client_for(alpha), make_user(alpha, "site_admin"))
    with in_site(alpha):
        home, gk = HomePage.objects.get().pk, column_of("gk")
        planted_below = ColumnPage.objects.child_of(gk).filter(planted=True).count()
    assert "统一栏目" in soup_of(client, f"/admin/pages/{home}/").get_text()
    signs = [link for link in soup_of(client, f"/admin/pages/{gk.pk}/").select("a[title]") if WHY in link["title"]]
    titles = {link.find_parent("tr").select_one(".title").get_text(" ", strip=True) for link in signs}
    assert len(titles) == planted_below
    assert not any("自设栏目" in title for title in titles)


def test_new_columns_are_offered_below_opened_places_alone(alpha, client_for):
    client = sign_in(client_for(alpha), make_user(alpha, "site_admin"))
    with in_site(alpha):
        opened_place, closed = column_of("gk").pk, column_of("dtyw").pk
    add = "/admin/pages/add/columns/columnpage/{}/"
    assert client.get(add.format(opened_place)).status_code == 200
    assert client.get(add.format(closed)).status_code in {302, 403}


def test_the_migration_marks_what_templates_planted_and_keeps_what_sites_set_up(alpha, beta):
    own_column(alpha)
    with opened(alpha), in_site(alpha):
        ColumnPage.objects.update(planted=False, placed_under=None)
        import_module("sites.columns.migrations.0002_planted").mark_planted(
            None, SimpleNamespace(connection=connection)
        )
        marked = dict(ColumnPage.objects.values_list("code", "planted"))
        assert marked["tzgg"]
        assert marked["xxgkzn"]
        assert not marked["zslm"]
        for column in ColumnPage.objects.all():
            assert column.placed_under == column.get_parent().pk
