"""/api/search/ and /search/ on two sites, with each engine: shape, filters, refusals, and nothing shown that is withdrawn."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from cluster.resources.models import AttachmentState, AttachmentText
from cluster.subsites.models import Subsite
from search.gather import writes_for
from tests.search.builders import PUBLISHED_AT, make_row, withdraw

LONG = "供热" * 5000
# Word for word what other programs were promised: a further key would become a promise, too.
ANSWER = {"count", "engine", "took_ms", "page", "results", "facets"}
RESULT = {
    *("id", "source_id", "title", "url", "site", "site_name", "kind"),
    *("column", "published_at", "summary", "highlight"),
}


@pytest.fixture
def rows(engine, alpha, beta):
    """Return published rows of both sites that the engine knows."""
    made = [
        make_row(alpha, "甲县供热收费公告", "居民供热价格每平方米四十元<b>。", source_id="s-1", summary="收费标准"),
        make_row(
            beta,
            "乙市供热管理办法",
            "规范供热行为。",
            column_code="zcwj",
            column_name="政策文件",
            column_class="periodic",
        ),
        make_row(alpha, "电梯安全提示", "乘坐电梯。", published_at=PUBLISHED_AT - timedelta(days=500)),
    ]
    engine.write(writes_for(made), refresh=True)
    return made


@pytest.fixture
def ask(client_for, alpha):
    """Return a function that asks the interface on alpha's host."""

    def get(path):
        return client_for(alpha).get(path)

    return get


def titles(response):
    return {result["title"] for result in response.json()["results"]}


class TestTheInterface:
    def test_it_has_the_promised_shape(self, engine, rows, ask):
        response = ask("/api/search/?q=供热收费")
        answer = response.json()
        assert response["X-Search-Engine"] == answer["engine"] == engine.name
        assert answer["page"] == 1
        assert answer["count"] >= 1
        assert isinstance(answer["took_ms"], int)
        assert set(answer) == ANSWER
        first = answer["results"][0]
        assert all(set(result) == RESULT for result in answer["results"])
        assert all({*value} == {"value", "label", "count"} for facet in answer["facets"].values() for value in facet)
        assert first["id"] == str(rows[0].pk)
        assert first["source_id"] == "s-1"
        assert first["title"] == "甲县供热收费公告"
        assert first["url"] == rows[0].url
        assert (first["site"], first["site_name"], first["kind"]) == ("alpha", "甲县人民政府", "county")
        assert first["column"] == "动态要闻"
        assert first["published_at"] == "2026-03-05T16:00:00+08:00"
        assert first["summary"] == "收费标准"
        assert "<em>供热</em>" in first["highlight"]
        assert "&lt;b&gt;" in first["highlight"]
        assert {"site", "region", "kind", "column", "column_class", "year"} == set(answer["facets"])
        assert {"value": "alpha", "label": "甲县人民政府", "count": 1} in answer["facets"]["site"]

    def test_it_answers_the_same_on_every_site(self, engine, rows, client_for, alpha, beta):
        assert titles(client_for(alpha).get("/api/search/?q=供热")) == titles(
            client_for(beta).get("/api/search/?q=供热")
        )

    @pytest.mark.parametrize(
        ("narrowed", "expected"),
        [
            ("", {"甲县供热收费公告", "乙市供热管理办法"}),
            ("&site=alpha", {"甲县供热收费公告"}),
            ("&kind=city", {"乙市供热管理办法"}),
            ("&kind=department", set()),
            ("&region=230200", {"乙市供热管理办法"}),
            ("&region=230100", {"甲县供热收费公告"}),
            ("&region=230000", {"甲县供热收费公告", "乙市供热管理办法"}),
            ("&column=zcwj", {"乙市供热管理办法"}),
            ("&column_class=realtime", {"甲县供热收费公告"}),
            ("&year=2026", {"甲县供热收费公告", "乙市供热管理办法"}),
            ("&year=2025", set()),
            ("&from=2026-03-05&to=2026-03-05", {"甲县供热收费公告", "乙市供热管理办法"}),
            ("&to=2026-03-04", set()),
            ("&site=alpha&kind=city", set()),
            ("&column=gibtesnicht", set()),
        ],
    )
    def test_filters_narrow(self, only_postgres, alpha, beta, ask, narrowed, expected):
        from search.engine import postgres_engine

        made = [
            make_row(alpha, "甲县供热收费公告"),
            make_row(beta, "乙市供热管理办法", column_code="zcwj", column_class="periodic"),
        ]
        postgres_engine().write(writes_for(made))
        assert titles(ask(f"/api/search/?q=供热{narrowed}")) == expected

    def test_by_time_the_newest_comes_first(self, engine, alpha, ask):
        made = [make_row(alpha, f"供热公告{n}", published_at=PUBLISHED_AT + timedelta(days=n)) for n in (2, 3, 1)]
        engine.write(writes_for(made), refresh=True)
        found = ask("/api/search/?q=供热公告&sort=time").json()["results"]
        assert [result["title"][-1] for result in found] == ["3", "2", "1"]

    def test_pages_of_ten_without_gap_or_repeat(self, engine, alpha, beta, ask):
        made = [make_row((alpha, beta)[n % 2], f"供热公告第{n}期") for n in range(73)]
        engine.write(writes_for(made), refresh=True)
        pages = [ask(f"/api/search/?q=供热公告&page={page}").json() for page in range(1, 10)]
        assert [len(page["results"]) for page in pages] == [10] * 7 + [3, 0]
        ids = [result["id"] for page in pages for result in page["results"]]
        assert len(set(ids)) == 73
        assert {page["count"] for page in pages} == {73}

    @pytest.mark.parametrize(
        "query",
        [
            "", "q=", "q=供热&page=0", "q=供热&page=1001", "q=供热&page=x", "q=供热&sort=x", "q=供热&site=gibtesnicht",
            "q=供热&site=console", "q=供热&region=999999", "q=供热&kind=console", "q=供热&kind=x", "q=供热&from=x",
            "q=供热&year=0", "q=%00", "q=%20", f"q={LONG}",
        ],
    )  # fmt: skip
    def test_a_bad_parameter_is_refused_with_a_hint(self, only_postgres, ask, query):
        response = ask(f"/api/search/?{query}")
        assert response.status_code == 400
        assert set(response.json()) == {"error", "hint"}
        assert all(response.json().values())

    @pytest.mark.parametrize("query", ["q=供热", "q=供热&page=1000", "q=供热&site=alpha", "q=***", "q=%F0%9F%98%80"])
    def test_its_allowed_twin_is_answered(self, only_postgres, ask, query):
        assert ask(f"/api/search/?{query}").status_code == 200

    @pytest.mark.parametrize(
        "typed",
        ["*", '"', "AND", "a:b", "/", "a%00b", "%ED%A0%80", "%FF", "%25_", "'", "%F0%9F%91%8D", "a" * 200],
    )
    def test_any_text_ends_well(self, engine, rows, ask, typed):
        assert ask(f"/api/search/?q={typed}").status_code == 200
        assert ask(f"/search/?q={typed}").status_code == 200

    def test_only_reading_is_allowed(self, only_postgres, client_for, alpha):
        assert client_for(alpha).post("/api/search/?q=供热").status_code == 405
        assert client_for(alpha).get("/api/search/?q=供热").status_code == 200

    def test_a_misspelled_query_is_put_right_and_said_so(self, engine, alpha, ask):
        engine.write(writes_for([make_row(alpha, "中华人民共和国证券法", "为了规范证券发行")]), refresh=True)
        answer = ask("/api/search/?q=证卷法").json()
        assert set(answer) == ANSWER
        assert [result["title"] for result in answer["results"]] == ["中华人民共和国证券法"]
        put_right = "以下是“证券法”的结果"
        assert put_right in ask("/search/?q=证卷法").content.decode()
        assert put_right not in ask("/search/?q=证券法").content.decode()

    def test_the_attachments_of_the_site_itself_are_quoted(self, engine, alpha, ask):
        AttachmentText.objects.create(
            schema_name=alpha.schema_name, document_id=7, file="a", filename="附表.pdf", state=AttachmentState.DONE,
            text="蓄热电锅炉补贴标准",
        )  # fmt: skip
        engine.write(writes_for([make_row(alpha, "通知", document_ids=[7])]), refresh=True)
        found = ask("/api/search/?q=蓄热电锅炉").json()["results"][0]
        assert "附件《附表.pdf》" in found["highlight"]
        assert "<em>蓄热电锅炉</em>" in found["highlight"]


class TestNothingWithdrawnIsShown:
    """The index still knows the document in all of these."""

    def test_a_withdrawn_page(self, engine, rows, ask):
        withdraw(rows[0])
        assert titles(ask("/api/search/?q=供热")) == {"乙市供热管理办法"}

    def test_an_erased_row(self, engine, rows, ask):
        rows[0].delete()
        assert titles(ask("/api/search/?q=供热")) == {"乙市供热管理办法"}

    @pytest.mark.parametrize("state", ["suspended", "closed", "preparing"])
    def test_a_site_that_is_not_public(self, only_postgres, alpha, beta, ask, state):
        from search.engine import postgres_engine

        postgres_engine().write(writes_for([make_row(alpha, "甲县供热"), make_row(beta, "乙市供热")]))
        Subsite.objects.filter(pk=beta.pk).update(state=state)
        answer = ask("/api/search/?q=供热")
        assert titles(answer) == {"甲县供热"}
        assert [facet["value"] for facet in answer.json()["facets"]["site"]] == ["alpha"]
        assert ask("/api/search/?q=供热&site=beta").status_code == 400

    def test_a_site_on_trial_is_shown(self, engine, rows, ask, beta):
        Subsite.objects.filter(pk=beta.pk).update(state="trial")
        assert "乙市供热管理办法" in titles(ask("/api/search/?q=供热"))

    def test_a_rewritten_page_shows_its_new_words(self, engine, rows, ask):
        rows[0].title, rows[0].text = "新标题", "新正文"
        rows[0].save()
        shown = {result["title"]: result for result in ask("/api/search/?q=供热收费").json()["results"]}
        assert "甲县供热收费公告" not in shown
        assert shown["新标题"]["highlight"] == "<em>收费</em>标准"  # the summary still says so


class TestThePage:
    def test_results_are_shown_with_marks_filters_and_sorting(self, engine, rows, ask):
        response = ask("/search/?q=供热")
        html = response.content.decode()
        assert response["X-Search-Engine"] == engine.name
        assert "甲县<em>供热</em>收费公告" in html
        assert "找到 2 条" in html
        assert "site=beta" in html
        assert "sort=time" in html
        assert "缩小范围" in html

    def test_it_works_without_script_and_asks_no_other_host(self, engine, rows, ask, alpha):
        html = ask("/search/?q=供热").content.decode()
        main = html[html.index("<main") : html.index("</main>")]
        assert "<script" not in main
        assert set(re.findall(r'(?:src|href)="https?://([^/":]+)', main)) <= {"alpha.localhost", "beta.localhost"}

    def test_without_a_query_it_says_how_to_search(self, only_postgres, ask):
        assert "可以这样检索" in ask("/search/").content.decode()

    def test_without_results_it_says_what_to_try(self, only_postgres, ask):
        html = ask("/search/?q=火星移民&site=alpha").content.decode()
        assert "没有找到相关内容" in html
        assert "在全部站点检索" in html

    def test_a_long_query_is_cut_and_said_so(self, engine, rows, ask):
        response = ask(f"/search/?q={LONG}")
        assert response.status_code == 200
        assert "检索词太长" in response.content.decode()

    def test_a_bad_parameter_keeps_what_was_typed(self, only_postgres, ask):
        response = ask("/search/?q=供热&page=x")
        assert response.status_code == 400
        html = response.content.decode()
        assert 'value="供热"' in html
        assert "页码“x”无法识别" in html

    def test_what_was_typed_is_escaped(self, only_postgres, ask):
        html = ask("/search/?q=" + quote('"><script>alert(1)</script>')).content.decode()
        assert "<script>alert" not in html

    def test_the_chosen_filter_can_be_taken_back(self, engine, rows, ask):
        html = ask("/search/?q=供热&site=beta").content.decode()
        assert "站点：乙市人民政府" in html
        assert "乙市<em>供热</em>管理办法" in html
        assert "甲县<em>供热</em>" not in html

    def test_a_page_behind_the_last_one_leads_back(self, engine, rows, ask):
        html = ask("/search/?q=供热&page=9").content.decode()
        assert "这一页没有结果" in html
        assert "page=1" in html
