"""What a mould is planted with: pages, groups, workflow; and that planting again changes nothing."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import GroupApprovalTask, Page, Site, Workflow

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.base_schemas import base_site
from cluster.subsites.models import SiteKind
from sites.columns.models import ColumnPage, HomePage
from sites.columns.planting import adopt_site, plan, plant_columns

KINDS = [kind for kind in SiteKind.values if kind != SiteKind.CONSOLE]
EVERYWHERE = {"dtyw", "tzgg", "zcwj", "zcjd", "bsfw", "hdjl", "gk", "jgzn", "ldxx"}
GROUPS = {"site_admin", "editor", "reviewer1", "reviewer2", "reviewer3", "publisher", "letters"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_columns_and_one_root(kind):
    with in_site(base_site(kind)):
        columns = {column.code: column for column in ColumnPage.objects.all()}
        assert set(columns) == {planned.code for planned in plan.site_plan(kind).columns}
        assert set(columns) >= EVERYWHERE
        assert ("flfg" in columns) == (kind in {"province", "city"})
        assert all(column.live and column.description and column.column_type for column in columns.values())
        assert columns["zcwj"].url_path == "/home/zc/zcwj/"
        site = Site.objects.get()
        assert (site.is_default_site, site.root_page.specific) == (True, HomePage.objects.get())
        assert not Page.objects.filter(title__contains="Wagtail").exists()


@pytest.mark.django_db
def test_counties_lead_with_services_and_departments_with_policies():
    first = {kind: plan.site_plan(kind).home[0] for kind in KINDS}
    assert first["county"]["type"] == "services"
    assert first["department"]["column"] == "zcwj"
    assert first["province"]["type"] == "headline"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["county", "console"])
def test_planting_again_changes_nothing(kind):
    def everything():
        return (
            sorted(Page.objects.values_list("pk", "title", "path", "url_path")),
            sorted(Group.objects.values_list("name", flat=True)),
            {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()},
            [task.name for task in GroupApprovalTask.objects.order_by("pk")],
        )

    with in_site(base_site(kind)):
        before = everything()
        plant_columns(kind)
        assert everything() == before


@pytest.mark.django_db
def test_planting_again_brings_back_a_lost_column_and_the_name_of_a_changed_one():
    with in_site(base_site("county")):
        with opened("base_county"):
            ColumnPage.objects.filter(code="tzgg").update(title="公告")
            ColumnPage.objects.get(code="sjfb").delete()
        plant_columns("county")
        assert ColumnPage.objects.get(code="tzgg").title == "通知公告"
        assert ColumnPage.objects.get(code="sjfb").live


@pytest.mark.django_db
def test_console_has_no_columns_and_its_own_groups():
    with in_site(base_site("console")):
        assert not ColumnPage.objects.exists()
        assert {"office", "inspector"} <= set(Group.objects.values_list("name", flat=True))
        assert not Group.objects.filter(name__in=GROUPS).exists()


def test_sites_have_the_groups_with_their_permissions(alpha):
    def on_pages(name: str) -> set[str]:
        group = Group.objects.get(name=name)
        return {given.permission.codename for given in group.page_permissions.all()}

    with in_site(alpha):
        assert set(Group.objects.values_list("name", flat=True)) == GROUPS
        assert on_pages("editor") == {"add_page", "change_page", "publish_page"}
        assert on_pages("reviewer2") == {"change_page"}
        assert "bulk_delete_page" in on_pages("site_admin")
        assert on_pages("letters") == set()
        for group in Group.objects.all():
            assert group.permissions.filter(codename="access_admin").exists()
            assert group.permissions.filter(codename="add_user").exists() == (group.name == "site_admin")


def test_three_reviews_hold_for_the_whole_tree(alpha):
    with in_site(alpha):
        workflow = Workflow.objects.get()
        assert workflow.name == "三审"
        steps = [task.specific.groups.get().name for task in workflow.tasks.order_by("workflow_tasks__sort_order")]
        assert steps == ["reviewer1", "reviewer2", "reviewer3"]
        assert ColumnPage.objects.get(code="dtyw").get_workflow() == workflow


def test_a_new_site_bears_its_own_name_and_host(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            row = Site.objects.get()
            assert (row.site_name, row.hostname) == (site.name, site.primary_host)
            assert HomePage.objects.get().title == site.name


def test_adopting_again_follows_a_new_name_but_not_over_an_editors_work(alpha):
    alpha.name = "甲县人民政府门户"
    with in_site(alpha):
        adopt_site(alpha)
        assert HomePage.objects.get().title == "甲县人民政府门户"
