"""The WSGI application that gunicorn serves (WSGI only: under ASGI the site of a request would be lost)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster.settings.production")
_django = get_wsgi_application()

from cluster.edge.generation import product_generation  # noqa: E402  as is the next, asked of the settings that stand by now
from cluster.edge.wsgi import StoreLayer  # noqa: E402

# The name of the code that was just loaded; a worker that gunicorn forks after the next deployment still runs this one.
product_generation()
application = StoreLayer(_django)
