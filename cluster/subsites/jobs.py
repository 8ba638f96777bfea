"""Jobs: what the console orders and the worker does, with progress, repeatable after a kill.

The console writes Job rows (`order_job`); the worker's `run_jobs` claims one at a time by a lease that it renews.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from cluster.audit.actor import acting_as, current_actor
from cluster.resources.backlog import retry_parked
from cluster.subsites.errors import SiteError, SiteExists
from cluster.subsites.models import Job, JobState, SiteState, Subsite
from cluster.subsites.queries import site_by_code
from cluster.subsites.services import close_site, move_site, open_site, repair_site, resume_site, suspend_site

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)

Report = Callable[[str, int], None]


def order_job(kind: str, params: dict[str, Any], *, title: str, number: uuid.UUID | None = None) -> Job:
    """Queue a job under the current actor; the worker is woken at the commit.

    Raises IntegrityError where the number, if one is given, is another job's.
    """
    if kind not in LABELS:
        raise ValueError(kind)
    actor = current_actor()
    job = Job.objects.create(
        pk=number or uuid.uuid4(),
        kind=kind,
        params=params,
        step=title[:120],
        actor={"name": actor.name, "person": actor.person, "site": actor.site} if actor else {},
    )
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY qunzhan_feed")
    return job


def _open(job: Job, report: Report) -> str:
    report("核对资料并复制基础模板", 20)
    try:
        site = open_site(**job.params)
    except SiteExists:
        # The job was killed after its commit: the site is there, as ordered, and the job is done.
        there = Subsite.objects.filter(code=job.params["code"], name=job.params["name"].strip()).first()
        if there is None or job.created_at > there.created_at:
            raise
        site = there
    report("检查栏目、域名和触发器", 80)
    repair_site(site)
    return f"已开通：{site.root_url}/"


def _move(service: Callable[..., Subsite]) -> Callable[[Job, Report], str]:
    def run(job: Job, report: Report) -> str:
        report("变更站点状态", 30)
        successor = {name: job.params[name] for name in ("successor_name", "successor_url") if job.params.get(name)}
        site = service(site_by_code(job.params["code"]), reason=job.params.get("reason", ""), **successor)
        report("安排信息退出或进入检索", 90)
        return f"{site.name} 现为：{site.get_state_display()}"

    return run


def _retry(job: Job, report: Report) -> str:
    report("重新排队", 50)
    return f"已重新排队 {retry_parked()} 条变更，后台将逐条再试。"


KINDS: dict[str, Callable[[Job, Report], str]] = {
    "open_site": _open,
    "trial_site": _move(partial(move_site, to=SiteState.TRIAL)),
    "suspend_site": _move(suspend_site),
    "resume_site": _move(resume_site),
    "close_site": _move(close_site),
    # The web role may only read the feed, so this, too, is the worker's.
    "retry_parked": _retry,
}
LABELS = {
    "open_site": "开通站点",
    "trial_site": "转为试运行",
    "suspend_site": "临时下线",
    "resume_site": "转为正常运行",
    "close_site": "永久下线",
    "retry_parked": "重新处理搁置的变更",
    **{kind: label for kind, (label, _) in settings.FURTHER_JOBS.items()},
}


def _runner(kind: str) -> Callable[[Job, Report], str]:
    """Return what does a job of this kind; apps above this one name theirs in the settings."""
    return KINDS.get(kind) or import_string(settings.FURTHER_JOBS[kind][1])


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renew the lease from a thread of its own: opening holds the worker's connection in one long transaction."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(LEASE.total_seconds() / 4):
            try:
                Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now())
            except Exception as error:
                logger.warning("任务 %s 的心跳没有写入：%s", job.pk, error)
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name=f"job-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


class RunJobs:
    """Worker task: do the next job."""

    name = "jobs"
    interval = 2.0

    def run(self) -> bool:
        """Claim and do one job; return whether there was one."""
        job = self._claim()
        if job is None:
            return False
        with acting_as(
            name=job.actor.get("name", "") or "后台任务",
            person=job.actor.get("person", ""),
            site=job.actor.get("site", ""),
            reason=job.params.get("reason", ""),
            occasion=f"后台任务 {LABELS.get(job.kind, job.kind)}",
        ):
            self._do(job)
        return True

    @staticmethod
    def _claim() -> Job | None:
        now = timezone.now()
        with transaction.atomic():
            job = (
                Job.objects.filter(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, heartbeat_at__lt=now - LEASE))
                .order_by("created_at")
                .select_for_update(skip_locked=True)
                .first()
            )
            if job is not None:
                job.state, job.heartbeat_at, job.started_at = JobState.RUNNING, now, job.started_at or now
                job.save(update_fields=["state", "heartbeat_at", "started_at"])
        return job

    @staticmethod
    def _do(job: Job) -> None:
        def report(step: str, progress: int) -> None:
            job.step, job.progress = step, progress
            job.log = [*job.log, f"{timezone.localtime():%H:%M:%S} {step}"][-200:]
            job.save(update_fields=["step", "progress", "log"])

        try:
            with _heartbeat(job):
                job.message = _runner(job.kind)(job, report)
            job.state, job.progress, job.step = JobState.DONE, 100, "完成"
        except SiteError as error:
            job.state, job.message = JobState.FAILED, str(error)
        except Exception as error:
            logger.exception("任务 %s 失败", job.pk)
            connection.close_if_unusable_or_obsolete()
            job.state = JobState.FAILED
            job.message = f"任务未完成（{type(error).__name__}）。请查看运行日志，排除原因后重新提交。"
        job.finished_at = timezone.now()
        job.save(update_fields=["state", "step", "progress", "message", "log", "finished_at"])


run_jobs = RunJobs()
