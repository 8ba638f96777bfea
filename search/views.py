"""The search page and the search interface (JSON), the same on every site. Called by search.urls; asks search.queries.

GET only, for everybody, without cookies. The header X-Search-Engine says who answered.
"""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cluster.context import current_site
from search.parameters import BadParameter, Parameters, read_parameters
from search.parsing import MAX_QUERY_LENGTH
from search.presenting import page_context
from search.queries import Result, Results, search_cluster

ENGINE_HEADER = "X-Search-Engine"


@require_safe
def search_api(request: HttpRequest) -> JsonResponse:
    """Answer a search as JSON; a bad parameter gets 400 with what is wrong and what to do."""
    started = time.perf_counter()
    try:
        parameters = read_parameters(request.GET.dict())
        if not parameters.q:
            raise BadParameter("没有检索词。", "请在参数 q 中给出检索词，例如 /api/search/?q=供热。")
        found = search_cluster(parameters)
    except BadParameter as refused:
        return JsonResponse({"error": refused.error, "hint": refused.hint}, status=400)
    response = JsonResponse(_answer(found, parameters, round((time.perf_counter() - started) * 1000)))
    response[ENGINE_HEADER] = found.engine
    return response


def _answer(found: Results, parameters: Parameters, took_ms: int) -> dict[str, Any]:
    return {
        "count": found.total,
        "engine": found.engine,
        "took_ms": took_ms,
        "page": parameters.page,
        "results": [_result(result) for result in found.results],
        "facets": {
            facet.name: [{"value": v.value, "label": v.label, "count": v.count} for v in facet.values]
            for facet in found.facets
        },
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "source_id": result.source_id,
        "title": result.title,
        "url": result.url,
        "site": result.site.code,
        "site_name": result.site.name,
        "kind": result.site.kind,
        "column": result.column,
        "published_at": timezone.localtime(result.published_at).isoformat(),
        "summary": result.summary,
        "highlight": result.highlight,
    }


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Show the search page: form, filters, results, and a designed answer for every way in which there are none."""
    refused = found = None
    parameters = Parameters(q=request.GET.get("q", "")[: 2 * MAX_QUERY_LENGTH].replace("\x00", " ").strip())
    try:
        parameters = read_parameters(request.GET.dict(), cut_long=True)
        if parameters.q:
            found = search_cluster(parameters)
    except BadParameter as error:
        refused = error
    context = page_context(request.GET, parameters, found, refused, current_site())
    response = render(request, "search/results.html", context, status=400 if refused else 200)
    if found:
        response[ENGINE_HEADER] = found.engine
    return response
