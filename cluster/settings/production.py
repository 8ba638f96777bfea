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
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_USE_TLS = env.flag("EMAIL_TLS")
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_TIMEOUT = 20  # a mail server that hangs must not hold up the nightly notices
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", f"noreply@{SITE_HOST_SUFFIX}")
