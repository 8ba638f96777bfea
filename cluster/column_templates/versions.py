"""Versions: write the next one, or give it up; the newest texts; who wrote them. A trigger tells the ledger of each step.

Called by the command column_templates and the console. Putting a version in force is the work of apply.
"""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cluster.audit.actor import current_actor, tell_database
from cluster.column_templates import vocabulary
from cluster.column_templates.models import TemplateVersion, VersionState
from cluster.column_templates.reading import read_law
from cluster.column_templates.sources import digest_of, shipped_sources
from cluster.subsites.errors import SiteError


class NothingNew(SiteError):
    """The texts are those of the version in force."""


class DraftChanged(SiteError):
    """Somebody else wrote the draft since it was opened for editing."""


class DraftOfAnother(SiteError):
    """Somebody else is writing the next version."""


class NoSuchVersion(SiteError):
    """A number that no version has."""


def version_in_force() -> TemplateVersion | None:
    """Return the current version; None on a cluster whose first one has not been recorded."""
    return TemplateVersion.objects.filter(state=VersionState.CURRENT).first()


def draft() -> TemplateVersion | None:
    """Return the next version, if one is being written."""
    return TemplateVersion.objects.filter(state=VersionState.DRAFT).first()


def version(number: int) -> TemplateVersion:
    """Return a version by its number. Raises NoSuchVersion."""
    found = TemplateVersion.objects.filter(number=number).first()
    if found is None:
        known = "、".join(map(str, TemplateVersion.objects.order_by("number").values_list("number", flat=True)))
        raise NoSuchVersion(f"没有第 {number} 版。现有：{known}。")
    return found


def newest_version() -> TemplateVersion | None:
    """Return the version that the next edit starts from: the draft, else the one in force."""
    return draft() or version_in_force()


def newest_sources() -> dict[str, str]:
    """Return the texts that the next edit starts from: the newest version's, else the shipped."""
    newest = newest_version()
    return dict(newest.sources) if newest else shipped_sources()


def refuse_to_replace(newest: TemplateVersion, name: str) -> None:
    """Raise DraftOfAnother where the newest version is a draft that not this person wrote."""
    if newest.state == VersionState.DRAFT and newest.author != name:
        said = f"说明：{newest.note}。" if newest.note else ""
        raise DraftOfAnother(
            f"已有第 {newest.number} 版草稿（{newest.written_text}），没有载入。{said}"
            "请先用 column_templates diff 看它改了什么，与编制人商定；确要改写的，加上 --replace。"
        )


@transaction.atomic
def save_draft(sources: Mapping[str, str], *, note: str = "", edited: str | None = None) -> TemplateVersion:
    """Make these texts the next version; they replace a draft that is there, and only once they have been found right.

    `edited` is the digest of the texts that the writer started from. Raises BrokenTemplates, NothingNew, DraftChanged.
    """
    read_law(sources)
    tell_database()
    # Two writers wait for one another here, and number their versions one after the other.
    in_force = TemplateVersion.objects.select_for_update().filter(state=VersionState.CURRENT).first()
    found = TemplateVersion.objects.select_for_update().filter(state=VersionState.DRAFT).first()
    newest = found or in_force
    if edited is not None and newest and newest.digest != edited:
        raise DraftChanged("在您编辑期间，别人已经保存了下一版。请先复制自己改动的部分，再打开最新的文本重新修改。")
    digest = digest_of(sources)
    if in_force and in_force.digest == digest and in_force.language == vocabulary.LANGUAGE:
        raise NothingNew(f"文本与现行的第 {in_force.number} 版完全相同，没有产生新的版本。")
    if found is None:
        highest = TemplateVersion.objects.aggregate(highest=Max("number"))["highest"]
        found = TemplateVersion(number=(highest or 0) + 1)
    actor = current_actor()
    found.sources, found.digest, found.note = dict(sources), digest, note or found.note
    found.language = vocabulary.LANGUAGE
    found.actor = actor.as_values() if actor else {}
    found.created_at = timezone.now()
    found.save()
    return found


@transaction.atomic
def discard_draft() -> None:
    """Give the next version up. Raises NoSuchVersion where there is none."""
    tell_database()
    deleted, _ = TemplateVersion.objects.filter(state=VersionState.DRAFT).delete()
    if not deleted:
        raise NoSuchVersion("没有正在编制的下一版。")
