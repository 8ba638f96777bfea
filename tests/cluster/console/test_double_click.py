"""Two presses of one button in the same moment, for real: two connections, two transactions, one order."""

import threading

from django.db import connection
from django.test import Client

from cluster.context import in_site
from cluster.subsites.models import Job, Subsite
from tests.cluster.console.test_opening import OPEN, do_jobs, order
from tests.support.people import make_user, sign_in


def test_two_presses_at_the_same_moment_are_one_job(living, console_of_living: Subsite, client_for) -> None:
    """For real, with two connections: the second press waits for the first one's commit."""
    user = make_user(console_of_living, "office")
    clients = [sign_in(client_for(console_of_living), user) for _ in range(2)]
    typed, found = order(), []
    start = threading.Barrier(2)

    def press(client: Client) -> None:
        start.wait()
        found.append(client.post(OPEN, typed)["Location"])
        connection.close()

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert found[0] == f"/admin/console/jobs/{Job.objects.get().pk}/"
    do_jobs()
    assert Subsite.objects.filter(code="gamma").count() == 1
    site = Subsite.objects.get(code="gamma")
    with in_site(site):
        assert site.primary_host == "gamma.localhost"
