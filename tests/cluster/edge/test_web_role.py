"""The feed of the page store under the role of the web processes: read it, take what is one's own, and nothing more."""

import pytest
from django.db import ProgrammingError, connection, transaction
from wagtail.models import Page

from cluster.context import in_site
from cluster.edge.models import EdgeEvent, EdgeServer
from tests.support.articles import publish_article
from tests.support.web_role import as_web

pytestmark = pytest.mark.web_role


def test_the_web_role_takes_what_its_own_transaction_withdrew(living):
    alpha, beta = living
    ours, theirs = publish_article(alpha, "撤回的"), publish_article(beta, "别站的")
    EdgeEvent.objects.all().delete()
    with in_site(beta):
        Page.objects.filter(pk=theirs.pk).update(live=False)
    with as_web(), transaction.atomic(), in_site(alpha), connection.cursor() as cursor:
        Page.objects.filter(pk=ours.pk).update(live=False)
        cursor.execute("SELECT taken_key FROM public.qz_edge_take()")
        assert {key for (key,) in cursor.fetchall()} == {f"page:site_alpha:{ours.pk}", f"line:site_alpha:{ours.pk}"}
    assert set(EdgeEvent.objects.values_list("key", flat=True)) == {
        f"page:site_beta:{theirs.pk}",
        f"line:site_beta:{theirs.pk}",
    }


def test_the_web_role_can_neither_tell_nor_silence_a_server(living):
    alpha, _ = living
    EdgeServer.objects.create(name="east")
    publish_article(alpha, "给各台服务器的消息")
    statements = (
        "INSERT INTO edge_edgeserver (name) VALUES ('mine')",
        "UPDATE edge_edgeserver SET ready_at = now()",
        "DELETE FROM edge_edgeserver",
        "INSERT INTO edge_edgeevent (server, key, xid) VALUES ('east', 'all', 1)",
        "DELETE FROM edge_edgeevent",
        "SELECT public.qz_edge_put(ARRAY['all'], NULL, true)",
        "SELECT public.qz_edge_marked('site_alpha', 'site', 0)",
    )
    with as_web():
        assert EdgeEvent.objects.filter(server="east").exists()
        for statement in statements:
            with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(statement)
