"""The roads of the admin: a sentence with rule, basis and cure, nothing typed lost, nothing made live."""

from typing import Any

import pytest
from django.test import Client

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from tests.sites.common.gate.conftest import BAD, GOOD, REFUSAL, WARNED, WARNING
from tests.sites.common.gate.roads import column_pk, draft, in_tzgg_and_live
from tests.sites.test_admin import _article_form
from tests.support.articles import page_in, publish_article
from tests.support.laws import GiveRules, demand
from tests.support.people import make_user, sign_in
from tests.support.violations import twinned

# Only rules that are not kept are named with their id.
MISSES = "规则 {}"


@pytest.fixture
def editor(ruled_pair: tuple[Subsite, Subsite], client_for: Any) -> Client:
    return sign_in(client_for(ruled_pair[0]), make_user(ruled_pair[0]))


def typed(action: str, **fields: str) -> dict[str, str]:
    """Return the form as typed: a title that must not be lost, and the fields."""
    return {**_article_form(title="打了很久的标题", **fields), f"action-{action}": f"action-{action}"}


def says_why(response: Any) -> bool:
    text = response.content.decode()
    return all(word in text for word in (REFUSAL.id, REFUSAL.basis, "请填写“摘要”"))


class TestForms:
    """Writing and editing."""

    @pytest.mark.parametrize("action", ["publish", "submit"])
    @pytest.mark.parametrize("new", [True, False], ids=["new", "existing"])
    @twinned(
        "form: publish a new item",
        "form: publish an existing item",
        "workflow: submit a new item in the form",
        "workflow: submit an existing item in the form",
    )
    def test_a_refused_form_says_why_and_loses_nothing(
        self, ruled_pair: tuple[Subsite, Subsite], editor: Client, action: str, new: bool
    ) -> None:
        alpha, _ = ruled_pair
        writing = f"/admin/pages/add/content/articlepage/{column_pk(alpha)}/"
        address = writing if new else f"/admin/pages/{draft(alpha, BAD).pk}/edit/"
        response = editor.post(address, typed(action, **BAD))
        assert response.status_code == 200
        assert says_why(response)
        assert "打了很久的标题" in response.content.decode()
        assert in_tzgg_and_live(alpha) == []
        with in_site(alpha):
            assert ArticlePage.objects.count() == (0 if new else 1)
        assert editor.post(address, typed(action, **GOOD)).status_code == 302
        assert in_tzgg_and_live(alpha) == (["打了很久的标题"] if action == "publish" else [])

    @twinned("schedule: in the form")
    def test_scheduling_in_the_form(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        alpha, _ = ruled_pair
        address = f"/admin/pages/add/content/articlepage/{column_pk(alpha)}/"
        later = {"go_live_at": "2099-01-01 08:00", "expire_at": ""}
        response = editor.post(address, typed("publish", **BAD, **later))
        assert response.status_code == 200
        assert says_why(response)
        assert editor.post(address, typed("publish", **GOOD, **later)).status_code == 302
        with in_site(alpha):
            assert GatePass.objects.filter(page_id=ArticlePage.objects.get().pk, purpose="scheduled").exists()

    def test_a_draft_may_be_saved_as_it_is(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        address = f"/admin/pages/add/content/articlepage/{column_pk(ruled_pair[0])}/"
        form = {**_article_form(title="草稿", **BAD)}
        assert editor.post(address, form).status_code == 302

    @twinned("form: a warning without a reason", "form: a reason for a refusal")
    def test_a_warning_is_overridden_with_a_reason(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        alpha, _ = ruled_pair
        address = f"/admin/pages/add/content/articlepage/{column_pk(alpha)}/"
        response = editor.post(address, typed("publish", **WARNED))
        assert response.status_code == 200
        assert "须说明理由" in response.content.decode()
        assert WARNING.id in response.content.decode()
        response = editor.post(address, typed("publish", **WARNED, gate_reason="本条没有合适的关键词"))
        assert response.status_code == 302
        with in_site(alpha):
            passed = GatePass.objects.get(page_id=ArticlePage.objects.get().pk)
        assert (passed.reason, passed.actor["name"]) == ("本条没有合适的关键词", "alpha-editor")
        refused = editor.post(address, typed("publish", **BAD, gate_reason="想绕过"))
        assert refused.status_code == 200
        assert says_why(refused)

    @twinned("workflow: approve with a change")
    def test_approving_with_a_change_that_breaks_a_rule(
        self, ruled_pair: tuple[Subsite, Subsite], editor: Client, client_for: Any
    ) -> None:
        alpha, _ = ruled_pair
        editor.post(f"/admin/pages/add/content/articlepage/{column_pk(alpha)}/", typed("submit", **GOOD))
        with in_site(alpha):
            page = ArticlePage.objects.get()
        reviewer = sign_in(client_for(alpha), make_user(alpha, "reviewer1"))
        form = typed("workflow-action", **BAD) | {"action-workflow-action": "true", "workflow-action-name": "approve"}
        response = reviewer.post(f"/admin/pages/{page.pk}/edit/", form)
        assert response.status_code == 200
        assert says_why(response)
        form |= GOOD
        assert reviewer.post(f"/admin/pages/{page.pk}/edit/", form).status_code == 302


class TestState:
    """The side panel: every rule while writing."""

    def test_the_panel_shows_every_rule(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        page = editor.get(f"/admin/pages/{draft(ruled_pair[0], BAD).pk}/edit/").content.decode()
        for words in ("发布检查", REFUSAL.id, "不能发布", "gate.js"):
            assert words in page
        page = editor.get(f"/admin/pages/add/content/articlepage/{column_pk(ruled_pair[0], 'dtyw')}/").content.decode()
        assert REFUSAL.id not in page

    def test_a_new_item_is_judged_with_what_its_form_proposes(
        self, living: tuple[Subsite, Subsite], give_rules: GiveRules, client_for: Any
    ) -> None:
        """The source is proposed, so it is not missing; the summary is, and so is the source of what was saved without one."""
        give_rules(tzgg=(demand("tzgg", "source"), REFUSAL), zcwj=(demand("zcwj", "source"),))
        for site in living:
            client = sign_in(client_for(site), make_user(site))
            page = client.get(f"/admin/pages/add/content/articlepage/{column_pk(site)}/").content.decode()
            assert (site.name in page, MISSES.format("tzgg.source") in page) == (True, False)
            assert MISSES.format(REFUSAL.id) in page
            page = client.get(
                f"/admin/pages/add/content/policydocumentpage/{column_pk(site, 'zcwj')}/"
            ).content.decode()
            assert MISSES.format("zcwj.source") not in page
            saved = draft(site, {**GOOD, "source": ""})
            assert MISSES.format("tzgg.source") in client.get(f"/admin/pages/{saved.pk}/edit/").content.decode()

    def test_the_panel_says_when_the_column_must_move(
        self, ruled_pair: tuple[Subsite, Subsite], editor: Client
    ) -> None:
        for code, words in (("tzgg", "更新期限：180天内更新"), ("xxgknb", "更新期限：每年3月31日前更新，提前30天提醒")):
            address = f"/admin/pages/add/content/articlepage/{column_pk(ruled_pair[0], code)}/"
            assert words in editor.get(address).content.decode()
        static = f"/admin/pages/add/content/articlepage/{column_pk(ruled_pair[0], 'wzasm')}/"
        assert "更新期限：" not in editor.get(static).content.decode()

    @pytest.mark.parametrize("new", [True, False], ids=["new", "existing"])
    def test_the_unsaved_form_is_judged_and_nothing_is_saved(
        self, ruled_pair: tuple[Subsite, Subsite], editor: Client, new: bool
    ) -> None:
        alpha, _ = ruled_pair
        existing = draft(alpha, GOOD)
        address = (
            f"/admin/pages/add/content/articlepage/{column_pk(alpha)}/" if new else f"/admin/pages/{existing.pk}/edit/"
        )
        for fields, count in ((BAD, 1), (WARNED, 1), (GOOD, 0)):
            response = editor.post(f"{address}?gate-state=1", _article_form(title="", **fields))
            answer = response.json()
            assert answer["count"] == count
            assert answer["needs_reason"] is (fields is WARNED)
        assert REFUSAL.id not in answer["html"]
        with in_site(alpha):
            assert ArticlePage.objects.get().title == "供暖通知"

    def test_what_was_found_stands_in_the_panel(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        from cluster.findings.models import Finding

        alpha, beta = ruled_pair
        page = draft(alpha, BAD)
        verdict = {"rule_id": "tzgg.x", "sentence": "被改空了。", "basis": "", "cure": "请补上。"}
        for site in (alpha, beta):
            Finding.objects.create(site=site, page_id=page.pk, title=site.code, kind="taken_off", verdicts=[verdict])
        text = editor.get(f"/admin/pages/{page.pk}/edit/").content.decode()
        assert text.count("被改空了。（规则 tzgg.x）请补上。") == 1


class TestActions:
    """What has no form of the editor: the refusal comes as a message, the whole action is undone."""

    def follow(self, client: Client, address: str, data: dict[str, Any] | None = None) -> Any:
        return client.post(address, data or {}, follow=True)

    @twinned("bulk action: publish")
    def test_bulk_publish(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        alpha, _ = ruled_pair
        good, bad = draft(alpha, GOOD), draft(alpha, BAD)
        response = self.follow(editor, f"/admin/bulk/wagtailcore/page/publish/?id={good.pk}&id={bad.pk}")
        assert says_why(response)
        assert in_tzgg_and_live(alpha) == []
        self.follow(editor, f"/admin/bulk/wagtailcore/page/publish/?id={good.pk}")
        assert in_tzgg_and_live(alpha) == ["供暖通知"]

    @twinned("move: form", "bulk action: move")
    def test_move_and_bulk_move(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        alpha, _ = ruled_pair
        bad, worse, good = (publish_article(alpha, f"第{n}条", **fields) for n, fields in enumerate((BAD, BAD, GOOD)))
        to = column_pk(alpha)
        assert says_why(self.follow(editor, f"/admin/pages/{bad.pk}/move/{to}/confirm/"))
        address = f"/admin/bulk/wagtailcore/page/move/?id={worse.pk}&id={good.pk}"
        assert says_why(self.follow(editor, address, {"chooser": to}))
        assert in_tzgg_and_live(alpha) == []
        self.follow(editor, f"/admin/pages/{good.pk}/move/{to}/confirm/")
        assert in_tzgg_and_live(alpha) == ["第2条"]

    @twinned("copy: form")
    def test_copy(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        alpha, _ = ruled_pair
        to = column_pk(alpha)
        for number, (fields, live) in enumerate(((BAD, []), (GOOD, ["副本1"]))):
            page = publish_article(alpha, f"第{number}条", **fields)
            form = {
                "new_title": f"副本{number}",
                "new_slug": f"fuben{number}",
                "new_parent_page": to,
                "publish_copies": "on",
            }
            response = self.follow(editor, f"/admin/pages/{page.pk}/copy/", form)
            assert says_why(response) is (fields is BAD)
            assert in_tzgg_and_live(alpha) == live

    @twinned("alias: form")
    def test_alias(self, ruled_pair: tuple[Subsite, Subsite], editor: Client) -> None:
        alpha, _ = ruled_pair
        to = column_pk(alpha)
        for number, fields in enumerate((BAD, GOOD)):
            page = publish_article(alpha, f"第{number}条", **fields)
            form = {"new_title": "x", "new_slug": f"jx{number}", "new_parent_page": to, "alias": "on"}
            response = self.follow(editor, f"/admin/pages/{page.pk}/copy/", form)
            assert says_why(response) is (fields is BAD)
        assert in_tzgg_and_live(alpha) == ["第1条"]

    @twinned("workflow: the last approval, under new rules")
    def test_the_last_approval_outside_the_form(
        self, ruled_pair: tuple[Subsite, Subsite], client_for: Any, give_rules: Any
    ) -> None:
        """The rules grew while the item was being reviewed."""
        alpha, _ = ruled_pair
        page = draft(alpha, GOOD)
        with in_site(alpha):
            page.get_workflow().start(page, None)
        for role in ("reviewer1", "reviewer2", "reviewer3"):
            reviewer = sign_in(client_for(alpha), make_user(alpha, role))
            with in_site(alpha):
                state = page_in(alpha, page).current_workflow_task_state
            address = f"/admin/pages/workflow/action/{page.pk}/approve/{state.pk}/"
            if role == "reviewer3":
                give_rules(tzgg=(REFUSAL, demand("tzgg", "author")))
                response = self.follow(reviewer, address, {"comment": "同意"})
                assert "tzgg.author.required" in response.content.decode()
                assert in_tzgg_and_live(alpha) == []
                give_rules(tzgg=(REFUSAL,))
            reviewer.post(address, {"comment": "同意"})
        assert in_tzgg_and_live(alpha) == ["供暖通知"]
