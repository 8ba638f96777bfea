"""The roads of the admin, the API and the schedule, and what happens to whole sites: all of it reaches the registry."""

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.resources.models import Mark
from cluster.subsites.services import close_site, resume_site, suspend_site
from sites.common.scheduling import publish_scheduled
from sites.content.models import ArticlePage
from tests.support import roads
from tests.support.articles import column_of, publish_article
from tests.support.people import api_token, make_user, sign_in
from tests.support.registry import is_published, is_tombstone, ledger_of, row_of
from tests.support.working import work_until_idle


@pytest.mark.usefixtures("beta_untouched")
class TestRoadsOfTheAdmin:
    """The roads an editor takes, through HTTP."""

    @pytest.fixture
    def editor(self, pair, client_for):
        alpha = pair[0]
        user = make_user(alpha)
        return sign_in(client_for(alpha), user), user

    def test_unpublish_view(self, pair, editor):
        alpha, _, ours, _ = pair
        client, user = editor
        response = client.post(f"/admin/pages/{ours.pk}/unpublish/")
        assert response.status_code == 302
        assert is_tombstone(alpha, ours)
        line = LedgerEntry.objects.filter(action="withdraw").latest("id")
        assert (line.actor["name"], line.actor["person"], line.actor["site"]) == (
            user.username,
            str(user.person_uuid),
            "alpha",
        )

    def test_bulk_unpublish_and_publish(self, pair, editor):
        alpha, _, ours, _ = pair
        other = publish_article(alpha, "第二条")
        client, _ = editor
        roads.in_bulk(client, "unpublish", ours, other)
        assert is_tombstone(alpha, ours)
        assert is_tombstone(alpha, other)
        roads.in_bulk(client, "publish", ours, other)
        assert is_published(alpha, ours)
        assert is_published(alpha, other)

    def test_bulk_move_and_delete(self, pair, editor):
        alpha, _, ours, _ = pair
        client, _ = editor
        with in_site(alpha):
            target = column_of("tzgg").pk
        roads.in_bulk(client, "move", ours, chooser=target)
        work_until_idle()
        assert row_of(alpha, ours).column_code == "tzgg"
        roads.in_bulk(client, "delete", ours)
        assert is_tombstone(alpha, ours)

    def test_an_editor_of_the_other_site_cannot(self, pair, client_for):
        alpha, beta, ours, _ = pair
        stranger = sign_in(client_for(beta), make_user(beta))
        # The cookie of beta means nothing on alpha's host.
        stranger.defaults["HTTP_HOST"] = alpha.primary_host
        response = stranger.post(f"/admin/pages/{ours.pk}/unpublish/")
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]
        assert is_published(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestRoadOfTheApi:
    """Wagtail's write API, signed by a token of the site."""

    def test_unpublish_and_publish(self, pair, client_for):
        alpha, _, ours, _ = pair
        user = make_user(alpha)
        client, token = client_for(alpha), api_token(alpha, user)
        assert roads.by_the_interface(client, token, ours, "unpublish").status_code == 200
        assert is_tombstone(alpha, ours)
        assert roads.by_the_interface(client, token, ours, "publish").status_code == 200
        assert is_published(alpha, ours)
        assert LedgerEntry.objects.latest("id").actor["name"] == user.username

    def test_a_token_of_the_other_site_is_refused(self, pair, client_for):
        alpha, beta, ours, _ = pair
        token = api_token(beta, make_user(beta))
        assert roads.by_the_interface(client_for(alpha), token, ours, "unpublish").status_code == 401
        assert is_published(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestSchedule:
    """Going live and expiring by the clock."""

    def test_goes_live_and_expires(self, pair):
        alpha, _, _, _ = pair
        with in_site(alpha), transaction.atomic():
            page = column_of("tzgg").add_child(instance=ArticlePage(title="定时的通知", source="本单位", live=False))
            page.go_live_at = timezone.now() + timedelta(seconds=1)
            page.save_revision().publish()
        publish_scheduled.run()
        assert not is_published(alpha, page), "not before its time"
        time.sleep(1.1)
        publish_scheduled.run()
        assert is_published(alpha, page)
        roads.expire(alpha, page)
        assert is_tombstone(alpha, page)
        assert ledger_of(page, alpha) == ["publish", "withdraw"]


class TestWholeSites:
    """What happens to a site happens to all that is in it, and to nothing else."""

    def test_suspending_withdraws_and_resuming_brings_back(self, pair):
        alpha, beta, ours, theirs = pair
        suspend_site(alpha, reason="检修")
        work_until_idle()
        assert is_tombstone(alpha, ours)
        assert is_published(beta, theirs)
        resume_site(alpha)
        work_until_idle()
        assert is_published(alpha, ours)

    def test_closing(self, pair):
        _, beta, _, theirs = pair
        gamma = roads.open_gamma()
        page = publish_article(gamma, "丙县的消息")
        assert is_published(gamma, page)
        close_site(gamma, reason="整合")
        work_until_idle()
        assert is_tombstone(gamma, page)
        assert is_published(beta, theirs)

    def test_truncate(self, pair):
        _, beta, _, theirs = pair
        gamma = roads.open_gamma()
        page = publish_article(gamma, "清空之前")
        roads.truncate_pages(gamma)
        work_until_idle()
        assert is_tombstone(gamma, page)
        assert is_published(beta, theirs)

    def test_state_changed_by_sql(self, pair):
        alpha, beta, ours, theirs = pair
        roads.suspend_by_sql(alpha)
        work_until_idle()
        assert is_tombstone(alpha, ours)
        assert is_published(beta, theirs)

    def test_marks_of_a_base_schema_are_not_made(self, pair):
        roads.touch_mould()
        assert not Mark.objects.filter(schema_name__startswith="base_").exists()
