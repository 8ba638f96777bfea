"""Open, suspend, resume, close and describe sites: the only writer of the directory.

Called by commands, the console's jobs and the demo. Opening is one transaction: row, domain, schema and settings are there
together or not at all, so a killed opening leaves nothing and is simply run again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from cluster.audit.actor import tell_database
from cluster.context import in_public, in_site
from cluster.resources import page_numbers, triggers
from cluster.subsites import rules
from cluster.subsites.base_schemas import base_site, clone_schema, schema_exists, tables_of
from cluster.subsites.errors import BaseSchemaMissing, HalfRestored, InvalidSite, SiteExists, StateMoveRefused
from cluster.subsites.models import Domain, Region, SiteKind, SiteState, Subsite
from cluster.subsites.moves import MOVES
from cluster.subsites.queries import parent_by_region
from cluster.subsites.replanting import restore_home


@dataclass(frozen=True)
class SiteOrder:
    """What an opening needs to know; checked and normalised by `checked_order`."""

    code: str
    name: str
    kind: SiteKind
    region: Region | None
    parent: Subsite | None
    domain: str
    organizer: str
    id_code: str
    state: SiteState


def schema_name_of(code: str) -> str:
    """Return the schema of a site's code."""
    return "site_" + code.replace("-", "_")


def checked_order(
    *,
    code: str,
    name: str,
    kind: str,
    region_code: str = "",
    domain: str = "",
    organizer: str = "",
    id_code: str = "",
    parent_code: str | None = None,
    state: str = SiteState.OPEN,
) -> SiteOrder:
    """Check everything that is said of a new site; raises InvalidSite with the field and the cure.

    Without a parent it gets the portal of its region (parent_by_region).
    """
    code = rules.check_code(code.strip())
    site_kind = rules.check_kind(kind.strip(), code)
    region = rules.check_region(region_code.strip(), site_kind)
    parent = None
    if parent_code:
        parent = Subsite.objects.filter(code=parent_code.strip()).first()
        if parent is None:
            raise InvalidSite("parent", f"上级站点“{parent_code}”不存在，请先开通上级站点，或改正代码。")
    else:
        parent = parent_by_region(site_kind, region)
    if state not in {SiteState.PREPARING, SiteState.TRIAL, SiteState.OPEN}:
        raise InvalidSite("state", f"新站点的状态只能是筹备中、试运行或正常运行，不能是“{state}”。")
    return SiteOrder(
        code=code,
        name=rules.check_name(name),
        kind=site_kind,
        region=region,
        parent=parent,
        domain=rules.check_domain(domain or f"{code}.{settings.SITE_HOST_SUFFIX}", site_kind, parent),
        organizer=rules.check_organizer(organizer) or name.strip(),
        id_code=rules.check_id_code(id_code.strip(), region),
        state=SiteState(state),
    )


def refuse_taken(order: SiteOrder) -> None:
    """Refuse what another site has already; raises SiteExists with the field."""
    schema_name = schema_name_of(order.code)
    if Subsite.objects.filter(code=order.code).exists() or Subsite.objects.filter(schema_name=schema_name).exists():
        raise SiteExists(f"站点代码“{order.code}”已被使用，请换一个代码；查看现有站点请用 list_sites。", "code")
    taken = Domain.objects.select_related("tenant").filter(domain=order.domain).first()
    if taken is not None:
        raise SiteExists(
            f"域名“{order.domain}”已属于站点“{taken.tenant.code}”，请换一个域名，或先从该站点解除。", "domain"
        )
    if order.id_code and Subsite.objects.filter(id_code=order.id_code).exists():
        raise SiteExists(f"网站标识码“{order.id_code}”已被其他站点使用，请核对。", "id_code")


def open_site(**fields: str | None) -> Subsite:
    """Open a site by cloning the base schema of its kind; see checked_order for the fields.

    Raises InvalidSite, SiteExists or BaseSchemaMissing; then nothing of the site is there.
    """
    with in_public():
        order = checked_order(**fields)  # type: ignore[arg-type]
        base = base_site(order.kind).schema_name
        if not schema_exists(base):
            raise BaseSchemaMissing(f"“{order.kind.label}”的基础模板还没有建立，请先运行 migrate_cluster。")
        with transaction.atomic():
            tell_database()
            refuse_taken(order)
            site = _register(order)
            # A schema without a row is what remains of a dump restored by halves: repair_sites names it, nobody adopts it blindly.
            if schema_exists(site.schema_name):
                raise SiteExists(
                    f"数据库中已有名为 {site.schema_name} 的模式却没有站点记录，请先运行 repair_sites 处理。"
                )
            clone_schema(base, site.schema_name)
            furnish(site)
            return site


def _register(order: SiteOrder) -> Subsite:
    """Write the rows of site and domain; waits for another opening of the same code and then gives way to it."""
    now = timezone.now()
    site = Subsite(
        schema_name=schema_name_of(order.code),
        code=order.code,
        name=order.name,
        kind=order.kind,
        state=order.state,
        state_changed_at=now,
        region=order.region,
        parent=order.parent,
        organizer=order.organizer,
        id_code=order.id_code,
        opened_at=now if order.state != SiteState.PREPARING else None,
    )
    try:
        site.save()
        Domain.objects.create(domain=order.domain, tenant=site, is_primary=True)
    except IntegrityError as error:
        raise SiteExists(
            f"站点“{order.code}”、域名“{order.domain}”或标识码刚刚被他人开通的站点使用，请刷新后核对。"
        ) from error
    return site


def furnish(site: Subsite) -> None:
    """Run the provisioning steps in the site's schema; each is repeatable."""
    with in_site(site):
        for path in settings.PROVISIONING_STEPS:
            import_string(path)(site)


def move_site(
    site: Subsite, to: str, *, reason: str = "", successor_name: str = "", successor_url: str = ""
) -> Subsite:
    """Bring a site into another state; raises StateMoveRefused. Its items leave or enter search with it."""
    successor_name, successor_url = rules.check_successor(successor_name, successor_url)
    with in_public(), transaction.atomic():
        tell_database()
        row = Subsite.objects.select_for_update(of=("self",)).get(pk=site.pk)
        if row.state == to:
            return _record_successor(row, successor_name, successor_url) if to == SiteState.CLOSED else row
        if to not in MOVES[row.state]:
            allowed = "、".join(SiteState(state).label for state in sorted(MOVES[row.state])) or "无"
            raise StateMoveRefused(
                f"“{row.name}”现为{row.get_state_display()}，不能改为{SiteState(to).label}；可以改为：{allowed}。"
            )
        now = timezone.now()
        said: dict[str, object] = {"state": to, "state_changed_at": now, "state_reason": reason[:300]}
        if to in {SiteState.OPEN, SiteState.TRIAL} and row.opened_at is None:
            said["opened_at"] = now
        if to == SiteState.CLOSED:
            said |= {"closed_at": now, "successor_name": successor_name, "successor_url": successor_url}
        return _write(row, said)


def _record_successor(row: Subsite, name: str, url: str) -> Subsite:
    """Put down where the readers of a closed site go, said later or better; what is not said stays as it was."""
    said = {"successor_name": name or row.successor_name, "successor_url": url or row.successor_url}
    if any(getattr(row, field) != value for field, value in said.items()):
        _write(row, said)
    return row


def _write(row: Subsite, said: Mapping[str, object]) -> Subsite:
    """Write these columns and no other: kind, code and schema of a site are not the web processes' to write."""
    for field, value in said.items():
        setattr(row, field, value)
    row.save(update_fields=list(said))
    return row


def suspend_site(site: Subsite, *, reason: str) -> Subsite:
    """Take a site offline for a while (47号: notice, at most 30 days)."""
    return move_site(site, SiteState.SUSPENDED, reason=reason)


def resume_site(site: Subsite, *, reason: str = "") -> Subsite:
    """Bring a suspended site back."""
    return move_site(site, SiteState.OPEN, reason=reason)


def close_site(site: Subsite, *, reason: str, successor_name: str = "", successor_url: str = "") -> Subsite:
    """Close a site for good; its schema stays for the archive, its items leave search."""
    return move_site(site, SiteState.CLOSED, reason=reason, successor_name=successor_name, successor_url=successor_url)


def add_domain(site: Subsite, domain: str) -> Domain:
    """Let a further host lead to the site; raises InvalidSite or SiteExists."""
    with in_public(), transaction.atomic():
        tell_database()
        name = rules.check_domain(domain, SiteKind(site.kind), site.parent)
        taken = Domain.objects.select_related("tenant").filter(domain=name).first()
        if taken is not None and taken.tenant_id != site.pk:
            raise SiteExists(f"域名“{name}”已属于站点“{taken.tenant.code}”，请换一个域名。", "domain")
        return taken or Domain.objects.create(domain=name, tenant=site, is_primary=False)


def repair_site(site: Subsite) -> list[str]:
    """Put right what a half-born or half-restored site lacks; return what was done, in Chinese.

    Raises HalfRestored where tables or the home page alone are missing: that takes a migration or a backup.
    """
    done = []
    with in_public(), transaction.atomic():
        tell_database()
        if _make_schema(site):
            done.append("重新建立了数据模式")
        if not Domain.objects.filter(tenant=site).exists():
            done.append(f"补上了域名 {_default_domain(site).domain}")
        if triggers.installed_digests().get(site.schema_name) != triggers.schema_digest():
            triggers.install_triggers(site.schema_name)
            # What changed while they were missing was told to nobody.
            with connection.cursor() as cursor:
                cursor.execute("SELECT public.qz_put_mark(%s, 'site', 0)", [site.schema_name])
            done.append("补上了变更触发器，并安排全站重新登记")
        if page_numbers.lift([site.schema_name]):
            done.append("页面编号接到用过的最大编号之后")
        if restore_home(site):
            done.append("页面全部缺失，重新建立了首页和栏目")
        furnish(site)
    return done


def _make_schema(site: Subsite) -> bool:
    """Clone the schema anew where it is absent or has nothing in it; return whether that was so."""
    base = base_site(site.kind).schema_name
    present = tables_of(site.schema_name)
    if not present:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(site.schema_name)}")
        clone_schema(base, site.schema_name)
        return True
    missing = sorted(tables_of(base) - present)
    if missing:
        raise HalfRestored(
            f"模式 {site.schema_name} 缺少数据表 {'、'.join(missing)}：请先运行 migrate_cluster；仍然缺少的，请从备份恢复这个模式。"
        )
    return False


def _default_domain(site: Subsite) -> Domain:
    name = rules.check_domain(f"{site.code}.{settings.SITE_HOST_SUFFIX}", SiteKind(site.kind), site.parent)
    taken = Domain.objects.select_related("tenant").filter(domain=name).first()
    if taken is not None:
        raise SiteExists(f"域名“{name}”已属于站点“{taken.tenant.code}”，请在控制台为本站点另加域名。", "domain")
    return Domain.objects.create(domain=name, tenant=site, is_primary=True)
