"""How long the inspection of the whole province takes: 113 sites, the columns of the standard set, 200,000 items.

Sites, columns and items are bulk rows of the public tables without schemas and pages behind them: the inspection reads nothing
else. All happens in one transaction that is undone, so the other measurements find the database as it was.
"""

import csv
import time
from collections.abc import Iterator
from unittest.mock import patch

from django.db import connection, transaction
from django.test import Client, override_settings

from cluster.column_templates.current import current_law
from cluster.inspection import facts
from cluster.inspection.clock import look_again, store
from cluster.inspection.evaluation import evaluate
from cluster.inspection.models import ColumnRecord
from cluster.inspection.outcomes import store_outcomes
from cluster.resources.models import Consumer
from cluster.subsites.models import Domain, Region, Subsite
from tests.bench.figures import Figure
from tests.bench.workshop import PROVINCE, Workshop
from tests.support.people import make_user, sign_in

ITEMS = 200_000
PAGES = 10
# Of the same length as the short articles of the drain, a fifteenth of them official documents with an index number.
FILL = """
INSERT INTO public.resources_resource (id, site_id, page_id, page_type, source_id, state, title, path, summary, text, column_code,
    column_name, column_class, source, author, issuer, doc_no, region_name, level, category, keywords, published_at,
    first_published_at, document_ids, image_ids, attachments_digest, content_hash, index_number, document_kind, theme, pub_date)
SELECT gen_random_uuid(), s.id, 2000000000 + n,
    CASE WHEN n %% 15 = 0 THEN 'content.PolicyDocumentPage' ELSE 'content.ArticlePage' END, '',
    'published', '关于第' || n || '号事项的通知', '/bench/' || n || '/', repeat('摘要', 20), repeat('正文内容', 60), c.code, c.name,
    c.column_class, s.name, '', s.name, '["黑政发〔2026〕5号"]', '', '', '', '', at, at, '{}', '{}', '', md5(n::text) || md5(n::text),
    CASE WHEN n %% 15 = 0 THEN '2300000001/2026-' || lpad((n / 15)::text, 5, '0') ELSE '' END, '通知', '02', at::date - 5
FROM generate_series(%(first)s::int, %(last)s::int) AS n
     CROSS JOIN LATERAL (SELECT now() - interval '1 hour' * (n * 7919 %% 12000) AS at) AS moment
     JOIN bench_place p ON p.number = n %% %(places)s
     JOIN public.inspection_columnrecord c ON c.id = p.id JOIN public.subsites_subsite s ON s.id = c.site_id"""


def inspect(workshop: Workshop) -> Iterator[Figure]:
    """Measure the evaluation of everything, now and as of a day of the past, the storing of states, and the board."""
    _ = workshop.few_sites
    with transaction.atomic():
        columns = _make_province()
        began = time.perf_counter()
        found = evaluate()
        seconds = time.perf_counter() - began
        assert (len(found.sites), sum(map(len, found.columns.values()))) == (113, columns)
        yield Figure("inspect_all", seconds, "s", ITEMS)
        yield Figure("inspect_columns_judged", columns, "columns", len(found.sites))
        began = time.perf_counter()
        # Today by the road of the past: through the ledger's two hundred thousand publications.
        with patch.object(facts, "ITEMS_NOW", facts.ITEMS_THEN):
            evaluate()
        yield Figure("inspect_past_day", time.perf_counter() - began, "s", ITEMS)
        began = time.perf_counter()
        store(found)
        store_outcomes(found)
        yield Figure("inspect_store_states", time.perf_counter() - began, "s", columns)
        began = time.perf_counter()
        look_again([found.sites[1].code])
        yield Figure("inspect_after_publication", time.perf_counter() - began, "s")
        yield Figure("inspect_board", max(_board()), "s", PAGES)
        transaction.set_rollback(True)


def _make_province() -> int:
    """Put in sites, column records and items; return how many mandatory columns the sites must have."""
    law = current_law()
    Consumer.objects.all().update(active=False)
    with PROVINCE.open(encoding="utf-8", newline="") as file:
        orders = list(csv.DictReader(file))
    present = set(Subsite.objects.values_list("code", flat=True))
    new = [order for order in orders if order["code"] not in present]
    Subsite.objects.bulk_create(
        Subsite(
            code=order["code"],
            name=order["name"],
            kind=order["kind"],
            region=Region.objects.filter(pk=order["region"]).first(),
            id_code=order["id_code"],
            schema_name=f"bench_{order['code'].replace('-', '_')}",
            state="open",
        )
        for order in new
    )
    codes = [order["code"] for order in orders]
    sites = list(Subsite.objects.filter(code__in=codes))
    Domain.objects.bulk_create(
        Domain(domain=f"{site.code}.localhost", tenant=site, is_primary=True)
        for site in sites
        if site.code not in present
    )
    ColumnRecord.objects.filter(site__in=sites).delete()
    ColumnRecord.objects.bulk_create(
        ColumnRecord(
            site=site,
            page_id=number,
            code=column.code,
            name=column.name,
            parent_code=column.parent,
            place=f"{number:08d}",
            column_class=column.column_class,
            column_type=column.column_type,
            description=column.description,
            keywords=column.keywords,
            live=True,
            planted=True,
            since=site.created_at,
        )
        for site in sites
        for number, column in enumerate(law.of(site.kind).columns)
    )
    _fill()
    return sum(1 for site in sites for column in law.of(site.kind).columns if column.mandatory)


def _fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMPORARY TABLE bench_place ON COMMIT DROP AS
               SELECT row_number() OVER (ORDER BY id) - 1 AS number, id FROM public.inspection_columnrecord WHERE until IS NULL"""
        )
        cursor.execute("SELECT count(*) FROM bench_place")
        places = cursor.fetchone()[0]
        for first in range(1, ITEMS, 20_000):
            cursor.execute(FILL, {"first": first, "last": first + 19_999, "places": places})
        for table in ("resources_resource", "audit_ledgerentry", "inspection_columnrecord", "subsites_subsite"):
            cursor.execute(f"ANALYZE public.{table}")


def _board() -> Iterator[float]:
    """Ask for the board as the office does; yield the seconds of each page, filtered and ordered in several ways."""
    console = Subsite.objects.get(code="console")
    plain = {
        "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=plain):
        client = sign_in(Client(HTTP_HOST=console.primary_host), make_user(console, "office", "测量"))
        client.get("/admin/console/board/")
        queries = ("", "?state=late", "?kind=county&ordering=-due_on", "?p=50", "?officer=张&region=230000")
        for number in range(PAGES):
            began = time.perf_counter()
            answer = client.get("/admin/console/board/" + queries[number % len(queries)])
            yield time.perf_counter() - began
            assert answer.status_code == 200, answer.status_code
