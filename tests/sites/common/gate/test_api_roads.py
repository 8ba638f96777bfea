"""The roads of the API: 422 with rule, basis and cure, nothing made live; a reason that is given lets a warning pass and is kept."""

import json
from typing import Any

import pytest

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from tests.sites.common.gate.conftest import BAD, GOOD, REFUSAL, WARNED, WARNING
from tests.sites.common.gate.roads import column_pk, draft, in_tzgg_and_live
from tests.support.articles import publish_article
from tests.support.laws import GiveRules, demand
from tests.support.people import api_token, make_user
from tests.support.violations import twinned


@pytest.fixture
def api(ruled_pair: tuple[Subsite, Subsite], client_for: Any) -> Any:
    """Return a function that asks the API of alpha with a token of its site_admin."""
    alpha, _ = ruled_pair
    client, token = client_for(alpha), api_token(alpha, make_user(alpha, "site_admin"))
    headers = {"Authorization": f"Bearer {token}"}

    def call(path: str, body: Any = None, method: str = "post") -> Any:
        return getattr(client, method)(
            f"/api/v3/pages/{path}", json.dumps(body or {}), "application/json", headers=headers
        )

    return call


class TestRefusals:
    """Wagtail's write API: 422 with the sentences."""

    def refused(self, response: Any) -> bool:
        problem = response.json()
        messages = " ".join(error["msg"] for error in problem.get("errors", []))
        return response.status_code == 422 and REFUSAL.id in messages and "请填写“摘要”" in messages

    @twinned("API: publish")
    def test_publish(self, ruled_pair: tuple[Subsite, Subsite], api: Any) -> None:
        alpha, _ = ruled_pair
        assert self.refused(api(f"{draft(alpha, BAD).pk}/actions/publish/"))
        assert in_tzgg_and_live(alpha) == []
        assert api(f"{draft(alpha, GOOD).pk}/actions/publish/").status_code == 200
        assert in_tzgg_and_live(alpha) == ["供暖通知"]

    @twinned("alias: API", "copy: API", "move: API")
    def test_move_copy_and_alias(self, ruled_pair: tuple[Subsite, Subsite], api: Any) -> None:
        alpha, _ = ruled_pair
        bad, good = publish_article(alpha, "坏", **BAD), publish_article(alpha, "好", **GOOD)
        to = column_pk(alpha)
        for action, body in (
            ("create_alias", {"destination_id": to, "slug": "jx"}),
            ("copy", {"destination_id": to, "slug": "fb", "keep_live": True}),
            ("move", {"destination_id": to, "position": "last-child"}),
        ):
            assert self.refused(api(f"{bad.pk}/actions/{action}/", body)), action
            assert api(f"{good.pk}/actions/{action}/", body).status_code in (200, 201), action
        assert in_tzgg_and_live(alpha) == ["好"] * 3

    @twinned("API: create", "API: update")
    def test_create_and_update_with_publication(
        self, ruled_pair: tuple[Subsite, Subsite], api: Any, give_rules: GiveRules
    ) -> None:
        alpha, _ = ruled_pair
        give_rules(tzgg=(demand("tzgg", "title", check="at_least", argument=5),))
        meta = {"type": "content.ArticlePage", "parent_id": column_pk(alpha), "action": "publish"}
        response = api("", {"meta": meta, "title": "短题", "slug": "jk"})
        assert (response.status_code, "tzgg.title.at_least" in response.content.decode()) == (422, True)
        assert in_tzgg_and_live(alpha) == []
        response = api("", {"meta": meta, "title": "接口发布的通知", "slug": "jk"})
        assert response.status_code == 201, response.content
        page_id = response.json()["id"]
        meta = {"type": "content.ArticlePage", "action": "publish"}
        assert api(f"{page_id}/", {"meta": meta, "title": "短题"}, "patch").status_code == 422
        assert in_tzgg_and_live(alpha) == ["接口发布的通知"]
        assert api(f"{page_id}/", {"meta": meta, "title": "接口改过的通知"}, "patch").status_code == 200
        assert in_tzgg_and_live(alpha) == ["接口改过的通知"]


class TestReasons:
    """A warning and no reason: 422 with rule, basis, cure and what to send; with the reason it is published, and kept."""

    REASON = "领导批示立即发布"

    def asks_for_a_reason(self, response: Any) -> bool:
        errors = {error["type"]: error for error in response.json().get("errors", [])}
        missing, rule = errors.get("gate_reason_missing", {}), errors.get("gate_refused", {})
        return (
            response.status_code == 422
            and (missing.get("loc"), rule.get("loc")) == (["gate_reason"], [WARNING.id])
            and "gate_reason" in missing["msg"]
            and all(word in rule["msg"] for word in (WARNING.id, WARNING.basis, "请填写“关键词”"))
        )

    def kept(self, site: Subsite, page_id: int) -> list[tuple[str, str]]:
        with in_site(site):
            passes = GatePass.objects.filter(page_id=page_id, purpose="live").exclude(reason="")
            lines = LedgerEntry.objects.filter(action="gate_override", site_code=site.code, subject_id=str(page_id))
            assert [line.detail["given_reason"] for line in lines] == [one.reason for one in passes]
            return [(one.reason, one.actor["name"]) for one in passes]

    def roads(self, site: Subsite) -> dict[str, tuple[str, dict[str, Any], str]]:
        """Return name → path, body and method of a request that would make a notice without keywords live."""
        moved, copied, mirrored = (publish_article(site, f"第{n}条", **WARNED) for n in range(3))
        to, meta = column_pk(site), {"type": "content.ArticlePage", "action": "publish"}
        shown = publish_article(site, "已发布", column="tzgg", **GOOD)
        with in_site(site):
            shown.keywords = ""
            shown.save_revision()
        fields = {"title": "接口写的通知", "slug": "jkxd"}
        return {
            "publish": (f"{draft(site, WARNED).pk}/actions/publish/", {}, "post"),
            "create": ("", {"meta": {**meta, "parent_id": to}, **fields}, "post"),
            "update": (f"{shown.pk}/", {"meta": meta, "title": "接口改的通知"}, "patch"),
            "move": (f"{moved.pk}/actions/move/", {"destination_id": to, "position": "last-child"}, "post"),
            "copy": (f"{copied.pk}/actions/copy/", {"destination_id": to, "slug": "fb", "keep_live": True}, "post"),
            "create_alias": (f"{mirrored.pk}/actions/create_alias/", {"destination_id": to, "slug": "jx"}, "post"),
        }

    @pytest.mark.parametrize("road", ["publish", "create", "update", "move", "copy", "create_alias"])
    @twinned(
        "API: publish without a reason for its warning",
        "API: create without a reason for its warning",
        "API: update without a reason for its warning",
        "API: move without a reason for its warning",
        "API: copy without a reason for its warning",
        "API: create_alias without a reason for its warning",
    )
    def test_every_road_takes_the_reason(
        self, ruled_pair: tuple[Subsite, Subsite], api: Any, give_rules: GiveRules, road: str
    ) -> None:
        alpha, _ = ruled_pair
        # The interface writes no summary, so that its rule would stand in the way.
        give_rules(tzgg=(WARNING,))
        path, body, method = self.roads(alpha)[road]
        before = in_tzgg_and_live(alpha)
        assert self.asks_for_a_reason(api(path, body, method))
        assert self.asks_for_a_reason(api(path, {**body, "gate_reason": "  "}, method))
        assert in_tzgg_and_live(alpha) == before
        response = api(path, {**body, "gate_reason": self.REASON}, method)
        assert response.status_code in (200, 201), response.content
        assert in_tzgg_and_live(alpha) != before
        assert self.kept(alpha, response.json()["id"]) == [(self.REASON, "alpha-site_admin")]

    def test_no_reason_helps_against_a_refusal(self, ruled_pair: tuple[Subsite, Subsite], api: Any) -> None:
        alpha, _ = ruled_pair
        page = draft(alpha, {**BAD, "keywords": ""})
        response = api(f"{page.pk}/actions/publish/", {"gate_reason": self.REASON})
        assert response.status_code == 422
        assert {error["type"] for error in response.json()["errors"]} == {"gate_refused"}
        assert in_tzgg_and_live(alpha) == []

    @pytest.mark.parametrize("reason", [["领导批示"], 5, "长" * 501])
    def test_what_is_no_reason_is_refused_with_a_sentence(
        self, ruled_pair: tuple[Subsite, Subsite], api: Any, reason: Any
    ) -> None:
        alpha, _ = ruled_pair
        response = api(f"{draft(alpha, WARNED).pk}/actions/publish/", {"gate_reason": reason})
        assert response.status_code == 422
        assert "不超过 500 字的文字" in response.content.decode()
        assert in_tzgg_and_live(alpha) == []
