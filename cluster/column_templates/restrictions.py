"""View restrictions on what a template planted: no citizen could read it, so they are lifted.

Asked by the nightly check (`guarding`). The lock lets nobody set one; it can only have come around it. What a site keeps from
the public in columns of its own stays as it is: such a column is never taken over (see `arrangement.is_kept`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from wagtail.models import PageViewRestriction

from cluster.column_templates.foundations import Finding, attempt
from cluster.column_templates.trees import ask_each, with_tables
from cluster.context import in_site
from cluster.subsites.models import Subsite

_KINDS = {"login": "登录后才能看", "password": "输入密码才能看", "groups": "限指定的用户组"}
_RESTRICTED = """
SELECT {name} AS schema_name, r.id, r.restriction_type,
       CASE WHEN c.planted THEN '统一栏目“' || p.title || '”' WHEN p.depth = 1 THEN '网站的根页面' ELSE '首页' END
FROM {restrictions} r JOIN {pages} p ON p.id = r.page_id
     LEFT JOIN {columns} c ON c.page_ptr_id = p.id LEFT JOIN {homes} h ON h.page_ptr_id = p.id
WHERE c.planted OR h.page_ptr_id IS NOT NULL OR p.depth = 1
"""


def check_restrictions(sites: Sequence[Subsite], *, repair: bool) -> list[Finding]:
    """Look for restrictions on planted columns and home pages; one query over some dozen schemas at a time."""
    by_schema = {site.schema_name: site for site in sites}
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for schema_name, restriction, kind, page in ask_each(_RESTRICTED, with_tables(list(by_schema)), "schema_name, id"):
        text = f"{page}被设为{_KINDS.get(kind, '限制访问')}，公众看不到，应解除访问限制"
        found[schema_name].append((restriction, text))
    findings = []
    for schema_name, restrictions in found.items():
        site = by_schema[schema_name]
        name = site.code or schema_name
        lifting = partial(_lift, site, [restriction for restriction, _ in restrictions])
        repaired = repair and attempt(f"{name} 的访问限制", lifting)
        findings += [Finding(name, text, repaired) for _, text in restrictions]
    return findings


def _lift(site: Subsite, restrictions: Iterable[int]) -> None:
    with in_site(site):
        PageViewRestriction.objects.filter(pk__in=restrictions).delete()
