"""An order for a site that tests open and what is there of it afterwards."""

from cluster.subsites.base_schemas import schema_exists
from cluster.subsites.models import Domain, Subsite

ORDER = {"code": "gamma", "name": "丙县人民政府", "kind": "county", "region_code": "230183"}


def trace_of(code: str) -> dict[str, object]:
    """Return all that is there of a site."""
    return {
        "rows": Subsite.objects.filter(code=code).count(),
        "domains": Domain.objects.filter(tenant__code=code).count(),
        "schema": schema_exists(f"site_{code}"),
    }


NOTHING: dict[str, object] = {"rows": 0, "domains": 0, "schema": False}
WHOLE: dict[str, object] = {"rows": 1, "domains": 1, "schema": True}
