"""Rebuild without a gap: search answers all the while, changes in the middle are not lost, a kill leaves nothing behind."""

import threading

import pytest
from django.db import connection

from cluster.resources.backlog import retry_parked
from cluster.resources.models import Change
from search import gather, rebuild
from search.drain import SearchDrain
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch.indices import Indices
from search.models import PostgresDocument, Rebuild
from search.rebuild import RebuildIncomplete, RebuildRunning, rebuild_index, refill_table
from tests.search.builders import found_ids, make_row, withdraw


@pytest.fixture
def drain(living, clean_search_tables, elasticsearch):
    task = SearchDrain("search-elasticsearch", lambda: elasticsearch, rebuild_index, least=100, most=100)
    task.run()
    return task


def work(drain):
    while drain.run():
        pass


def in_the_middle(monkeypatch, happen):
    """Let something happen after the first batch was read and before it is written."""
    batches = rebuild.published_batches

    def walk(size):
        for number, batch in enumerate(batches(1)):
            if number == 0:
                happen()
            yield batch

    monkeypatch.setattr(rebuild, "published_batches", walk)


def test_the_new_index_holds_everything_and_the_old_one_is_gone(living, drain, elasticsearch):
    alpha, beta = living
    rows = [make_row(alpha, "供热一"), make_row(beta, "供热二")]
    before = elasticsearch.indices._behind(elasticsearch.alias)
    assert rebuild_index() == 2
    after = elasticsearch.indices._behind(elasticsearch.alias)
    assert before != after
    assert elasticsearch.indices.leftovers() == []
    assert set(found_ids(elasticsearch, "供热")) == {str(row.pk) for row in rows}
    assert not Rebuild.objects.exists()


def test_an_index_that_is_in_use_already_is_not_thrown_away(living, drain, elasticsearch, monkeypatch):
    """The alias was turned, and only the answer was lost."""
    row = make_row(living[0], "供热一")
    swap = Indices.swap

    def unheard(indices, name):
        swap(indices, name)
        raise EngineUnavailable("the answer was lost")

    with monkeypatch.context() as lost:
        lost.setattr(Indices, "swap", unheard)
        with pytest.raises(EngineUnavailable):
            rebuild_index()
    assert found_ids(elasticsearch, "供热") == [str(row.pk)]
    assert elasticsearch.indices.leftovers() == []
    assert not Rebuild.objects.exists()
    assert rebuild_index() == 1


def test_search_goes_on_while_it_runs(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    row = make_row(alpha, "供热一")
    work(drain)
    seen = []
    in_the_middle(monkeypatch, lambda: seen.append(found_ids(elasticsearch, "供热")))
    rebuild_index()
    assert seen == [[str(row.pk)]]


def test_what_is_published_in_the_middle_is_in_both(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    make_row(alpha, "电梯公告")

    def publish():
        row = make_row(alpha, "供热公告", id="00000000-0000-0000-0000-000000000001")  # behind the walk already
        work(drain)
        assert found_ids(elasticsearch, "供热") == [str(row.pk)]

    in_the_middle(monkeypatch, publish)
    rebuild_index()
    assert found_ids(elasticsearch, "供热") == ["00000000-0000-0000-0000-000000000001"]


def test_what_is_withdrawn_in_the_middle_is_not_revived(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    row = make_row(alpha, "供热公告")
    work(drain)

    def withdraw_it():
        withdraw(row)
        work(drain)

    in_the_middle(monkeypatch, withdraw_it)  # its batch was read as published and is written afterwards
    assert rebuild_index() == 0
    elasticsearch.refresh()
    assert found_ids(elasticsearch, "供热") == []


def test_killed_half_way_the_old_index_answers_and_the_next_run_clears_up(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    row = make_row(alpha, "供热公告")
    work(drain)
    # what kill -9 leaves: the row, the index under the next alias, half filled
    name = elasticsearch.indices.create_next()
    Rebuild.objects.create(alias=elasticsearch.alias, index=name)
    other = make_row(alpha, "供热补贴")
    work(drain)
    assert set(found_ids(elasticsearch, "供热")) == {str(row.pk), str(other.pk)}
    assert elasticsearch.indices.leftovers() == [name]
    assert rebuild_index() == 2
    assert elasticsearch.indices.leftovers() == []
    assert not Rebuild.objects.exists()


def test_a_lost_next_index_does_not_stop_the_drain(living, drain, elasticsearch):
    alpha, _ = living
    Rebuild.objects.create(alias=elasticsearch.alias, index="weg")
    row = make_row(alpha, "供热公告")
    work(drain)
    assert found_ids(elasticsearch, "供热") == [str(row.pk)]


def test_interrupted_it_takes_its_own_index_away(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    row = make_row(alpha, "供热公告")
    work(drain)

    def interrupt():
        raise KeyboardInterrupt

    in_the_middle(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        rebuild_index()
    assert elasticsearch.indices.leftovers() == []
    assert not Rebuild.objects.exists()
    assert found_ids(elasticsearch, "供热") == [str(row.pk)]


def test_a_refused_document_keeps_the_old_index(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    row = make_row(alpha, "供热公告")
    work(drain)
    monkeypatch.setattr(rebuild, "send_all", lambda *a, **k: {str(row.pk): ValueError("不收")})
    with pytest.raises(RebuildIncomplete):
        rebuild_index()
    assert found_ids(elasticsearch, "供热") == [str(row.pk)]


def test_a_new_index_remembers_what_was_taken_out_for_a_day(living, drain, elasticsearch):
    """Elasticsearch forgets it after a minute unless told; a worker may be stalled for longer with an older version in its hands."""
    rebuild_index()
    settings = elasticsearch.client.indices.get_settings(index=elasticsearch.alias).body
    assert [one["settings"]["index"]["gc_deletes"] for one in settings.values()] == ["1d"]


@pytest.mark.parametrize("spoiled", ["made", "taken"])
def test_a_document_that_cannot_be_is_put_aside_and_the_others_are_found(
    living, drain, elasticsearch, monkeypatch, spoiled
):
    alpha, beta = living
    bad, good, other = make_row(alpha, "供热毒"), make_row(alpha, "供热公告"), make_row(beta, "供热通知")
    work(drain)
    document_for, send_all = gather.document_for, rebuild.send_all

    def made(resource, *arguments):
        if resource.title == bad.title:
            raise OverflowError("年份")
        return document_for(resource, *arguments)

    def taken(*arguments, **options):
        outcome = send_all(*arguments, **options)
        return outcome | {key: ValueError("不收") for key in outcome if key == str(bad.pk)}

    if spoiled == "made":
        monkeypatch.setattr(gather, "document_for", made)
    else:
        monkeypatch.setattr(rebuild, "send_all", taken)
    before = elasticsearch.indices.leftovers()
    rebuild_index()
    assert set(found_ids(elasticsearch, "供热")) >= {str(good.pk), str(other.pk)}
    assert elasticsearch.indices.leftovers() == before
    parked = Change.objects.get(consumer=drain.name)
    assert (parked.resource_id, parked.version, parked.parked_at is not None) == (bad.pk, bad.version, True)
    monkeypatch.undo()
    assert retry_parked() == 1
    work(drain)
    assert set(found_ids(elasticsearch, "供热")) == {str(bad.pk), str(good.pk), str(other.pk)}


def test_more_than_a_few_that_cannot_be_leave_the_old_index_in_use(living, drain, elasticsearch, monkeypatch):
    alpha, beta = living
    rows = [make_row((alpha, beta)[number % 2], f"供热公告第{number}期") for number in range(4)]
    work(drain)
    monkeypatch.setattr(rebuild, "REFUSED_AT_MOST", 1)
    monkeypatch.setattr(rebuild, "send_all", lambda *a, **k: {str(row.pk): ValueError("不收") for row in rows[:2]})
    with pytest.raises(RebuildIncomplete, match="原有索引继续使用"):
        rebuild_index()
    assert len(found_ids(elasticsearch, "供热")) == 4
    assert not Change.objects.exists()


def test_a_second_one_at_the_same_time_is_refused(living, drain, elasticsearch, monkeypatch):
    alpha, _ = living
    make_row(alpha, "供热公告")
    outcome = []

    def second():
        try:
            rebuild_index()
        except RebuildRunning as error:
            outcome.append(error)
        finally:
            connection.close()

    def start_second():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(30)

    in_the_middle(monkeypatch, start_second)
    assert rebuild_index() == 1
    assert len(outcome) == 1


def test_without_elasticsearch_it_says_so(living, clean_search_tables, only_postgres):
    with pytest.raises(EngineUnavailable):
        rebuild_index()


def test_the_table_is_written_anew_in_place(living, clean_search_tables):
    alpha, beta = living
    row, other = make_row(alpha, "供热公告"), make_row(beta, "供热补贴")
    refill_table()
    PostgresDocument.objects.filter(pk=row.pk).update(title_key="verdorben", tokens=None)
    PostgresDocument.objects.filter(pk=other.pk).update(title_key="verdorben")
    make_row(alpha, "x")
    assert refill_table() == 3
    assert set(PostgresDocument.objects.values_list("title_key", flat=True)) == {"供热公告", "供热补贴", "x"}
