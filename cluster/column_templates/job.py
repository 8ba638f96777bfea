"""The job that applies a version: what the console orders and the worker does. Named by settings.FURTHER_JOBS."""

from collections.abc import Callable

from cluster.column_templates.applying import ApplyRefused, apply_version
from cluster.subsites.models import Job


class Interrupted(ApplyRefused):
    """Somebody asked in the console to stop."""


def apply_columns(job: Job, report: Callable[[str, int], None]) -> str:
    """Apply the version that the job names; ends early, between two sites, where somebody has asked for it."""

    def progress(name: str, done: int, total: int) -> None:
        report(f"{name} {done}/{total}", done * 99 // total)
        if Job.objects.filter(pk=job.pk, params__stop=True).exists():
            # Whoever orders it again wants it to go on.
            Job.objects.filter(pk=job.pk).update(params={k: v for k, v in job.params.items() if k != "stop"})
            raise Interrupted(f"已按要求中断：处理到第 {done} 个，共 {total} 个。再次应用即从中断处继续。")

    found = apply_version(
        int(job.params["version"]),
        # The texts whose plan the office has seen: what was saved while the job waited is not applied unseen.
        digest=job.params.get("digest", ""),
        site_code=job.params.get("code", ""),
        progress=progress,
    )
    if found.failed:
        raise ApplyRefused(found.sentence())
    return found.sentence()


def ask_to_stop(job: Job) -> None:
    """Let the job end after the site that it works on."""
    Job.objects.filter(pk=job.pk).update(params={**job.params, "stop": True})
