"""The database backend of the cluster: django-tenants, with callbacks that remember their site.

`connection` is Django's own, typed as what ENGINE makes of it; modules that ask for the site import it from here.
"""

from typing import TYPE_CHECKING, cast

from django.db import connection as _connection

if TYPE_CHECKING:
    from cluster.postgresql.base import DatabaseWrapper

connection = cast("DatabaseWrapper", _connection)
