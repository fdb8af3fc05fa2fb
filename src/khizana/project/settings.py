"""Django's settings, for the library that ``KHIZANA_LIBRARY`` names."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from khizana.core.configuration import Configuration, read_configuration
from khizana.core.library import LibraryFolder
from khizana.project.databases import database_of, sqlite

# Tools that import the code without a library (type checks, migrations) work on an unnamed one in memory.
_root = os.environ.get("KHIZANA_LIBRARY")
KHIZANA_FOLDER = LibraryFolder.opened(Path(_root)) if _root else LibraryFolder(Path(os.devnull))
KHIZANA = (
    read_configuration(KHIZANA_FOLDER.configuration)
    if _root
    else Configuration(name="unnamed", secret="no library, nothing signed")  # noqa: S106 - signs nothing: there is no library
)
KHIZANA_SERVING_AT = os.environ.get("KHIZANA_SERVING_AT", "http://127.0.0.1:8000")

SECRET_KEY = KHIZANA.secret
DEBUG = False
ALLOWED_HOSTS = ["*"]  # one process on a laptop or behind a proxy: the host name is not a secret and signs nothing
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = KHIZANA.language
LANGUAGES = [("ar", "العربية"), ("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [str(files("khizana.web") / "locale")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "khizana.apps.accounts",
    "khizana.apps.jobs",
    "khizana.apps.catalogue",
    "khizana.apps.preservation",
    "khizana.apps.digitisation",
    "khizana.apps.publication",
]
AUTH_USER_MODEL = "accounts.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": database_of(KHIZANA_FOLDER, KHIZANA) if _root else sqlite(":memory:")}

ROOT_URLCONF = "khizana.web.urls"
CSRF_FAILURE_VIEW = "khizana.web.reading_room.views.form_expired"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Signed cookies: a sign-in costs the tiles no database query and survives a restart.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(files("khizana.web") / "templates")],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ],
        },
    }
]
STATIC_URL = "/static/"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Strangers ask for what is not there all day long: a line for each would fill the disk.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "ERROR"}},
}
