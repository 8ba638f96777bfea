"""Settings of a real installation: HTTPS, secure cookies, hosts under .gov.cn only."""

from cluster.settings import env
from cluster.settings.base import *  # noqa: F403

SITE_SCHEME = "https"
SITE_PORT = 443
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
