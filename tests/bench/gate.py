"""How long the publish gate takes: for an editor who writes, for an item in a batch, and until the worker finds what went around it.

The rules are those of the shipped templates, the items documents with all their marks; batches are measured in transactions that
are undone.
"""

import time
from collections.abc import Iterator
from statistics import median

from django.db import connection, transaction
from wagtail.models import Page

from cluster.audit.actor import acting_as
from cluster.context import in_site
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from sites.common.gate.examining import live_items
from sites.common.gate.passes import pass_pages
from sites.common.gate.rechecking import recheck
from tests.bench.figures import Figure
from tests.bench.measuring import percentile
from tests.bench.workshop import Workshop
from tests.support.accounts import make_account
from tests.support.citizen import Visitor
from tests.support.documents import publish_document
from tests.support.running import Product, wait_until

BATCH, QUESTIONS, CHANGES = 500, 60, 40


def gate(workshop: Workshop) -> Iterator[Figure]:
    """Measure the side panel over HTTP, a batch with its passes, the worker's second look, and changes around the gate."""
    code, _ = workshop.few_sites
    site = Subsite.objects.get(code=code)
    documents = [
        publish_document(site, f"第{number}号通知", doc_no=[f"哈政发〔2026〕{number + 1}号"]) for number in range(BATCH)
    ]
    page_ids = [page.pk for page in documents]
    with in_site(site), acting_as(name="bench", site=code, reason="bench"), transaction.atomic():
        items = live_items(page_ids)
        began = time.perf_counter()
        pass_pages(site, items)
        yield Figure("gate_item_ms", 1000 * (time.perf_counter() - began) / BATCH, "ms", BATCH)
        transaction.set_rollback(True)
    with in_site(site), transaction.atomic():
        digests: dict[Page, str] = dict.fromkeys(items, "")  # as no pass says
        began = time.perf_counter()
        recheck(site, digests)
        yield Figure("gate_second_look_ms", 1000 * (time.perf_counter() - began) / BATCH, "ms", BATCH)
        transaction.set_rollback(True)
    with workshop.running() as product:
        asked = _ask_the_panel(product, site, page_ids[0])
        yield Figure("gate_editor_p50", 1000 * median(asked), "ms", QUESTIONS)
        yield Figure("gate_editor_p95", 1000 * percentile(asked, 0.95), "ms", QUESTIONS)
        found = [_seconds_until_taken_off(site, page_id) for page_id in page_ids[:CHANGES]]
        yield Figure("gate_found_around_p50", median(found), "s", CHANGES)
        yield Figure("gate_found_around_max", max(found), "s", CHANGES)


def _ask_the_panel(product: Product, site: Subsite, page_id: int) -> list[float]:
    """Have the unsaved form judged again and again, as the editor's page does while somebody writes."""
    account = make_account(site, "editor", "bench-gate")
    visitor = Visitor(product, site.code).sign_in(account.username)
    address = f"/admin/pages/{page_id}/edit/"
    form = {**visitor.form(address, "page-edit-form"), "body-count": "0"}
    seconds = []
    for _ in range(QUESTIONS):
        began = time.perf_counter()
        answer = visitor.post(f"{address}?gate-state=1", form)
        seconds.append(time.perf_counter() - began)
        assert "html" in answer.json()
    return seconds


def _seconds_until_taken_off(site: Subsite, page_id: int) -> float:
    """Break a rule by SQL and wait until the registry knows the item no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {site.schema_name}.content_policydocumentpage SET doc_no = '["不合格式"]' WHERE page_ptr_id = %s""",
            [page_id],
        )
    row = Resource.objects.filter(site=site, page_id=page_id)
    return wait_until(lambda: row.get().state == "withdrawn", 60, "the worker takes it off")
