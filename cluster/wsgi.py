"""The WSGI application that gunicorn serves (WSGI only: under ASGI the site of a request would be lost)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster.settings.production")
application = get_wsgi_application()
