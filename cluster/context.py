"""The one door between schemas: enter a site, leave it, ask where one is.

Called by everything that touches the tables of a site outside a request; the middleware enters for requests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cluster.postgresql import connection

if TYPE_CHECKING:
    from cluster.subsites.models import Subsite


@contextmanager
def in_site(site: "Subsite") -> Iterator["Subsite"]:
    """Run the block in the site's schema, then return to the place before.

    May be entered inside a transaction: callbacks of on_commit run in the site where they were registered. Make lists
    inside the block: a lazy query that runs after it reads another site.
    """
    tenant, include_public = connection.tenant, connection.include_public_schema
    connection.set_tenant(site)
    try:
        yield site
    finally:
        connection.set_tenant(tenant, include_public)


@contextmanager
def in_public() -> Iterator[None]:
    """Run the block with the shared tables alone in reach."""
    tenant, include_public = connection.tenant, connection.include_public_schema
    connection.set_schema_to_public()
    try:
        yield
    finally:
        connection.set_tenant(tenant, include_public)


def current_site() -> "Subsite | None":
    """Return the site of this request or block; None in the public schema."""
    from cluster.subsites.models import Subsite

    tenant = connection.tenant
    if isinstance(tenant, Subsite):
        return tenant
    if connection.schema_name == "public":
        return None
    # Entered through django-tenants' own schema_context (leak L14): look the site up by its schema.
    return Subsite.objects.filter(schema_name=connection.schema_name).first()
