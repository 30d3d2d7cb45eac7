"""Settings for every way Portcullis runs. The environment switches, this file explains.

Without any variable this is a production configuration and refuses to start until its secrets are set.
`PORTCULLIS_DEVELOPMENT=1`, which `make run` and `make test` set, makes its own secrets under `var/`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import database_settings, env, redis_url, secret, secret_list

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("PORTCULLIS_VAR", default=str(BASE_DIR / "var")))
DEVELOPMENT = env.bool("PORTCULLIS_DEVELOPMENT", default=False)
DEBUG = False
PORTCULLIS_VERSION = "0.1.0"

_development_secrets = VAR_DIR / "secrets" if DEVELOPMENT else None
SECRET_KEY = secret("PORTCULLIS_SECRET_KEY", development_directory=_development_secrets)
# The first key encrypts, all of them decrypt: put a new one in front to rotate.
FERNET_KEYS = secret_list("PORTCULLIS_FERNET_KEYS", development_directory=_development_secrets)
FERNET_USE_HKDF = True
# Keys of the hashes by which tokens, key fingerprints and arguments are compared. Same rule.
PORTCULLIS_HASH_KEYS = secret_list("PORTCULLIS_HASH_KEYS", development_directory=_development_secrets)

# --- Where it is reached -----------------------------------------------------------------------------

PORTCULLIS_PUBLIC_URL = env.str("PORTCULLIS_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PORTCULLIS_PUBLIC_URL)
if _public.scheme not in ("http", "https") or not _public.hostname:
    raise ImproperlyConfigured("PORTCULLIS_PUBLIC_URL must be an absolute http(s) URL.")
_public_is_https = _public.scheme == "https"
ALLOWED_HOSTS = env.list("PORTCULLIS_ALLOWED_HOSTS", default=[_public.hostname])
if DEVELOPMENT:
    ALLOWED_HOSTS = list({*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"})
# Browser origins that may call /mcp. A request without an Origin header is not a browser's.
PORTCULLIS_ALLOWED_ORIGINS = env.list("PORTCULLIS_ALLOWED_ORIGINS", default=[PORTCULLIS_PUBLIC_URL])
CSRF_TRUSTED_ORIGINS = [PORTCULLIS_PUBLIC_URL]
# How many proxies of yours stand in front. Their X-Forwarded-* headers are believed, nobody else's.
PORTCULLIS_PROXIES = env.int("PORTCULLIS_PROXIES", default=0)
if PORTCULLIS_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = _public_is_https and env.bool("PORTCULLIS_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _public_is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("PORTCULLIS_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public_is_https
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# --- Django ------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "audit",
    "catalog",
    "clients",
    "tools",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.request_identifier",
    "config.middleware.source_address",
    "config.middleware.content_security_policy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.health.answer_probes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "clients.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = "config.formats"

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
                "config.banners.banners",
                "tools.stop_banner.banner",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static" / "portal"]
# Development serves files from where they are; production from what `collectstatic` gathered.
STATIC_ROOT = None if DEVELOPMENT else BASE_DIR / "static" / "collected"
WHITENOISE_USE_FINDERS = DEVELOPMENT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Database ----------------------------------------------------------------------------------------

DATABASES = {
    "default": database_settings("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portcullis.sqlite3'}")
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # IMMEDIATE: a transaction takes the write lock when it begins, so what a decision read can't
        # change before its audit row is written, and two writers wait instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    _database["CONN_MAX_AGE"] = 600
else:
    _database["CONN_MAX_AGE"] = 600
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {**_database.get("OPTIONS", {}), "connect_timeout": 5}

# --- Queue -------------------------------------------------------------------------------------------

REDIS_URL = redis_url("REDIS_URL")
QUEUE_DIR = VAR_DIR / "queue"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str | float] = {
        "visibility_timeout": 3600,
        "socket_timeout": 5,
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.2,
    }
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "portcullis"
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "minute-tick": {"task": "tools.start_due_syncs", "schedule": 60.0},
    "end-what-is-over": {"task": "tools.end_what_is_over", "schedule": 60.0},
}

# --- The gateway and its upstreams -------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
# Opsgenie's longest field is 25,000 characters: a body of a mebibyte is already somebody's mistake.
PORTCULLIS_MCP_MAX_BODY_BYTES = env.int("PORTCULLIS_MCP_MAX_BODY_BYTES", default=1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = max(2_621_440, PORTCULLIS_MCP_MAX_BODY_BYTES)
# A page that decides about thousands of tools sends a field for each that is ticked.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000
PORTCULLIS_TOOLS_PAGE_SIZE = env.int("PORTCULLIS_TOOLS_PAGE_SIZE", default=200)
PORTCULLIS_CALL_SECONDS = env.float("PORTCULLIS_CALL_SECONDS", default=30.0)
PORTCULLIS_UPSTREAM_CONNECT_SECONDS = env.float("PORTCULLIS_UPSTREAM_CONNECT_SECONDS", default=5.0)
PORTCULLIS_UPSTREAM_MAX_BYTES = env.int("PORTCULLIS_UPSTREAM_MAX_BYTES", default=10 * 1024 * 1024)
PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS = env.bool("PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS", default=DEVELOPMENT)
PORTCULLIS_SANDBOX_URL = env.str("PORTCULLIS_SANDBOX_URL", default="")


# --- Logging -----------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("PORTCULLIS_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # Its debug lines carry whole headers.
        "urllib3": {"level": "WARNING"},
    },
}

from config.admin_theme import UNFOLD  # noqa: E402, F401
