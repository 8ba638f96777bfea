"""Settings of `make run`: one machine, plain HTTP on loopback, DEBUG off all the same."""

from cluster.settings import env
from cluster.settings.base import *  # noqa: F403

ALLOW_LOCALHOST_DOMAINS = True
DEMO_CLUSTER = env.flag("DEMO", default=True)
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
