"""Settings of the tests: quick hashes, files and index of their own, the same roads as development."""

import atexit
import shutil
import tempfile
from pathlib import Path

from cluster.settings.dev import *  # noqa: F403

_files = Path(tempfile.mkdtemp(prefix="qunzhan-test-"))
atexit.register(shutil.rmtree, _files, ignore_errors=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = _files / "media"
STATIC_ROOT = _files / "static"
STATIC_ROOT.mkdir()  # whitenoise warns where it is missing
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SEARCH_INDEX_PREFIX = "qunzhan-test"
SITE_PORT = 80
# Tests of the store turn it on for themselves, in a folder of their own.
EDGE_ENABLED = False
EDGE_ROOT = _files / "store"
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Most tests publish as nobody; those of this rule turn it back.
UNNAMED_MAY_PUBLISH = True
# A save whose index task failed must fail the test; elsewhere it is an error in the log.
FAILED_TASKS_RAISE = True
