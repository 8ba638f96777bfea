"""What the law stands on, as the nightly check looks at it: functions, triggers and rights in `public` and the sites, constraints.

Called by `guarding`. Each look names what differs; with `repair` it is put right and looked at again.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from cluster.column_templates.trees import with_tables
from cluster.context import in_public, in_site
from cluster.resources import public_schema, triggers
from cluster.resources.strangers import Stranger
from cluster.subsites import constraints, web_rights
from cluster.subsites.migration import BARE
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `repaired` says whether it is by now."""

    site: str
    text: str
    repaired: bool = False

    def __str__(self) -> str:
        return f"{self.site or '公共库'}：{self.text}{'（已修复）' if self.repaired else ''}"


class PeopleDecide(RuntimeError):
    """What no machine may put right by itself; str() says what people have to do."""


def attempt(what: str, mend: Callable[[], object]) -> bool:
    """Mend something in a transaction of its own; return whether that went well. A failure is written into the log.

    Raises PeopleDecide.
    """
    try:
        with transaction.atomic():
            mend()
    except PeopleDecide:
        raise
    except Exception:
        logger.exception("%s未能修复", what)
        if not connection.is_usable():
            connection.close()
        return False
    return True


def check_public(*, repair: bool) -> list[Finding]:
    """Look at our functions and triggers in `public`, at who may call those, and at what the web role may do there."""
    found = _without_strangers(triggers.strangers_in_public(), {}, repair)
    looks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("数据库中的保护函数与程序不一致", public_schema.functions_are_ours),
        ("共用表上的触发器被停用、改动或删除", public_schema.triggers_are_ours),
        ("保护函数被授权给不该调用的角色", _nobody_strange_calls),
    )
    wrong = [(text, look) for text, look in looks if not look()]
    callers = public_schema.strange_callers(settings.DATABASE_WEB_ROLE)
    if wrong and repair:
        attempt("公共库的函数和触发器", _install_anew)
    for text, look in wrong:
        named = f"：{'、'.join(callers)}" if look is _nobody_strange_calls else ""
        found.append(Finding("", text + named, repair and look()))
    if web_rights.public_rights_differ(repair=repair):
        found.append(Finding("", "网页进程角色在公共库的权限与规定不一致", repair))
    return found


def _nobody_strange_calls() -> bool:
    return not public_schema.strange_callers(settings.DATABASE_WEB_ROLE)


def _install_anew() -> None:
    triggers.reinstall_functions()
    web_rights.grant_to_web_role(PUBLIC)


def check_strangers(sites: Sequence[Subsite], *, repair: bool) -> list[Finding]:
    """Look for triggers, rules and policies on the tables of sites and moulds that are none of ours."""
    by_schema = {site.schema_name: site for site in sites}
    return _without_strangers(triggers.strangers_in_sites([*by_schema, BARE]), by_schema, repair)


def _without_strangers(strangers: list[Stranger], by_schema: Mapping[str, Subsite], repair: bool) -> list[Finding]:
    found = []
    for stranger in strangers:
        site = by_schema.get(stranger.schema_name)
        name = "" if stranger.schema_name == PUBLIC else (site and site.code) or stranger.schema_name
        repaired = repair and attempt(str(stranger), stranger.remove)
        found.append(Finding(name, str(stranger), repaired))
    if repair:
        # What changed while they were there was told to nobody.
        _look_again({stranger.schema_name for stranger in strangers} & by_schema.keys())
    return found


def _look_again(schema_names: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for name in schema_names:
            cursor.execute("SELECT public.qz_put_mark(%s, 'site', 0)", [name])


def check_triggers(sites: Sequence[Subsite], *, repair: bool) -> list[Finding]:
    """Look for triggers of ours that are off, altered or gone in the sites and moulds."""
    installed, expected = triggers.installed_digests(), triggers.schema_digest()
    # Of a schema that lacks tables, the look at the columns says so.
    there = {*installed, *with_tables([site.schema_name for site in sites])}
    found = []
    for site in sites:
        if site.schema_name not in there or installed.get(site.schema_name) == expected:
            continue
        repaired = repair and attempt(f"{site.schema_name} 的触发器", partial(_triggers_anew, site.schema_name))
        found.append(Finding(site.code or site.schema_name, "触发器被停用、改动或删除", repaired))
    return found


def _triggers_anew(schema_name: str) -> None:
    triggers.install_triggers(schema_name)
    _look_again([schema_name])


def check_rights(sites: Sequence[Subsite], *, repair: bool) -> list[Finding]:
    """Look at what the web role may do in the tables of sites and moulds."""
    by_schema = {site.schema_name: site for site in sites}
    found = []
    for name in sorted(web_rights.schemas_with_other_rights(by_schema)):
        repaired = repair and attempt(name, partial(web_rights.grant_to_web_role, name))
        found.append(Finding(by_schema[name].code or name, "网页进程角色的权限与规定不一致", repaired))
    return found


def check_constraints(sites: Sequence[Subsite], *, repair: bool) -> list[Finding]:
    """Look for constraints that are gone or that the rows were never checked against."""
    by_schema = {site.schema_name: site for site in sites}
    found = []
    for lost in constraints.lost([PUBLIC, *by_schema]):
        site = by_schema.get(lost.schema_name)
        with in_site(site) if site else in_public():
            repaired = repair and attempt(f"{lost.schema_name} 的约束 {lost.name}", lost.restore)
        text = f"数据表 {lost.table} 的约束 {lost.name} 被删除、改弱或没有校验"
        if repair and not repaired:
            text += "，无法恢复：现有数据与它不符，请按日志改正；刚从备份恢复的，请先运行 migrate_cluster"
        found.append(Finding((site.code or site.schema_name) if site else "", text, repaired))
    return found
