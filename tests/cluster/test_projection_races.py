"""Publication and worker at the same rows: what crosses ends hidden, and nobody waits for another site."""

import threading

from django.db import connection, transaction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.resources import projection_task
from cluster.resources.models import Mark
from cluster.resources.projection import project_pages
from cluster.resources.projection_task import project_marks
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.registry import is_published, row_of
from tests.support.threads import in_thread
from tests.support.working import work_until_idle


class TestTheProjectionsOwnRaces:
    def test_a_restriction_and_a_publication_that_cross_end_hidden(self, living):
        """The publisher does not see the uncommitted restriction; the worker's second look does."""
        from wagtail.models import PageViewRestriction

        from tests.support.articles import column_of

        alpha, _ = living
        ready, go_on = threading.Event(), threading.Event()

        def publish_late():
            with transaction.atomic():
                page = publish_article(alpha, "交错发布")
                from cluster.resources import pending

                pending.flush()
                ready.set()
                go_on.wait(20)
            return page

        out = []
        thread = threading.Thread(target=lambda: (out.append(publish_late()), connection.close()))
        thread.start()
        assert ready.wait(20)
        with opened(alpha), in_site(alpha):
            # On the home page: the column's own row is locked by the publisher, who adds a child to it.
            PageViewRestriction.objects.create(page=column_of("dtyw").get_parent(), restriction_type="login")
        work_until_idle()
        go_on.set()
        thread.join(20)
        assert is_published(alpha, out[0]), "for the moment before the worker looks"
        work_until_idle()
        assert not is_published(alpha, out[0])

    def test_the_worker_leaves_a_page_that_is_being_published(self, living):
        alpha, _ = living
        page = publish_article(alpha, "正在编辑")
        with transaction.atomic(), in_site(alpha):
            assert project_pages([page.pk]) == [page.pk]

            def worker():
                with transaction.atomic(), in_site(alpha):
                    return project_pages([page.pk], wait=False)

            assert in_thread(worker) == []
        with transaction.atomic(), in_site(alpha):
            assert project_pages([page.pk], wait=False) == [page.pk]

    def test_marks_of_a_vanished_site_do_not_block(self, living):
        Mark.objects.create(schema_name="site_vanished", scope="page", object_id=1)
        work_until_idle()
        assert not Mark.objects.exists()

    def test_a_second_worker_takes_the_marks_of_another_site(self, living):
        alpha, beta = living
        pages = {site: publish_article(site, "两个工人") for site in living}
        work_until_idle()
        for site in living:  # alpha's are the older ones
            with in_site(site):
                ArticlePage.objects.update(summary="改了")
        with transaction.atomic():
            assert project_marks._claim(alpha.schema_name, 500)
            assert in_thread(project_marks.run) is True
            assert row_of(beta, pages[beta]).summary == "改了"
            assert in_thread(project_marks.run) is False
            assert row_of(alpha, pages[alpha]).summary == "正文"
        assert project_marks.run()
        assert row_of(alpha, pages[alpha]).summary == "改了"

    def test_a_publication_under_way_holds_up_its_own_site_alone(self, living):
        alpha, beta = living
        pages = {site: publish_article(site, "正在发布") for site in living}
        work_until_idle()
        for site in living:
            with in_site(site):
                ArticlePage.objects.update(summary="改了")
        with transaction.atomic(), in_site(alpha):
            project_pages([pages[alpha].pk])
            assert in_thread(project_marks.run) is True
            assert row_of(beta, pages[beta]).summary == "改了"
            assert in_thread(project_marks.run) is False
        work_until_idle()
        assert row_of(alpha, pages[alpha]).summary == "改了"
        assert not Mark.objects.exists()

    def test_batches_are_smaller_than_the_backlog(self, living, monkeypatch):
        alpha, _ = living
        pages = [publish_article(alpha, f"{number}") for number in range(5)]
        work_until_idle()
        monkeypatch.setattr(projection_task, "BATCH", 2)
        with in_site(alpha):
            ArticlePage.objects.update(summary="分批")
        assert project_marks.run()
        assert Mark.objects.count() == 3
        work_until_idle()
        assert {row_of(alpha, page).summary for page in pages} == {"分批"}
