"""What the console reads: the sites with their figures, and what the dashboard shows. Reads only.

Called by the views and panels of the console; one query for a list, however long it is.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import CharField, Count, Exists, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from cluster.resources.backlog import FeedStatus, feed_status
from cluster.resources.models import Change, Consumer, Mark, Resource, ResourceState
from cluster.subsites.models import Domain, Job, JobState, SiteKind, SiteState, Subsite

# A drain says that it lives every few seconds; after this long somebody should look.
CONSUMER_SILENCE = timedelta(minutes=2)
JOB_PATIENCE = timedelta(seconds=30)
SUSPENSION_LIMIT = timedelta(days=30)
FAILED_JOBS_SHOWN = timedelta(days=7)


def managed_sites() -> QuerySet[Subsite]:
    """Return every site but the console, each with host, number of items and time of the last publication."""
    published = Resource.objects.filter(site=OuterRef("pk"), state=ResourceState.PUBLISHED).order_by().values("site")
    hosts = Domain.objects.filter(tenant=OuterRef("pk")).order_by("-is_primary", "id").values("domain")
    return (
        Subsite.objects.exclude(kind=SiteKind.CONSOLE)
        .select_related("region", "parent")
        .annotate(
            # The name under which the row remembers its host, so that no link asks the database for it.
            _primary_host=Coalesce(
                Subquery(hosts[:1]), Concat(F("code"), Value(f".{settings.SITE_HOST_SUFFIX}")), output_field=CharField()
            ),
            items=Coalesce(Subquery(published.annotate(n=Count("*")).values("n")), 0),
            last_published_at=Subquery(
                published.annotate(last=Max(Coalesce("first_published_at", "published_at"))).values("last")
            ),
        )
    )


@dataclass(frozen=True)
class StateRow:
    """One line of the table of kinds and states."""

    kind: str
    counts: tuple[int, ...]
    total: int


def state_table() -> list[StateRow]:
    """Return how many sites of each kind are in each state, kinds without a site left out, with a line of sums."""
    found = Counter(Subsite.objects.exclude(kind=SiteKind.CONSOLE).values_list("kind", "state"))
    rows = []
    for kind in SiteKind:
        counts = tuple(found[kind.value, state.value] for state in SiteState)
        if sum(counts):
            rows.append(StateRow(str(kind.label), counts, sum(counts)))
    sums = tuple(sum(column) for column in zip(*(row.counts for row in rows), strict=True)) or (0,) * len(SiteState)
    return [*rows, StateRow("合计", sums, sum(sums))]


def unfinished_jobs() -> QuerySet[Job]:
    """Return the jobs that wait or run, oldest first."""
    return Job.objects.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).order_by("created_at")


def failed_jobs() -> QuerySet[Job]:
    """Return the jobs that failed within a week and were not done by a later one."""
    later = Job.objects.filter(
        kind=OuterRef("kind"),
        params__code=OuterRef("params__code"),
        state=JobState.DONE,
        created_at__gt=OuterRef("created_at"),
    )
    failed = Job.objects.filter(state=JobState.FAILED, created_at__gt=timezone.now() - FAILED_JOBS_SHOWN)
    return failed.exclude(Exists(later))


def waits_too_long(job: Job) -> bool:
    """Tell whether nobody has taken up the job for so long that the worker may not be running."""
    return job.state == JobState.QUEUED and timezone.now() - job.created_at > JOB_PATIENCE


def overdue_suspensions() -> QuerySet[Subsite]:
    """Return the sites that are offline for longer than the thirty days of the rules."""
    return Subsite.objects.filter(
        state=SiteState.SUSPENDED, state_changed_at__lt=timezone.now() - SUSPENSION_LIMIT
    ).order_by("state_changed_at")


def quiet_sites(limit: int = 8) -> list[Subsite]:
    """Return the public sites that have published nothing for longest."""
    sites = managed_sites().filter(state__in=(SiteState.OPEN, SiteState.TRIAL))
    return list(sites.order_by(F("last_published_at").asc(nulls_first=True), "code")[:limit])


@dataclass(frozen=True)
class ListenerState:
    """A consumer of the change feed as the office sees it: who, how far behind, alive or not."""

    name: str
    active: bool
    is_silent: bool
    heartbeat_at: object
    waiting: int
    parked: int


NAMES = {"search-elasticsearch": "检索引擎 Elasticsearch", "search-postgres": "检索引擎 PostgreSQL"}


def listeners(status: FeedStatus) -> list[ListenerState]:
    """Return the consumers with their backlog and their last sign of life."""
    now = timezone.now()
    return [
        ListenerState(
            name=NAMES.get(row.name, row.name),
            active=row.active,
            is_silent=now - row.heartbeat_at > CONSUMER_SILENCE,
            heartbeat_at=row.heartbeat_at,
            waiting=status.changes.get(row.name, 0),
            parked=status.parked_changes.get(row.name, 0),
        )
        for row in Consumer.objects.order_by("name")
    ]


@dataclass(frozen=True)
class ParkedRow:
    """A row of the feed that was put aside, in words."""

    what: str
    site: str
    attempts: int
    parked_at: object
    error: str


def parked_marks(limit: int) -> list[ParkedRow]:
    """Return the newest marks that could not be entered into the registry."""
    sites = dict(Subsite.objects.values_list("schema_name", "name"))
    return [
        ParkedRow(
            what=f"{row.get_scope_display()} {row.object_id or ''}".strip(),
            site=sites.get(row.schema_name, row.schema_name),
            attempts=row.attempts,
            parked_at=row.parked_at,
            error=row.error,
        )
        for row in Mark.objects.exclude(parked_at=None).order_by("-parked_at")[:limit]
    ]


def parked_changes(limit: int) -> list[ParkedRow]:
    """Return the newest changes that a consumer could not take."""
    rows = list(Change.objects.exclude(parked_at=None).order_by("-parked_at")[:limit])
    resources = Resource.objects.select_related("site").in_bulk([row.resource_id for row in rows])
    return [
        ParkedRow(
            what=f"{NAMES.get(row.consumer, row.consumer)}：{found.title if found else '已删除的信息'}",
            site=found.site.name if found else "",
            attempts=row.attempts,
            parked_at=row.parked_at,
            error=row.error,
        )
        for row in rows
        for found in [resources.get(row.resource_id)]
    ]


def parked_total() -> int:
    """Return how many rows of the feed were put aside."""
    status = feed_status()
    return status.parked_marks + sum(status.parked_changes.values())
