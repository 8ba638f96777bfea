"""The feed loses nothing and lets nothing stale through: claims, back-off, poison, kills, late commits, two workers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.resources import backlog, consumers, feed
from cluster.resources.models import Change, Consumer, Mark, Resource
from cluster.resources.projection_task import project_marks
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.registry import row_of
from tests.support.threads import in_thread, wait_until_somebody_waits
from tests.support.working import work_until_idle

NAME = "test-consumer"


@pytest.fixture
def consumer(living):
    """Register a consumer before anything is published; return what it was told: [(title, state, version)]."""
    assert consumers.register_consumer(NAME)
    return []


def hearing(told, fail=()):
    """Return an apply function that notes what it hears and fails for the given titles."""

    def apply(resources):
        told.extend((row.title, row.state, row.version) for row in resources)
        return {row.pk: RuntimeError("毒") if row.title in fail else None for row in resources}

    return apply


class TestDraining:
    def test_two_consumers_hear_of_a_change_at_the_same_time(self, living, consumer):
        alpha, _ = living
        consumers.register_consumer("other-consumer")
        publish_article(alpha, "甲")

        def apply(resources):
            assert in_thread(lambda: feed.drain("other-consumer", hearing(consumer))).applied == 1
            return {row.pk: None for row in resources}

        assert feed.drain(NAME, apply).applied == 1
        assert [title for title, _, _ in consumer] == ["甲"]

    def test_each_change_is_told_once_with_the_newest_state(self, living, consumer):
        alpha, beta = living
        ours, theirs = publish_article(alpha, "甲"), publish_article(beta, "乙")
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=ours.pk)
            page.title = "甲二"
            page.save_revision().publish()
        result = feed.drain(NAME, hearing(consumer))
        assert result.applied == 2
        assert sorted(title for title, _, _ in consumer) == sorted(["甲二", "乙"])
        assert not feed.drain(NAME, hearing(consumer)).did_something
        assert row_of(beta, theirs).version in {version for _, _, version in consumer}

    def test_a_withdrawal_is_told(self, living, consumer):
        alpha, _ = living
        ours = publish_article(alpha, "要撤的")
        feed.drain(NAME, hearing(consumer))
        with in_site(alpha):
            ArticlePage.objects.get(pk=ours.pk).unpublish()
        feed.drain(NAME, hearing(consumer))
        assert [state for _, state, _ in consumer] == ["published", "withdrawn"]
        assert consumer[1][2] > consumer[0][2]

    def test_an_erased_row_is_told_as_a_tombstone(self, living, consumer):
        alpha, _ = living
        ours = publish_article(alpha, "登记被删")
        feed.drain(NAME, hearing(consumer))
        version = consumer[0][2]
        Resource.objects.filter(site=alpha, page_id=ours.pk).delete()
        feed.drain(NAME, hearing(consumer))
        assert consumer[1][1] == "withdrawn"
        assert consumer[1][2] > version
        assert LedgerEntry.objects.latest("id").action == "erase"

    def test_a_kill_between_apply_and_commit_tells_again(self, living, consumer):
        alpha, _ = living
        publish_article(alpha, "没说完")

        def killed(resources):
            hearing(consumer)(resources)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            feed.drain(NAME, killed)
        assert feed.drain(NAME, hearing(consumer)).applied == 1
        assert len(consumer) == 2

    def test_an_unreachable_consumer_costs_no_tries(self, living, consumer):
        alpha, _ = living
        publish_article(alpha, "等着")

        def unreachable(resources):
            raise feed.ConsumerUnavailable("down")

        for _ in range(feed.MAX_ATTEMPTS + 2):
            with pytest.raises(feed.ConsumerUnavailable):
                feed.drain(NAME, unreachable)
        assert Change.objects.get(consumer=NAME).attempts == 0
        assert feed.drain(NAME, hearing(consumer)).applied == 1

    def test_a_late_commit_is_not_lost(self, living, consumer):
        """A sequence number read by "greater than the last I saw" would lose the row that commits late."""
        alpha, beta = living
        started, go_on = threading.Event(), threading.Event()

        def late():
            with transaction.atomic():
                publish_article(alpha, "晚提交")
                from cluster.resources import pending

                pending.flush()
                started.set()
                go_on.wait(20)

        thread = threading.Thread(target=lambda: (late(), connection.close()))
        thread.start()
        assert started.wait(20)
        publish_article(beta, "先提交")
        feed.drain(NAME, hearing(consumer))
        assert [title for title, _, _ in consumer] == ["先提交"]
        go_on.set()
        thread.join(20)
        feed.drain(NAME, hearing(consumer))
        assert [title for title, _, _ in consumer] == ["先提交", "晚提交"]

    def test_two_workers_share_without_waiting(self, living, consumer):
        alpha, _ = living
        for number in range(4):
            publish_article(alpha, f"第{number}条")
        others = []

        def slow(resources):
            # While this one holds its two, another worker takes the rest and does not wait for it.
            others.append(in_thread(lambda: feed.drain(NAME, hearing(consumer), limit=10)))
            return hearing(consumer)(resources)

        assert feed.drain(NAME, slow, limit=2).applied == 2
        assert others[0].applied == 2
        assert sorted(title for title, _, _ in consumer) == [f"第{number}条" for number in range(4)]


def withdraw_all():
    """Withdraw every item by SQL; raise at once where somebody holds one."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
        cursor.execute("UPDATE resources_resource SET state = 'withdrawn', withdrawn_at = now()")


def erase_all():
    """Delete every row of the registry; raise at once where somebody holds one."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
        cursor.execute("DELETE FROM resources_resource")


class TestWhileTheConsumerIsSlow:
    """Nobody waits for its answer, and what it is told last is what is so, whoever else spoke to it meanwhile."""

    @pytest.mark.parametrize("go", [withdraw_all, erase_all])
    def test_a_withdrawal_does_not_wait_and_is_told_last(self, living, consumer, go):
        alpha, _ = living
        publish_article(alpha, "要撤的")

        def apply(resources):
            assert in_thread(go) is None
            return hearing(consumer)(resources)

        assert feed.drain(NAME, apply).applied == 1
        assert feed.drain(NAME, hearing(consumer)).applied == 1
        assert [state for _, state, _ in consumer] == ["published", "withdrawn"]
        assert not Change.objects.filter(consumer=NAME).exists()

    @pytest.mark.parametrize("go", [withdraw_all, erase_all])
    def test_a_withdrawal_that_another_worker_told_meanwhile_is_told_again(self, living, consumer, go):
        alpha, _ = living
        publish_article(alpha, "要撤的")

        def apply(resources):
            assert in_thread(go) is None
            assert in_thread(lambda: feed.drain(NAME, hearing(consumer))).applied == 1
            return hearing(consumer)(resources)

        assert feed.drain(NAME, apply).applied == 1
        assert [state for _, state, _ in consumer] == ["withdrawn", "published"], (
            "the consumer may have forgotten the first"
        )
        assert feed.drain(NAME, hearing(consumer)).applied == 1
        assert [state for _, state, _ in consumer][2:] == ["withdrawn"]
        assert not feed.drain(NAME, hearing(consumer)).did_something

    def test_a_long_publication_holds_up_nobody(self, living, consumer):
        """The oldest changes are of rows that a transaction holds: they are told as they are committed, and so are the later."""
        alpha, beta = living
        ours, theirs = publish_article(alpha, "甲"), publish_article(beta, "乙")
        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            Resource.objects.filter(pk=row_of(alpha, ours).pk).update(title="甲二")
            told = pool.submit(
                in_thread, lambda: [feed.drain(NAME, hearing(consumer), limit=1).applied for _ in range(3)]
            )
            assert told.result(30) == [1, 1, 0]
        assert [title for title, _, _ in consumer] == ["甲", "乙"]
        assert feed.drain(NAME, hearing(consumer)).applied == 1
        assert [title for title, _, _ in consumer][2:] == ["甲二"]
        assert row_of(beta, theirs).version == consumer[1][2]


class TestPoison:
    def test_a_poisonous_row_is_set_back_then_parked_while_others_pass(self, living, consumer):
        alpha, _ = living
        publish_article(alpha, "好的")
        publish_article(alpha, "坏的")
        for _ in range(feed.MAX_ATTEMPTS):
            Change.objects.update(not_before="2000-01-01T00:00Z")
            feed.drain(NAME, hearing(consumer, fail={"坏的"}))
        assert [title for title, _, _ in consumer].count("好的") == 1
        row = Change.objects.get(consumer=NAME)
        assert row.parked_at is not None
        assert "毒" in row.error
        assert not feed.drain(NAME, hearing(consumer)).did_something
        assert backlog.feed_status().parked_changes[NAME] == 1
        assert backlog.retry_parked() == 1
        assert feed.drain(NAME, hearing(consumer)).applied == 1

    def test_one_that_was_put_aside_goes_when_something_newer_is_told(self, living, consumer):
        """Those of other resources and of other consumers stay, and one that is newer than what was told."""
        alpha, beta = living
        ours, theirs = publish_article(alpha, "甲"), publish_article(beta, "乙")
        ours, theirs = row_of(alpha, ours), row_of(beta, theirs)
        Change.objects.all().delete()
        parked = {"parked_at": "2026-01-01T00:00Z", "attempts": feed.MAX_ATTEMPTS}
        Change.objects.create(consumer=NAME, resource_id=ours.pk, version=ours.version, **parked)
        newer = Change.objects.create(consumer=NAME, resource_id=ours.pk, version=ours.version + 1000, **parked)
        other = Change.objects.create(consumer=NAME, resource_id=theirs.pk, version=theirs.version, **parked)
        elsewhere = Change.objects.create(
            consumer="other-consumer", resource_id=ours.pk, version=ours.version, **parked
        )
        Change.objects.create(consumer=NAME, resource_id=ours.pk, version=ours.version)
        feed.drain(NAME, hearing(consumer, fail={"甲"}))
        assert Change.objects.filter(parked_at=None).count() == 1
        assert Change.objects.exclude(parked_at=None).count() == 4, "it has not been told"
        Change.objects.filter(parked_at=None).update(not_before="2000-01-01T00:00Z")
        assert feed.drain(NAME, hearing(consumer)).applied == 1
        assert set(Change.objects.all()) == {newer, other, elsewhere}

    def test_back_off_grows(self, living, consumer):
        alpha, _ = living
        publish_article(alpha, "坏的")
        waits = []
        for _ in range(4):
            Change.objects.update(not_before="2000-01-01T00:00Z")
            feed.drain(NAME, hearing(consumer, fail={"坏的"}))
            with connection.cursor() as cursor:
                cursor.execute("SELECT extract(epoch FROM not_before - clock_timestamp()) FROM resources_change")
                waits.append(float(cursor.fetchone()[0]))
        assert waits[0] < 1.1
        assert waits == sorted(waits)
        assert waits[-1] > 6

    def test_a_page_that_cannot_be_projected_is_parked_and_its_neighbours_are_not(self, living, monkeypatch):
        alpha, _ = living
        good, bad = publish_article(alpha, "好页"), publish_article(alpha, "坏页")
        work_until_idle()
        real = ArticlePage.registry_entry

        def broken(page, column):
            if page.pk == bad.pk:
                raise OperationalError("数据库忙")  # says nothing of the content, which would be taken off
            return real(page, column)

        monkeypatch.setattr(ArticlePage, "registry_entry", broken)
        with in_site(alpha):
            ArticlePage.objects.update(summary="都改了")
        for _ in range(feed.MAX_ATTEMPTS):
            Mark.objects.update(not_before="2000-01-01T00:00Z")
            project_marks.run()
        assert row_of(alpha, good).summary == "都改了"
        mark = Mark.objects.get()
        assert (mark.object_id, mark.parked_at is not None) == (bad.pk, True)
        assert "数据库忙" in mark.error
        monkeypatch.undo()
        backlog.retry_parked()
        work_until_idle()
        assert row_of(alpha, bad).summary == "都改了"


class TestConsumers:
    def test_one_that_was_silent_for_an_hour_is_dropped_and_starts_again(self, living, consumer):
        alpha, _ = living
        publish_article(alpha, "没人听")
        assert consumers.drop_silent_consumers() == []
        Consumer.objects.update(heartbeat_at="2026-01-01T00:00Z")
        assert consumers.drop_silent_consumers() == [NAME]
        assert not Change.objects.filter(consumer=NAME).exists()
        publish_article(alpha, "停用以后")
        assert not Change.objects.filter(consumer=NAME).exists()
        assert consumers.register_consumer(NAME), "it is told to start from nothing"
        assert not consumers.register_consumer(NAME)
        publish_article(alpha, "又听了")
        assert Change.objects.filter(consumer=NAME).count() == 1

    def test_one_that_reports_in_while_the_silent_are_dropped_stays(self, living, consumer):
        """The sign of life is committed while the dropping waits for the row: its condition is asked again."""
        alpha, _ = living
        consumers.register_consumer("silent-consumer")
        publish_article(alpha, "有人听")
        Consumer.objects.update(heartbeat_at="2026-01-01T00:00Z")
        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            consumers.heartbeat(NAME)
            dropping = pool.submit(in_thread, consumers.drop_silent_consumers)
            wait_until_somebody_waits()
        assert dropping.result(20) == ["silent-consumer"]
        assert list(Change.objects.values_list("consumer", flat=True)) == [NAME]

    def test_one_that_reports_in_just_after_it_was_dropped_starts_again_from_nothing(self, living, consumer):
        Consumer.objects.update(heartbeat_at="2026-01-01T00:00Z")
        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            assert consumers.drop_silent_consumers() == [NAME]
            registering = pool.submit(in_thread, lambda: consumers.register_consumer(NAME))
            wait_until_somebody_waits()
        assert registering.result(20) is True
        assert Consumer.objects.get().active
