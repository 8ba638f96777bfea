"""The drains, committing for real: what the registry says is found, what it withdraws is not, whatever happens between."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection

from cluster.context import in_site
from cluster.resources.feed import ConsumerUnavailable
from cluster.resources.models import AttachmentState, AttachmentText, Change, Consumer, Resource
from cluster.subsites.models import Subsite
from search.documents import document_for
from search.drain import SearchDrain, elasticsearch_drain, postgres_drain
from search.engine import engine_named, postgres_engine
from search.engines.base import EngineUnavailable
from search.models import PendingFill, PostgresDocument
from search.rebuild import rebuild_index, refill_table
from sites.content.models import ArticlePage
from tests.search.builders import found_ids, make_row, withdraw
from tests.support.articles import publish_article
from tests.support.registry import row_of
from tests.support.threads import in_thread
from tests.support.working import work_until_idle


@pytest.fixture(params=["elasticsearch", "postgres"])
def drained(request, living, clean_search_tables):
    """Return each engine with a fresh drain of its own, already registered."""
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
    engine = engine_named(request.param)
    fill = rebuild_index if request.param == "elasticsearch" else refill_table
    drain = SearchDrain(f"search-{request.param}", lambda: engine, fill, least=100, most=100)
    assert drain.run() is False
    return engine, drain


def work(drain):
    while drain.run():
        pass


def run_and_close(drain):
    try:
        return drain.run()
    finally:
        connection.close()


@contextmanager
def writing(row, title):
    """Give a row another title on a second connection; yield the function that commits it."""
    second = connection.copy()
    try:
        second.ensure_connection()
        second.set_autocommit(False)
        with second.cursor() as cursor:
            cursor.execute("UPDATE public.resources_resource SET title = %s WHERE id = %s", [title, row.pk])
        yield second.commit
    finally:
        second.close()


class TestTheRoad:
    def test_an_article_is_found_and_after_its_withdrawal_it_is_not(self, living, drained):
        (alpha, beta), (engine, drain) = living, drained
        page = publish_article(alpha, "甲县供热收费公告")
        theirs = publish_article(beta, "乙市供热收费公告")
        work_until_idle()
        work(drain)
        ours_id, theirs_id = str(row_of(alpha, page).pk), str(row_of(beta, theirs).pk)
        assert set(found_ids(engine, "供热收费")) == {ours_id, theirs_id}
        with in_site(alpha):
            ArticlePage.objects.get(pk=page.pk).unpublish()
        work_until_idle()
        work(drain)
        assert found_ids(engine, "供热收费") == [theirs_id]

    def test_an_erased_row_is_taken_out(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        row = make_row(alpha, "供热公告")
        work(drain)
        assert found_ids(engine, "供热") == [str(row.pk)]
        Resource.objects.filter(pk=row.pk).delete()
        work(drain)
        assert found_ids(engine, "供热") == []

    def test_a_closed_site_is_taken_out_and_comes_back(self, living, drained):
        (alpha, beta), (engine, drain) = living, drained
        ours, theirs = publish_article(alpha, "甲县供热公告"), publish_article(beta, "乙市供热公告")
        work_until_idle()
        work(drain)
        Subsite.objects.filter(pk=alpha.pk).update(state="suspended")
        work_until_idle()
        work(drain)
        assert found_ids(engine, "供热") == [str(row_of(beta, theirs).pk)]
        Subsite.objects.filter(pk=alpha.pk).update(state="open")
        work_until_idle()
        work(drain)
        assert len(found_ids(engine, "供热")) == 2
        assert row_of(alpha, ours).is_published

    def test_the_text_of_an_attachment_is_found(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        row = make_row(alpha, "通知", document_ids=[5])
        AttachmentText.objects.create(
            schema_name=alpha.schema_name, document_id=5, file="x.pdf", filename="x.pdf", state=AttachmentState.DONE,
            text="附件里讲蓄热电锅炉",
        )  # fmt: skip
        other = AttachmentText.objects.create(
            schema_name="site_beta",
            document_id=5,
            file="y.pdf",
            filename="y.pdf",
            state=AttachmentState.DONE,
            text="秘密地热井",
        )
        work(drain)
        assert found_ids(engine, "蓄热电锅炉") == [str(row.pk)]
        assert found_ids(engine, "秘密地热井") == [], "the same number in another site is another file"
        other.delete()

    def test_a_large_backlog_is_worked_off_by_two_threads(self, living, drained):
        (alpha, beta), (engine, drain) = living, drained
        for number in range(330):
            make_row((alpha, beta)[number % 2], f"供热公告第{number}期")
        work(drain)
        engine.refresh()
        assert engine.count() == 330
        assert not Change.objects.exists()


class TestFaults:
    def test_a_worker_stalled_past_a_withdrawal_revives_nothing(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        row = make_row(alpha, "供热公告")
        stalled = document_for(Resource.objects.get(pk=row.pk), "", alpha)
        withdraw(row)
        work(drain)
        engine.write([stalled], refresh=True)
        assert found_ids(engine, "供热") == []

    def test_a_withdrawal_while_the_engine_hangs_waits_for_nobody_and_stays(self, living, drained, monkeypatch):
        """Another worker has told of it before the answer comes; the index that knew of it has been made anew."""
        (alpha, beta), (engine, drain) = living, drained
        row, other = make_row(alpha, "供热公告"), make_row(beta, "供热通知")
        write, went = engine.write, []

        def hang(writes, **kwargs):
            writes = list(writes)
            if not went:
                went.append(in_thread(lambda: withdraw(row)).state)
                in_thread(lambda: work(SearchDrain(drain.name, lambda: engine, lambda: None, least=100, most=100)))
                engine.forget([str(row.pk)])
            return write(writes, **kwargs)

        monkeypatch.setattr(engine, "write", hang)
        work(drain)
        assert went == ["withdrawn"]
        assert found_ids(engine, "供热") == [str(other.pk)]

    def test_a_site_that_reopens_while_the_engine_hangs_stays_found(self, living, drained, monkeypatch):
        """Suspended and open again before the registry was looked at: its rows keep their versions, and the late answer says gone."""
        (alpha, beta), (engine, drain) = living, drained
        row, other = make_row(alpha, "供热公告"), make_row(beta, "供热通知")
        work(drain)
        write, went = engine.write, []

        def turn(state):
            Subsite.objects.filter(pk=alpha.pk).update(state=state)
            Change.objects.create(consumer=drain.name, resource_id=row.pk, version=row.version)
            Change.objects.create(consumer=drain.name, resource_id=other.pk, version=other.version)

        def reopen():
            turn("open")
            work(SearchDrain(drain.name, lambda: engine, lambda: None, least=100, most=100))

        def hang(writes, **kwargs):
            writes = list(writes)
            if not went:
                went.append(sorted(type(one).__name__ for one in writes))
                assert in_thread(reopen) is None
            return write(writes, **kwargs)

        monkeypatch.setattr(engine, "write", hang)
        try:
            turn("suspended")
            work(drain)
        finally:
            Subsite.objects.filter(pk=alpha.pk).update(state="open")
        engine.refresh()
        assert went == [["SearchDocument", "Tombstone"]]
        assert {entry.id for entry in engine.scan("", 10)} == {str(row.pk), str(other.pk)}
        assert not Change.objects.filter(consumer=drain.name).exists()

    def test_running_twice_and_newest_first_gives_the_same(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        row = make_row(alpha, "供热公告")
        work(drain)
        for _ in range(2):
            Change.objects.create(consumer=drain.name, resource_id=row.pk, version=row.version)
            work(drain)
        assert found_ids(engine, "供热") == [str(row.pk)]
        assert engine.count() == 1

    def test_killed_before_the_answer_the_change_is_still_there(self, living, drained, monkeypatch):
        (alpha, _), (engine, drain) = living, drained
        row = make_row(alpha, "供热公告")

        def killed(writes, **kwargs):
            list(writes)
            raise KeyboardInterrupt

        monkeypatch.setattr(engine, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            drain.run()
        assert Change.objects.filter(consumer=drain.name, resource_id=row.pk, attempts=0).exists()
        monkeypatch.undo()
        work(drain)
        assert found_ids(engine, "供热") == [str(row.pk)]

    def test_an_engine_that_is_down_loses_nothing_and_spends_no_tries(self, living, drained, monkeypatch):
        (alpha, _), (engine, drain) = living, drained
        row = make_row(alpha, "供热公告")

        def down(writes, **kwargs):
            raise EngineUnavailable("拔了网线")

        monkeypatch.setattr(engine, "write", down)
        with pytest.raises(ConsumerUnavailable):
            drain.run()
        assert Change.objects.get(consumer=drain.name).attempts == 0
        monkeypatch.undo()
        work(drain)
        assert found_ids(engine, "供热") == [str(row.pk)]

    def test_a_refused_document_waits_and_the_others_pass(self, living, drained, monkeypatch):
        (alpha, beta), (engine, drain) = living, drained
        bad, good = make_row(alpha, "供热坏的"), make_row(beta, "供热好的")
        write = engine.write

        def refuse(writes, **kwargs):
            return write(writes, **kwargs) | {str(bad.pk): ValueError("不收")}

        monkeypatch.setattr(engine, "write", refuse)
        drain.run()
        left = Change.objects.get(consumer=drain.name)
        assert (left.resource_id, left.attempts) == (bad.pk, 1)
        assert str(good.pk) in found_ids(engine, "供热")

    def test_a_row_that_makes_no_document_waits_and_the_others_pass(self, living, drained):
        """SQL wrote a time whose day in China no calendar has; rows before and behind it in the batch, of two sites."""
        (alpha, beta), (engine, drain) = living, drained
        ours = make_row(alpha, "供热一")
        beyond = make_row(alpha, "供热二", published_at=datetime(9999, 12, 31, 20, tzinfo=UTC))
        theirs = make_row(beta, "供热三")
        work(drain)
        assert set(found_ids(engine, "供热")) == {str(ours.pk), str(theirs.pk)}
        change = Change.objects.get(consumer=drain.name)
        assert (change.resource_id, change.attempts) == (beyond.pk, 1)
        assert "Overflow" in change.error
        # Mended, it is found like the others.
        Resource.objects.filter(pk=beyond.pk).update(published_at=ours.published_at)
        work(drain)
        assert set(found_ids(engine, "供热")) == {str(ours.pk), str(beyond.pk), str(theirs.pk)}

    def test_two_workers_side_by_side_share_the_work(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        for number in range(40):
            make_row(alpha, f"供热公告第{number}期")

        def other():
            try:
                work(SearchDrain(drain.name, lambda: engine, lambda: None, least=7, most=7))
            finally:
                connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        work(drain)
        thread.join(30)
        work(drain)
        engine.refresh()
        assert engine.count() == 40


class TestBeingKnown:
    def test_a_consumer_that_is_new_reads_the_whole_registry(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        work(drain)
        Consumer.objects.all().delete()
        row = make_row(alpha, "供热公告")  # nobody was registered: no change row
        late = SearchDrain(drain.name, lambda: engine, drain._fill, least=100, most=100)
        late.run()
        assert found_ids(engine, "供热") == [str(row.pk)]
        assert not PendingFill.objects.exists()

    def test_one_that_was_dropped_for_silence_starts_again_from_nothing(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        Consumer.objects.update(active=False)
        row = make_row(alpha, "供热公告")
        drain._heard_at = float("-inf")
        drain.run()
        assert found_ids(engine, "供热") == [str(row.pk)]

    def test_a_kill_while_filling_is_made_good_by_the_next_process(self, living, drained):
        (alpha, _), (engine, drain) = living, drained
        Consumer.objects.all().delete()
        row = make_row(alpha, "供热公告")

        def killed():
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            SearchDrain(drain.name, lambda: engine, killed, least=100, most=100).run()
        assert PendingFill.objects.exists()
        SearchDrain(drain.name, lambda: engine, drain._fill, least=100, most=100).run()
        assert found_ids(engine, "供热") == [str(row.pk)]


class TestWritersUnderWay:
    """What was written, but not committed, before the feed knew of the consumer: the trigger told it nothing."""

    @pytest.fixture
    def late(self, living, drained):
        """Return the engine and a drain that the feed has forgotten, or dropped for silence."""
        engine, drain = drained
        Consumer.objects.all().delete()
        return engine, SearchDrain(drain.name, lambda: engine, drain._fill, least=100, most=100)

    @pytest.mark.parametrize("how", ["new", "dropped"])
    def test_what_they_commit_later_is_found(self, living, late, how):
        (alpha, beta), (engine, drain) = living, late
        if how == "dropped":
            Consumer.objects.create(name=drain.name, active=False)
        ours, theirs = make_row(alpha, "供热公告"), make_row(beta, "供热通知")
        with writing(ours, "燃气公告") as commit, ThreadPoolExecutor(1) as pool:
            at_work = pool.submit(run_and_close, drain)
            with pytest.raises(TimeoutError):
                at_work.result(0.5)  # the row cannot be read yet, and nobody will tell of it
            # Nobody else is kept waiting meanwhile, and of this the feed tells.
            Resource.objects.filter(pk=theirs.pk).update(title="燃气通知")
            commit()
            at_work.result(30)
        work(drain)
        assert not PendingFill.objects.exists()
        assert set(found_ids(engine, "燃气")) == {str(ours.pk), str(theirs.pk)}
        assert found_ids(engine, "供热") == []

    def test_one_that_takes_too_long_puts_the_filling_off(self, living, late, monkeypatch, caplog):
        (alpha, _), (engine, drain) = living, late
        monkeypatch.setattr("search.drain.WRITERS_SECONDS", 0.1)
        ours = make_row(alpha, "供热公告")
        with writing(ours, "燃气公告") as commit:
            drain.run()
            assert "有更早开始的写入尚未完成" in caplog.text
            assert PendingFill.objects.filter(consumer=drain.name).exists()
            commit()
        work(drain)
        assert found_ids(engine, "燃气") == [str(ours.pk)]
        assert not PendingFill.objects.exists()

    def test_of_one_that_begins_later_the_feed_tells_and_nothing_waits(self, living, drained):
        (alpha, beta), (engine, drain) = living, drained
        ours, theirs = make_row(alpha, "供热公告"), make_row(beta, "供热通知")
        with writing(ours, "燃气公告") as commit:
            work(drain)
            assert set(found_ids(engine, "供热")) == {str(ours.pk), str(theirs.pk)}, "as it is committed"
            commit()
        work(drain)
        assert found_ids(engine, "燃气") == [str(ours.pk)]
        assert found_ids(engine, "供热") == [str(theirs.pk)]


class TestElasticsearchAlone:
    def test_without_an_index_one_is_built_from_the_registry(self, living, clean_search_tables, elasticsearch):
        alpha, _ = living
        drain = SearchDrain("search-elasticsearch", lambda: elasticsearch, rebuild_index, least=100, most=100)
        drain.run()
        before = make_row(alpha, "供热公告")
        work(drain)
        elasticsearch.indices.remove_all()
        after = make_row(alpha, "供热补贴")
        work(drain)
        work(drain)
        assert set(found_ids(elasticsearch, "供热")) == {str(before.pk), str(after.pk)}

    def test_nothing_is_registered_where_none_is_configured(self, living, clean_search_tables, only_postgres):
        assert elasticsearch_drain.run() is False
        assert not Consumer.objects.filter(name="search-elasticsearch").exists()
        postgres_drain._heard_at = float("-inf")
        postgres_drain.run()
        assert Consumer.objects.filter(name="search-postgres").exists()


def test_a_tombstone_in_the_table_keeps_no_words(living, clean_search_tables):
    alpha, _ = living
    drain = SearchDrain("search-postgres", postgres_engine, refill_table, least=100, most=100)
    drain.run()
    row = make_row(alpha, "供热公告")
    work(drain)
    withdraw(row)
    work(drain)
    kept = PostgresDocument.objects.get(pk=row.pk)
    assert (kept.tokens, kept.title_key, kept.pinyin, kept.site) == (None, "", "", "")
    assert isinstance(row.pk, uuid.UUID)
