"""The ledger as a report: filters by site, action and day; nothing in it can be changed from here."""

import pytest
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.subsites.models import Subsite
from tests.cluster.console.test_sites import publish

pytestmark = pytest.mark.django_db
LEDGER = "/admin/console/ledger/"


def titles(client: Client, query: str = "") -> list[str]:
    """Return the titles of the lines shown."""
    return [entry.title for entry in client.get(LEDGER + query).context["object_list"]]


def test_filters_by_site_action_and_day(inspector: Client, alpha: Subsite, beta: Subsite) -> None:
    publish(alpha, "甲县的公告")
    publish(beta, "乙市的公告")
    assert {"甲县的公告", "乙市的公告"} <= set(titles(inspector))
    assert "乙市的公告" not in titles(inspector, "?site_code=alpha")
    assert "甲县的公告" in titles(inspector, "?site_code=alpha")
    assert "甲县人民政府" in titles(inspector, "?action=site_registered")
    assert "甲县的公告" not in titles(inspector, "?action=site_registered")
    assert titles(inspector, "?q=乙市的") == ["乙市的公告"]
    assert titles(inspector, "?at_to=2020-01-01") == []
    assert "甲县的公告" in titles(inspector, "?at_from=2020-01-01")


def test_newest_first(office: Client, alpha: Subsite) -> None:
    publish(alpha, "先")
    publish(alpha, "后")
    assert titles(office, "?site_code=alpha")[:2] == ["后", "先"]


def test_exports_with_states_in_words(office: Client, alpha: Subsite) -> None:
    Subsite.objects.filter(code="alpha").update(state="suspended", state_reason="升级")
    text = office.get(LEDGER + "?site_code=alpha&export=csv").getvalue().decode("utf-8-sig")
    assert "正常运行 → 临时下线" in text
    assert "beta" not in text


def test_nothing_is_written_by_sending(office: Client, alpha: Subsite) -> None:
    count = LedgerEntry.objects.count()
    assert office.post(LEDGER, {"title": "x"}).status_code == 405
    assert LedgerEntry.objects.count() == count
