"""The one door between schemas: entering, leaving, transactions, callbacks, threads, and work before a commit."""

import threading

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cluster.column_templates.opening import opened
from cluster.context import current_site, in_public, in_site
from cluster.subsites.base_schemas import base_site
from cluster.subsites.models import Subsite
from sites.columns.models import HomePage

Pair = tuple[Subsite, Subsite]


def _database_says() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def _home_title() -> str:
    return HomePage.objects.get().title


class TestEntering:
    """Where the connection stands, and what it reads there."""

    def test_nested_sites_are_left_in_order(self, alpha: Subsite, beta: Subsite) -> None:
        with in_site(alpha) as entered:
            assert entered is alpha is current_site()
            with in_site(beta):
                assert (current_site(), _database_says(), _home_title()) == (beta, "site_beta", beta.name)
                with in_public():
                    assert (current_site(), _database_says()) == (None, "public")
                assert _home_title() == beta.name
            assert (current_site(), _database_says(), _home_title()) == (alpha, "site_alpha", alpha.name)
        assert (current_site(), _database_says()) == (None, "public")

    def test_an_error_leaves_the_site_too(self, alpha: Subsite, beta: Subsite) -> None:
        with in_site(alpha):
            with pytest.raises(RuntimeError), in_site(beta):
                raise RuntimeError
            assert _home_title() == alpha.name
        assert _database_says() == "public"

    def test_a_lazy_query_reads_where_it_runs(self, alpha: Subsite, beta: Subsite) -> None:
        """The reason for the rule "make lists inside the block"."""
        with in_site(alpha):
            lazy, made = HomePage.objects.all(), list(HomePage.objects.all())
        with in_site(beta):
            assert lazy.get().title == beta.name
        assert made[0].title == alpha.name

    def test_public_is_in_reach_from_a_site_but_no_site_from_public(self, alpha: Subsite) -> None:
        with in_site(alpha):
            assert Subsite.objects.filter(code="alpha").exists()
        with pytest.raises(Exception, match="does not exist"), transaction.atomic():
            Page.objects.count()

    def test_a_mould_is_not_a_site(self, alpha: Subsite) -> None:
        """The stand-in of a mould has no row: nothing of it is ever registered."""
        with in_site(base_site("county")) as mould:
            assert current_site() is mould
            assert mould.pk is None
            assert _home_title() == "首页"

    def test_a_named_cursor_reads_the_site(self, living: Pair) -> None:
        for site in living:
            with in_site(site):
                assert [page.title for page in HomePage.objects.iterator()] == [site.name]


class TestTransactions:
    """PostgreSQL takes a search path back with the transaction that set it; the connection must not believe it still holds."""

    def test_after_a_rolled_back_savepoint(self, alpha: Subsite, beta: Subsite) -> None:
        with in_site(alpha):
            with pytest.raises(RuntimeError), transaction.atomic(), in_site(beta):
                assert _home_title() == beta.name
                raise RuntimeError
            assert _home_title() == alpha.name

    def test_after_a_rolled_back_transaction(self, living: Pair) -> None:
        alpha, beta = living
        with in_site(alpha):
            with pytest.raises(RuntimeError), transaction.atomic(), in_site(beta):
                assert _home_title() == beta.name
                raise RuntimeError
            assert _home_title() == alpha.name
        with in_site(beta):
            assert _home_title() == beta.name

    def test_after_a_statement_that_failed(self, living: Pair) -> None:
        alpha, beta = living
        with in_site(alpha):
            with (
                pytest.raises(Exception, match="no_such_table"),
                transaction.atomic(),
                in_site(beta),
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT * FROM no_such_table")
            assert _home_title() == alpha.name

    def test_after_the_connection_was_lost(self, living: Pair) -> None:
        """A new connection begins in public; the next cursor must say again where it stands."""
        alpha, _ = living
        with in_site(alpha):
            assert _home_title() == alpha.name
            connection.close()
            assert _home_title() == alpha.name

    def test_one_transaction_over_two_sites_is_undone_in_both(self, living: Pair) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            for site in living:
                with opened(site), in_site(site):
                    HomePage.objects.update(title="半途而废")
            raise RuntimeError
        for site in living:
            with in_site(site):
                assert _home_title() == site.name


class TestCallbacks:
    """on_commit remembers its site (leak L6), whichever is entered when the commit comes."""

    def test_each_callback_runs_where_it_was_registered(self, living: Pair) -> None:
        alpha, beta = living
        seen: list[tuple[Subsite | None, str]] = []

        def note() -> None:
            seen.append((current_site(), _database_says()))

        with transaction.atomic():
            transaction.on_commit(note)
            with in_site(alpha):
                transaction.on_commit(note)
                with in_site(beta), transaction.atomic():
                    transaction.on_commit(note)
            assert seen == []
        assert seen == [(None, "public"), (alpha, "site_alpha"), (beta, "site_beta")]
        assert _database_says() == "public"

    def test_outside_a_transaction_it_runs_at_once(self, living: Pair) -> None:
        seen: list[str] = []
        with in_site(living[0]):
            transaction.on_commit(lambda: seen.append(_database_says()))
        assert seen == ["site_alpha"]

    def test_a_callback_that_raises_leaves_its_site(self, living: Pair) -> None:
        def fail() -> None:
            raise RuntimeError("after the commit")

        with pytest.raises(RuntimeError, match="after the commit"), transaction.atomic(), in_site(living[0]):
            transaction.on_commit(fail)
        assert _database_says() == "public"

    def test_a_rolled_back_savepoint_takes_its_callbacks_along(self, living: Pair) -> None:
        seen: list[str] = []
        with transaction.atomic(), in_site(living[0]):
            transaction.on_commit(lambda: seen.append("kept"))
            with pytest.raises(RuntimeError), transaction.atomic():
                transaction.on_commit(lambda: seen.append("undone"))
                raise RuntimeError
        assert seen == ["kept"]


class TestThreads:
    """A request's thread and the worker's threads each stand in a site of their own."""

    def test_two_threads_in_two_sites(self, living: Pair) -> None:
        both_inside = threading.Barrier(2, timeout=20)
        titles: dict[str, list[str]] = {}

        def read(site: Subsite) -> None:
            try:
                with in_site(site):
                    both_inside.wait()
                    titles[site.code] = [_home_title() for _ in range(20)]
                assert _database_says() == "public"
            finally:
                connection.close()

        threads = [threading.Thread(target=read, args=(site,)) for site in living]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert titles == {site.code: [site.name] * 20 for site in living}


class TestBeforeCommit:
    """Hooks run once, inside the transaction, at its outermost end; one that raises undoes everything."""

    def test_hooks_of_one_name_run_once_and_inside(self, living: Pair) -> None:
        seen: list[str] = []
        with transaction.atomic():
            for _ in range(3):
                with transaction.atomic():
                    connection.before_commit("note", lambda: seen.append("hook"))
            transaction.on_commit(lambda: seen.append("committed"))
            assert seen == []
        assert seen == ["hook", "committed"]

    def test_what_a_hook_writes_is_committed_with_the_rest(self, living: Pair) -> None:
        alpha, _ = living
        with transaction.atomic():
            connection.before_commit(
                "note", lambda: Subsite.objects.filter(pk=alpha.pk).update(short_name="甲") and None
            )
        connection.close()
        try:
            assert Subsite.objects.get(pk=alpha.pk).short_name == "甲"
        finally:
            Subsite.objects.filter(pk=alpha.pk).update(short_name="")

    def test_a_hook_that_raises_undoes_the_transaction(self, living: Pair) -> None:
        alpha, _ = living
        seen: list[str] = []

        def fail() -> None:
            raise RuntimeError("refused before the commit")

        with pytest.raises(RuntimeError, match="refused"), transaction.atomic():
            Subsite.objects.filter(pk=alpha.pk).update(short_name="甲")
            transaction.on_commit(lambda: seen.append("committed"))
            connection.before_commit("fail", fail)
        assert Subsite.objects.get(pk=alpha.pk).short_name == ""
        assert seen == []
        with transaction.atomic():  # the connection is usable, and the hook forgotten
            assert connection.before_commit_hooks == {}

    def test_a_hook_may_ask_for_another(self, living: Pair) -> None:
        seen: list[str] = []

        def first() -> None:
            seen.append("first")
            with transaction.atomic():
                connection.before_commit("second", lambda: seen.append("second"))

        with transaction.atomic():
            connection.before_commit("first", first)
        assert seen == ["first", "second"]

    def test_a_rollback_forgets_the_hooks(self, living: Pair) -> None:
        seen: list[str] = []
        with pytest.raises(RuntimeError), transaction.atomic():
            connection.before_commit("note", lambda: seen.append("hook"))
            raise RuntimeError
        with transaction.atomic():
            pass
        assert seen == []

    def test_outside_a_transaction_it_is_refused(self, living: Pair) -> None:
        with pytest.raises(RuntimeError, match="running transaction"):
            connection.before_commit("note", lambda: None)
