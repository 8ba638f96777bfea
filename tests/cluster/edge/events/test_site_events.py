"""The roads of the admin, the API and the schedule, and what happens to whole sites: all of it is told to the stores."""

from django.db import transaction

from cluster.column_templates.models import TemplateVersion
from cluster.subsites.models import Domain, Subsite
from cluster.subsites.services import add_domain, close_site, resume_site, suspend_site
from tests.cluster.edge.events.hearing import MEMBERS, WITHDRAWN, forget, keys_of, told
from tests.support import roads
from tests.support.articles import publish_article
from tests.support.people import api_token, make_user, sign_in


class TestRoadsOfTheAdminAndTheApi:
    def test_bulk_unpublish_and_publish(self, pair, client_for):
        alpha, _, ours, _ = pair
        client = sign_in(client_for(alpha), make_user(alpha))
        roads.in_bulk(client, "unpublish", ours)
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}
        forget()
        roads.in_bulk(client, "publish", ours)
        assert told() >= keys_of(ours, "page") | {MEMBERS, "items:site_alpha"}

    def test_an_editor_of_the_other_site_tells_nothing(self, pair, client_for):
        alpha, beta, ours, _ = pair
        stranger = sign_in(client_for(beta), make_user(beta))
        forget()
        stranger.defaults["HTTP_HOST"] = alpha.primary_host
        assert stranger.post(f"/admin/pages/{ours.pk}/unpublish/").status_code == 302
        assert told() == set()

    def test_the_api(self, pair, client_for):
        alpha, _, ours, _ = pair
        token = api_token(alpha, make_user(alpha))
        forget()
        assert roads.by_the_interface(client_for(alpha), token, ours, "unpublish").status_code == 200
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}


def test_the_schedule(pair):
    alpha, _, ours, _ = pair
    roads.expire(alpha, ours)
    assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}


class TestWholeSites:
    def test_suspending_and_resuming(self, pair):
        alpha, _, _, _ = pair
        suspend_site(alpha, reason="检修")
        gone = {"-record:site_alpha", "-borrowed:site_alpha"}
        assert told(work=False) == gone | {"columns:site_alpha", "directory", "named:site_alpha"}
        forget()
        resume_site(alpha)
        assert told(work=False) == {"record:site_alpha", "columns:site_alpha", "directory", "named:site_alpha"}

    def test_state_changed_by_sql(self, pair):
        roads.suspend_by_sql(pair[0])
        assert told(work=False) >= {"-record:site_alpha", "directory"}

    def test_a_telephone_number_and_a_name(self, pair):
        alpha, _, _, _ = pair
        Subsite.objects.filter(pk=alpha.pk).update(phone="0451-1")
        assert told(work=False) == {"record:site_alpha", "columns:site_alpha"}
        Subsite.objects.filter(pk=alpha.pk).update(short_name="甲县")
        assert "directory" in told(work=False)
        assert "named:site_alpha" not in told(work=False)
        Subsite.objects.filter(pk=alpha.pk).update(phone="", short_name="", name="新名县人民政府")
        assert "named:site_alpha" in told(work=False)
        Subsite.objects.filter(pk=alpha.pk).update(name=alpha.name)

    def test_another_host_and_its_end(self, pair):
        alpha, _, _, _ = pair
        add_domain(alpha, "jia.localhost")
        assert told(work=False) == {"record:site_alpha", "columns:site_alpha", "directory"}
        Domain.objects.filter(domain="jia.localhost").delete()
        assert "-record:site_alpha" in told(work=False)
        assert "named:site_alpha" not in told(work=False)

    def test_another_main_host(self, pair):
        alpha, _, _, _ = pair
        host = alpha.primary_host
        add_domain(alpha, "jia.localhost")
        with transaction.atomic():
            Domain.objects.filter(domain=host).update(is_primary=False)
            Domain.objects.filter(domain="jia.localhost").update(is_primary=True)
        assert "named:site_alpha" in told(work=False)
        Domain.objects.filter(domain="jia.localhost").delete()
        Domain.objects.filter(domain=host).update(is_primary=True)

    def test_opening_and_closing(self, pair):
        gamma = roads.open_gamma()
        assert "directory" in told()
        close_site(gamma, reason="整合")
        assert "-record:site_gamma" in told()

    def test_truncate(self, pair):
        gamma = roads.open_gamma()
        publish_article(gamma, "清空之前")
        forget()
        roads.truncate_pages(gamma)
        assert "-record:site_gamma" in told()

    def test_another_law_of_columns(self, pair):
        TemplateVersion.objects.update(state="past")
        TemplateVersion.objects.update(state="current")
        assert told(work=False) == {"all"}

    def test_moulds_tell_nothing(self, pair):
        roads.touch_mould()
        assert told() == set()
