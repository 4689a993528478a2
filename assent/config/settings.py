"""
Django's settings, read from the environment.

Every variable is described in ``docs/settings.md``; a test fails for one that isn't.
"""

import os
import re
from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from assent.config import env

HOME = Path(__file__).resolve().parents[2]

ASSENT_VAR = env.folder("ASSENT_VAR", Path("var"))
ASSENT_KMS = env.text("ASSENT_KMS", "")
ASSENT_MASTER_KEY_FILE = env.folder("ASSENT_MASTER_KEY_FILE", ASSENT_VAR / "keys" / "master.key")
ASSENT_SMTP_URL = env.text("ASSENT_SMTP_URL", "")
ASSENT_QUERY_MEMORY_MB = env.number("ASSENT_QUERY_MEMORY_MB", 2048, least=256, most=1_048_576)
ASSENT_QUERY_THREADS = env.number("ASSENT_QUERY_THREADS", os.cpu_count() or 2, least=1, most=256)
ASSENT_SEND_TIMEOUT = env.number("ASSENT_SEND_TIMEOUT", 10, least=1, most=60)
ASSENT_PUBLIC_URL = env.text("ASSENT_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ASSENT_HTTP_ALLOW = env.words("ASSENT_HTTP_ALLOW", "")
ASSENT_HTTP_CA = env.text("ASSENT_HTTP_CA", "")
ASSENT_OPENDSR_CERTIFICATE = env.text("ASSENT_OPENDSR_CERTIFICATE", "")
ASSENT_OPENDSR_KEY = env.text("ASSENT_OPENDSR_KEY", "")
ASSENT_TRUSTED_PROXIES = env.words("ASSENT_TRUSTED_PROXIES", "")
ASSENT_API_PER_MINUTE = env.number("ASSENT_API_PER_MINUTE", 600, least=1, most=1_000_000)
ASSENT_COLLECT_URL = env.text("ASSENT_COLLECT_URL", "http://127.0.0.1:8001").rstrip("/")
# Copies, and the way back: see docs/operators.md
ASSENT_JOURNAL_COPY = env.text("ASSENT_JOURNAL_COPY", "")
ASSENT_BACKUP_FOLDER = env.text("ASSENT_BACKUP_FOLDER", "")
ASSENT_BACKUP_KEYS_FOLDER = env.text("ASSENT_BACKUP_KEYS_FOLDER", "")
ASSENT_BACKUP_RECIPIENTS = env.recipients("ASSENT_BACKUP_RECIPIENTS")
ASSENT_BACKUP_KEYS_RECIPIENTS = env.recipients("ASSENT_BACKUP_KEYS_RECIPIENTS")
ASSENT_BACKUP_EVERY_HOURS = env.number("ASSENT_BACKUP_EVERY_HOURS", 24, least=1, most=720)
ASSENT_BACKUP_IDENTITY = env.text("ASSENT_BACKUP_IDENTITY", "")
ASSENT_BACKUP_DRILL_DAYS = env.number("ASSENT_BACKUP_DRILL_DAYS", 30, least=1, most=366)

DEBUG = env.flag("ASSENT_DEBUG", default=False)
SECRET_KEY = env.secret("ASSENT_SECRET_KEY", ASSENT_VAR / "keys" / "django.key", get_random_secret_key)
ASSENT_HOSTS = env.words("ASSENT_HOSTS", "127.0.0.1,localhost")
ALLOWED_HOSTS = ["*"]  # decided by entrypoints.public.hosts.ByHost, which also knows the names of controllers
# Behind https (the usual case once it leaves the laptop) cookies are marked secure and the proxy's word is taken.
_HTTPS = ASSENT_PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
CSRF_TRUSTED_ORIGINS = [ASSENT_PUBLIC_URL] if _HTTPS else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_NAME = "assent_session"
CSRF_COOKIE_NAME = "assent_csrf"
SESSION_COOKIE_AGE = 12 * 3600  # a working day; a lost laptop is not logged in tomorrow
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "assent.config",
    "assent.entrypoints.cli",
    "assent.entrypoints.console",
    "assent.entrypoints.api",
    "assent.entrypoints.public",
    "assent.entrypoints.webhooks",
    "assent.entrypoints.portal",
    "assent.pieces",
    "assent.backups",
    "assent.campaigns",
    "assent.segments",
    "assent.dispatch",
    "assent.ingest",
    "assent.records.profiles",
    "assent.records.events",
    "assent.records.files",
    "assent.privacy.documents",
    "assent.privacy.rights",
    "assent.privacy.breaches",
    "assent.privacy.retention",
    "assent.privacy.disclosures",
    "assent.privacy.consent",
    "assent.privacy.suppression",
    "assent.privacy.sources",
    "assent.privacy.subjects",
    "assent.privacy.policy",
    "assent.tenancy",
    "assent.audit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "assent.entrypoints.console.middleware.StrictContent",
    "assent.entrypoints.api.middleware.Problems",
    "assent.entrypoints.public.hosts.ByHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "assent.config.urls"
WSGI_APPLICATION = "assent.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Databases: operations (with audit), wrapped keys, profiles. See docs/decisions/databases.md
_postgres = env.database("ASSENT_DATABASE")
ASSENT_ENGINE = "postgresql" if _postgres else "sqlite"


def _database(alias: str, file: str) -> dict[str, Any]:
    if _postgres:
        name = _postgres["NAME"] if alias == "default" else f"{_postgres['NAME']}_{alias}"
        return {
            **_postgres,
            "ENGINE": "assent.foundation.postgresql",
            "NAME": name,
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "assent.foundation.sqlite3",
        "NAME": ASSENT_VAR / file,
        "OPTIONS": {"timeout": 20},
        # Tests use files too: WAL, locks and readers in other processes behave as they will outside.
        "TEST": {"NAME": ASSENT_VAR / "test" / file},
        "CONN_MAX_AGE": 600,
    }


DATABASES = {
    "default": _database("default", "operations.sqlite3"),
    "keys": _database("keys", "keys.sqlite3"),
    "profiles": _database("profiles", "profiles.sqlite3"),
}
# What several web processes must know together (failed log-ins, for one); in memory each would count for itself.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "KEY_FUNCTION": "assent.config.caching.opaque_key",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
DATABASE_ROUTERS = ["assent.config.routers.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People who log in
AUTH_USER_MODEL = "tenancy.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "assent.entrypoints.console.accounts.ClosedAccounts"
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff are invited by an administrator; nobody signs up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE; nobody is asked
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = ASSENT_VAR / "staff-mail"

# --- Words and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ro", _("Romanian"))]
LOCALE_PATHS = [HOME / "assent" / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Bucharest"

# --- Static files: our own and those of packages; no build step, no CDN
STATIC_URL = "/static/"
STATIC_ROOT = ASSENT_VAR / "static"
STATICFILES_DIRS = [HOME / "web"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Logs: what happened and where, never with which values. A message is its template; arguments and the text of an
# exception may carry what a person typed, so neither is written (see foundation.logs).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "assent.foundation.logs.WithoutValues"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("ASSENT_LOG_LEVEL", {"DEBUG", "INFO", "WARNING", "ERROR"}, "WARNING"),
    },
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
# Django's error page and mails never show these, whatever they are called in a form (SafeExceptionReporterFilter).
DEFAULT_EXCEPTION_REPORTER_FILTER = "assent.foundation.logs.NoValues"
ASSENT_LINK_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,86}$")
