"""A waiver at the gate: it lets through in its site and period, and shows in refusals, in the side panel and in passes."""

import re
from typing import Any

import pytest
from django.test import Client

from cluster.column_templates.models import Waiver
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.gate.errors import GateRefused
from sites.common.models import GatePass
from tests.sites.common.gate.conftest import BAD, GOOD, REFUSAL, WARNED, WARNING
from tests.sites.common.gate.roads import column_pk, draft, publish
from tests.sites.common.gate.test_admin_roads import typed
from tests.support.people import make_user, sign_in
from tests.support.waiving import waive

ASK = "/admin/waivers/ask/tzgg/"


def signed_in(client_for: Any, site: Subsite, role: str) -> Client:
    return sign_in(client_for(site), make_user(site, role))


@pytest.mark.parametrize(
    ("column", "rule", "days", "lets_through"),
    [
        ("tzgg", REFUSAL.id, 30, True),
        ("tzgg", "", 30, True),
        ("tzgg", REFUSAL.id, 0, True),
        ("tzgg", REFUSAL.id, -1, False),
        ("tzgg", "", -1, False),
        ("tzgg", WARNING.id, 30, False),
        ("tzgg", "tzgg.update", 30, False),
        ("dtyw", "", 30, False),
    ],
)
def test_it_lets_through_its_rule_until_its_day(
    ruled_pair: tuple[Subsite, Subsite], column: str, rule: str, days: int, lets_through: bool
) -> None:
    alpha, beta = ruled_pair
    waiver = waive(alpha, column, rule, days=days)
    if lets_through:
        page_id = publish(alpha, BAD)
        with in_site(alpha):
            kept = GatePass.objects.filter(page_id=page_id).latest("id").verdicts[0]
        assert kept["rule_id"] == REFUSAL.id
        assert kept["waiver"]["number"] == waiver.pk
        assert (kept["waiver"]["signer"], kept["waiver"]["reason"]) == ("王敏", "整合中")
        Waiver.objects.filter(pk=waiver.pk).update(state="ended")
    with pytest.raises(GateRefused):
        publish(alpha, BAD)
    with pytest.raises(GateRefused):
        publish(beta, BAD)
    publish(alpha, GOOD)


def test_a_refusal_tells_what_is_waived_beside_it(ruled_pair: tuple[Subsite, Subsite]) -> None:
    alpha, beta = ruled_pair
    waiver = waive(alpha, "tzgg", WARNING.id)
    both_broken = {"summary": "", "keywords": ""}
    for site, told in ((alpha, True), (beta, False)):
        with pytest.raises(GateRefused) as refused:
            publish(site, both_broken)
        *_, last = refused.value.messages
        assert (waiver.text in last and "不影响发布" in last) is told
        assert (WARNING.id in str(refused.value)) is True
    assert publish(alpha, WARNED)
    with pytest.raises(GateRefused):
        publish(beta, WARNED)


def test_the_side_panel_shows_signer_end_and_reason(ruled_pair: tuple[Subsite, Subsite], client_for: Any) -> None:
    alpha, beta = ruled_pair
    waiver = waive(alpha, "tzgg", REFUSAL.id)
    for site, told in ((alpha, True), (beta, False)):
        page = draft(site, BAD)
        client = signed_in(client_for, site, "editor")
        drawn = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
        asked = client.post(f"/admin/pages/{page.pk}/edit/?gate-state=1", typed("publish", **BAD)).json()
        for shown in (drawn, asked["html"]):
            assert (waiver.text in shown) is told
            assert ("已豁免" in shown) is told
            assert ("不能发布" in shown) is not told
        assert asked["count"] == (0 if told else 1)


def test_from_the_side_panel_to_the_form(ruled_pair: tuple[Subsite, Subsite], client_for: Any) -> None:
    alpha, _ = ruled_pair
    writing = f"/admin/pages/add/content/articlepage/{column_pk(alpha)}/?gate-state=1"
    keeper, editor = (signed_in(client_for, alpha, role) for role in ("site_admin", "editor"))
    link = f'href="{ASK}?rule={REFUSAL.id}"'
    for_keeper, for_editor = (one.post(writing, typed("publish", **BAD)).json()["html"] for one in (keeper, editor))
    assert link in for_keeper
    assert link not in for_editor
    assert "请本网站管理员申请豁免" in for_editor
    good = keeper.post(writing, typed("publish", **GOOD)).json()["html"]
    assert ASK not in good
    chosen = re.findall(r'value="([^"]+)"[^>]* checked', keeper.get(f"{ASK}?rule=tzgg.update").content.decode())
    assert chosen == ["tzgg.update"]
