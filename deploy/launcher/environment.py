"""The environment that the launcher gives to the product's own processes. Called by run, suite and manage."""

import os

from deploy.launcher.options import Options

# Settings of the caller's shell that would change what our processes do: libpq's, Python's, gunicorn's.
UNWANTED = ("PG", "PYTHON", "GUNICORN", "DJANGO", "QUNZHAN", "MAKE", "MFLAGS")
# What a command in another terminal needs to know of the running parts; the rest of the caller's shell is its own.
RECORDED = (
    "DATABASE_URL",
    "DATABASE_WEB_URL",
    "DEMO",
    "DJANGO_SETTINGS_MODULE",
    "EDGE",
    "EDGE_HOST_MB",
    "EDGE_ROOT",
    "EDGE_SERVER",
    "EDGE_TOTAL_MB",
    "ELASTICSEARCH_API_KEY",
    "ELASTICSEARCH_URL",
    "PORT",
    "SEARCH_INDEX_PREFIX",
    "SECRET_KEY",
    "SITES",
    "SITE_HOST_SUFFIX",
    "SITE_SCHEME",
    "VAR",
)


def environment(options: Options, *, settings: str) -> dict[str, str]:
    """Return the caller's environment without what would disturb, with the choices that the settings read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": settings,
        "VAR": str(options.var),
        "PORT": str(options.port),
        "SITES": options.sites,
        "DEMO": "1" if options.demo else "0",
        "DATABASE_URL": options.database_url,
        "DATABASE_WEB_URL": options.database_web_url,
        "ELASTICSEARCH_URL": options.elasticsearch_url or "",
        "PYTHONUNBUFFERED": "1",
        # Chinese output must not depend on the locale of the caller.
        "PYTHONUTF8": "1",
    }
