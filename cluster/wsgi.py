"""The WSGI application that gunicorn serves (WSGI only: under ASGI the site of a request would be lost)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster.settings.production")
_django = get_wsgi_application()

from cluster.edge.wsgi import StoreLayer  # noqa: E402  its headers are asked of the settings, which stand by now

application = StoreLayer(_django)
