"""One search from parameters to what is shown. Called by views and search_eval; asks search.engine, reads the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cluster.resources.models import AttachmentState, AttachmentText, Resource
from cluster.subsites.models import SiteKind
from search.directory import Directory, SiteCard, read_directory
from search.engine import is_degraded, with_best_engine
from search.engines.base import SearchEngine, SearchPage, SearchRequest
from search.facets import Facet, facets_of
from search.finding import Found, find
from search.highlight import Highlighter
from search.parameters import PAGE_SIZE, BadParameter, Parameters
from search.parsing import ParsedQuery, parse_query


@dataclass(frozen=True)
class Result:
    """One result as it is shown. `title_html` and `highlight` are HTML, safe, with `<em>`."""

    id: str
    source_id: str
    title: str
    title_html: str
    url: str
    site: SiteCard
    column: str
    published_at: datetime
    summary: str
    highlight: str
    doc_no: tuple[str, ...]
    is_current: bool | None
    # In words, for official documents; empty for everything else.
    validity: str = ""


@dataclass(frozen=True)
class Results:
    """A page of results and all that belongs to it; `corrected` is what was searched for in place of a misspelled query."""

    query: ParsedQuery
    directory: Directory
    engine: str
    is_degraded: bool
    total: int = 0
    results: tuple[Result, ...] = ()
    facets: tuple[Facet, ...] = ()
    corrected: str = ""


def search_cluster(parameters: Parameters) -> Results:
    """Search the public sites; raises BadParameter for a site, region or kind that is not there."""
    query, directory = parse_query(parameters.q), read_directory()
    request = _request(parameters, query, directory)
    found, engine = with_best_engine(lambda engine: _find(engine, request, parameters.page))
    return Results(
        query=found.query,
        directory=directory,
        engine=engine.name,
        is_degraded=is_degraded(engine),
        total=found.total,
        results=tuple(_shown(found.rows, found.query, directory)),
        facets=facets_of(found.page.counts, directory),
        corrected=found.corrected,
    )


def found_source_ids(text: str, engine: SearchEngine, limit: int) -> list[str]:
    """Return the source ids that an engine finds in the whole cluster, best first: what search_eval measures."""
    request = SearchRequest(query=parse_query(text), public_sites=frozenset(read_directory().cards))
    if request.query.is_empty:
        return []
    rows = find(engine, request, page=1, size=limit).rows
    return list(dict.fromkeys(row.source_id for row in rows if row.source_id))


def _find(engine: SearchEngine, request: SearchRequest, page: int) -> Found:
    """Search, unless nothing searchable was typed."""
    if request.query.is_empty:
        return Found((), 0, SearchPage(), request.query)
    return find(engine, request, page, PAGE_SIZE)


def _request(parameters: Parameters, query: ParsedQuery, directory: Directory) -> SearchRequest:
    """Turn parameters into a request; every filter by site becomes a set of site codes."""
    return SearchRequest(
        query=query,
        public_sites=frozenset(directory.cards),
        sites=_sites(parameters, directory),
        column=parameters.column,
        column_class=parameters.column_class,
        since=parameters.begins_at,
        until=parameters.ends_before,
        sort=parameters.sort,
    )


def _sites(parameters: Parameters, directory: Directory) -> frozenset[str] | None:
    """Return the codes of the sites that the filters leave, or None if there is no such filter."""
    chosen = []
    if parameters.site:
        if parameters.site not in directory.cards:
            raise BadParameter(f"没有代码为“{parameters.site}”的站点。", "请去掉 site，或使用筛选项里列出的站点代码。")
        chosen.append(frozenset({parameters.site}))
    if parameters.region:
        if parameters.region not in directory.regions:
            raise BadParameter(f"没有代码为“{parameters.region}”的行政区划。", "参数 region 请用六位行政区划代码。")
        chosen.append(directory.within(parameters.region))
    if parameters.kind:
        kinds = [kind for kind in SiteKind.values if kind != SiteKind.CONSOLE]
        if parameters.kind not in kinds:
            raise BadParameter(f"没有“{parameters.kind}”这一类站点。", f"参数 kind 可用 {'、'.join(kinds)}。")
        chosen.append(directory.of_kind(parameters.kind))
    return frozenset.intersection(*chosen) if chosen else None


def _shown(rows: Sequence[Resource], query: ParsedQuery, directory: Directory) -> list[Result]:
    """Read the texts of one page's rows and mark the query's words."""
    highlighter = Highlighter.for_query(query)
    texts = dict(Resource.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "text"))
    attachments = _attachment_texts(rows)
    return [
        Result(
            id=str(row.pk),
            source_id=row.source_id,
            title=row.title,
            title_html=highlighter.title(row.title),
            url=directory.cards[row.site.code].root_url + row.path,
            site=directory.cards[row.site.code],
            column=row.column_name,
            published_at=row.published_at,
            summary=row.summary,
            highlight=highlighter.snippet(texts.get(row.pk, ""), row.summary, attachments.get(row.pk, "")),
            doc_no=tuple(map(str, row.doc_no)),
            is_current=row.is_current,
            validity=row.get_validity_display(),
        )
        for row in rows
    ]


def _attachment_texts(rows: Sequence[Resource]) -> dict[object, str]:
    """Return resource id → the texts of its attachments, for the rows that have any."""
    texts: dict[object, str] = {}
    for row in rows:
        if row.document_ids:
            found = AttachmentText.objects.filter(
                schema_name=row.site.schema_name, document_id__in=row.document_ids, state=AttachmentState.DONE
            )
            texts[row.pk] = "\n".join(f"附件《{text.filename}》：{text.text}" for text in found)
    return texts
