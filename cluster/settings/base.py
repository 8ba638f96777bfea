"""Settings shared by every environment. Imported by dev, test and production."""

from typing import Any

from django.utils.functional import lazy
from django.utils.module_loading import import_string

from cluster.settings import env

BASE_DIR = env.REPO_DIR
VAR_DIR = env.var_dir()
SECRET_KEY = env.secret_key(VAR_DIR)
DEBUG = False
# Every host is let through to cluster.middleware, which answers 404 for those that no site owns.
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "cluster.urls.site"
CONSOLE_URLCONF = "cluster.urls.console"
WSGI_APPLICATION = "cluster.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- where each table lives: SHARED_APPS in `public`, TENANT_APPS in every site's schema
SHARED_APPS = [
    "django_tenants",
    "cluster.subsites",
    "cluster.staff",
    "cluster.resources",
    "cluster.audit",
    "cluster.findings",
    "cluster.column_templates",
    "cluster.workdays",
    "cluster.inspection",
    "cluster.edge",
    "cluster.pictures",
    "search",
    "django.contrib.contenttypes",
]
TENANT_APPS = [
    "cluster.accounts",
    "sites.common",
    "sites.columns",
    "sites.content",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "cluster.accounts.apps.SiteUsersConfig",  # wagtail.users, with the person behind the account
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.postgres",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.auth",
    "django.contrib.sessions",
]
# Apps without tables of their own.
OTHER_APPS = [
    "cluster.worker",
    "cluster.console",
    "wagtail.api.v3",
    "wagtail.contrib.sitemaps",
    "wagtail.contrib.typed_table_block",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
INSTALLED_APPS = list(dict.fromkeys(SHARED_APPS + TENANT_APPS + OTHER_APPS))
TENANT_MODEL = "subsites.Subsite"
TENANT_DOMAIN_MODEL = "subsites.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# One SET search_path per switch instead of one per cursor; the backend forgets it at every rollback.
TENANT_LIMIT_SET_CALLS = True
# Names in Chinese law are never shortened to "public": the search path's second entry is only for shared tables.
PUBLIC_SCHEMA_NAME = "public"

# ---- database: two roles, see design part 6
DATABASE_URL = env.text("DATABASE_URL", "postgresql:///qunzhan")
DATABASE_WEB_URL = env.text("DATABASE_WEB_URL")
DATABASE_WEB_ROLE = env.database(DATABASE_WEB_URL)["USER"] if DATABASE_WEB_URL else ""
_acts_as_web = env.text("QUNZHAN_ROLE") == "web" and DATABASE_WEB_URL
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database(DATABASE_WEB_URL if _acts_as_web else DATABASE_URL),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 120,
        "CONN_HEALTH_CHECKS": True,
    }
}

# ---- what happens in the steps of a site's birth; data, so that cluster imports no app of sites
BASE_SCHEMA_STEPS = ["sites.columns.planting.plant_columns"]
PROVISIONING_STEPS = [
    "sites.columns.planting.adopt_site",
    "cluster.column_templates.applying.note_birth",
    "cluster.inspection.mirror.mirror_site",
]
COLUMN_MODEL = "columns.ColumnPage"
HOME_MODEL = "columns.HomePage"
# Kinds of jobs beside those of the directory: label, and the function that does the job.
FURTHER_JOBS: dict[str, tuple[str, str]] = {
    "apply_columns": ("应用栏目模板", "cluster.column_templates.job.apply_columns"),
    "check_columns": ("检查栏目结构", "cluster.column_templates.guarding.check_job"),
    "forget_edge_server": ("移除停用的页面服务器", "cluster.edge.servers.forget_dropped"),
    "retry_attachments": ("重新读取附件", "cluster.resources.unread.try_again"),
    "retry_pictures": ("重新转换图片", "cluster.pictures.given_up.try_again"),
}
COLUMN_PLANTER = "sites.columns.planting.fit_columns"
# Triggers that every site's schema carries beside those of the feed; see cluster.resources.contributions.
TRIGGER_CONTRIBUTIONS = [
    "cluster.resources.page_numbers.contribution",
    "sites.columns.lock.contribution.contribution",
    "sites.content.numbering_guard.contribute",
    "sites.common.gate.triggers.contribution",
    "cluster.accounts.ledger.contribute",
    "cluster.edge.contribution.contribution",
]
# Asked by the worker of every live page that a trigger marked: was it changed around the gate?
GATE_RECHECK = "sites.common.gate.rechecking.recheck"
# Told of a live page whose change could not be entered after the last try.
GATE_STUCK = "sites.common.gate.holding.report_stuck"
# Whether the gate lets a process publish that says neither who acts nor why: a shell, a script. Tests alone may.
UNNAMED_MAY_PUBLISH = False
# Asked for every picture that nginx does not find among those of stored pages: may this visitor have it?
PICTURE_ACCESS = "sites.columns.file_access.may_see"
# Asked for every page that is stored: which of its pictures and attachments may everybody have?
EDGE_UPLOADS = "sites.columns.public_uploads.public_uploads"
# Asked every night of every site: has something gone live without ever passing the gate?
GATE_STANDING = "sites.common.gate.standing.check_standing"
# Types of page, as the registry names them: official documents, and what explains them.
DOCUMENT_PAGE = "content.PolicyDocumentPage"
INTERPRETATION_PAGE = "content.InterpretationPage"
# Told of every page that the projection looks at, in the same transaction.
COLUMN_OBSERVERS = [
    "cluster.inspection.mirror.columns_projected",
    "cluster.inspection.home_mirror.home_projected",
]
WORKER_TASKS = [
    "cluster.edge.agent.edge_agent",
    "cluster.resources.projection_task.project_marks",
    "cluster.resources.validity_task.turn_validities",
    "search.drain.elasticsearch_drain",
    "search.drain.postgres_drain",
    "cluster.resources.attachments.extract_attachments",
    "cluster.pictures.task.make_avif",
    "cluster.subsites.jobs.run_jobs",
    "cluster.inspection.clock.inspection_clock",
    "cluster.column_templates.waivers.end_expired",
    "sites.common.scheduling.publish_scheduled",
    "cluster.column_templates.guarding.nightly_check",
]

# ---- hosts
SITE_HOST_SUFFIX = env.text("SITE_HOST_SUFFIX", "localhost")
SITE_SCHEME = env.text("SITE_SCHEME", "http")
SITE_PORT = env.number("PORT", 8000)
ALLOW_LOCALHOST_DOMAINS = False
DEMO_CLUSTER = False

MIDDLEWARE = [
    # Before the site is looked up: what a page used is noted from its first query on. Asks no database itself.
    "cluster.edge.middleware.StoreMiddleware",
    "cluster.middleware.SiteMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cluster.middleware.HiddenFilesMiddleware",
    "cluster.middleware.ActorMiddleware",
    "sites.common.gate.middleware.GateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sites.columns.lock.middleware.LockMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sites.common.context.site_context",
            ],
        },
    }
]

# ---- caches: the key carries the schema (leaks L1 to L3 of the platform notes)
CACHES = {
    alias: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": f"qunzhan-{alias}",
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
    for alias in ("default", "renditions")
}

# ---- people
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Wagtail keeps the admin's messages in the session; the sessions table lies in the site's schema (leak L11).
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "wagtailadmin_login"
WAGTAILADMIN_USER_LOGIN_FORM = "cluster.accounts.forms.SignInForm"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# ---- files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"  # the schema: in the folder and, with the slash that "" would lose, in the URL
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
SILENCED_SYSTEM_CHECKS: list[str] = []

# ---- Wagtail
WAGTAIL_SITE_NAME = "群站"
# What links in mails begin with: the site whose mail it is, with scheme and port as they are when it is written.
WAGTAILADMIN_BASE_URL = lazy(lambda: import_string("cluster.subsites.addresses.staff_root_url")(), str)()
WAGTAIL_I18N_ENABLED = False
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("zh-hans", "简体中文")]
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILREDIRECTS_AUTO_CREATE = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "sites.common.publishing.publish_reviewed"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
# As true to the original as WebP at Wagtail's 80, by the signal-to-noise ratio, at two thirds of the bytes.
AVIF_QUALITY = 50
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "txt", "doc", "xls", "ppt", "ofd", "zip", "csv"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 100 * 1024 * 1024
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "sites.common.forms.CheckedDocumentForm"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILAPI_DOCS_ENABLED = False
# At once and in the site where they arise (leak L7); cluster.worker.task_watch lets no failure pass in silence (L8).
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
FAILED_TASKS_RAISE = False

# ---- inspection: an officer who has not acted after so many days is reported to the supervisor
INSPECTION_ESCALATION_DAYS = 7
# How long the mail server may take.
INSPECTION_MAIL_SECONDS = 30
# How far a forecast looks ahead.
INSPECTION_FORECAST_DAYS = 7

# ---- search
SEARCH_ELASTICSEARCH_URL = env.text("ELASTICSEARCH_URL")
SEARCH_ELASTICSEARCH_API_KEY = env.text("ELASTICSEARCH_API_KEY")
SEARCH_INDEX_PREFIX = env.text("SEARCH_INDEX_PREFIX", "qunzhan")

# ---- page store: each application server has its own folder and goes by its own name
EDGE_ENABLED = env.flag("EDGE", default=True)
EDGE_ROOT = env.folder("EDGE_ROOT", VAR_DIR / "store")
EDGE_SERVER = env.text("EDGE_SERVER") or f"{env.machine_name()}:{EDGE_ROOT}"
# Whether nginx, configured by nginx_config, stands in front: files are then sent by it, once the visitor may have them.
EDGE_ACCEL = env.flag("EDGE_ACCEL")
# Megabytes of one host, before what was least recently read goes.
EDGE_HOST_MB = env.number("EDGE_HOST_MB", 1024)
# The same of all hosts together.
EDGE_TOTAL_MB = env.number("EDGE_TOTAL_MB", 20480)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        name: {"level": level}
        for name, level in {
            "elastic_transport": "ERROR",
            "django.request": "ERROR",
            "django_tasks": "WARNING",
            "wagtail": "WARNING",
        }.items()
    },
}
