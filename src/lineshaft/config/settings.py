"""Django's settings, and the only place that reads the environment.

Every setting an operator may change is one line of SETTINGS: its name in the environment, its
default, its kind and its meaning. The reference page of settings is generated from that table.
"""

import os
import secrets
import sys
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of configuration: `kind` is text, int, flag, list or secret."""

    name: str
    default: str
    kind: str
    meaning: str


SETTINGS: Final = (
    Setting("LINESHAFT_VAR", "var", "text", "Folder of the database, files, snapshots and caches."),
    Setting(
        "DATABASE_URL",
        "",
        "text",
        "Database as an address, postgres://user:password@host/name. Empty: SQLite under var.",
    ),
    Setting(
        "LINESHAFT_SECRET_KEY",
        "",
        "secret",
        "Key that signs sessions. Empty: one is made on first start and kept under var.",
    ),
    Setting(
        "LINESHAFT_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "list",
        "Host names under which the platform answers, separated by commas.",
    ),
    Setting(
        "LINESHAFT_ORIGIN",
        "",
        "text",
        "Public address, such as https://network.example.gov. Turns on secure cookies and HSTS.",
    ),
    Setting(
        "LINESHAFT_PROXIES",
        "",
        "list",
        "Addresses or networks of the proxies in front, such as 127.0.0.1. Only they are believed"
        " for whom they ask (X-Forwarded-For); empty: nobody is.",
    ),
    Setting("LINESHAFT_PROFILE", "us", "text", "Jurisdiction profile: the key of a shipped one."),
    Setting(
        "LINESHAFT_DEMONSTRATION",
        "",
        "flag",
        "1 marks every page and export as demonstration and offers the personas' sign-in.",
    ),
    Setting("LINESHAFT_DEBUG", "", "flag", "1 shows error details in the browser. Never in use."),
    Setting("LINESHAFT_UPLOAD_MAX_MIB", "64", "int", "Largest file that is taken, in mebibytes."),
    Setting(
        "LINESHAFT_MAIL_URL",
        "",
        "text",
        "SMTP server as smtp://user:password@host:port. Empty: mail stays in the outbox.",
    ),
    Setting("LINESHAFT_MAIL_FROM", "lineshaft@localhost", "text", "Sender of the platform's mail."),
    Setting("LINESHAFT_OIDC_NAME", "", "text", "Name of the OpenID Connect provider, as shown."),
    Setting("LINESHAFT_OIDC_SERVER", "", "text", "Address of the OpenID Connect provider."),
    Setting("LINESHAFT_OIDC_CLIENT", "", "text", "Client id at the OpenID Connect provider."),
    Setting("LINESHAFT_OIDC_SECRET", "", "secret", "Client secret at the OpenID Connect provider."),
    Setting(
        "LINESHAFT_FIGURES_ENGINE",
        "duckdb",
        "text",
        "What computes figures: duckdb, on this machine, or spark.",
    ),
    Setting(
        "LINESHAFT_SPARK_MASTER",
        "local[*]",
        "text",
        "Address of the Spark cluster, such as spark://host:7077; local[*] is this machine.",
    ),
    Setting(
        "LINESHAFT_SPARK_FOLDER",
        "",
        "text",
        "Folder that every Spark worker reaches at the same path. Empty: they are on this machine.",
    ),
    Setting("LINESHAFT_WORKERS", "1", "int", "Server processes; each has LINESHAFT_THREADS."),
    Setting("LINESHAFT_THREADS", "4", "int", "Threads of a server process that run requests."),
    Setting(
        "LINESHAFT_TEST_DATABASE",
        "",
        "text",
        "Database address for the tests alone. Empty: SQLite.",
    ),
)
_DEFAULTS: Final = {setting.name: setting.default for setting in SETTINGS}


def _text(name: str) -> str:
    return os.environ.get(name, "") or _DEFAULTS[name]


def _flag(name: str) -> bool:
    return _text(name).lower() in {"1", "true", "yes", "on"}


def _int(name: str) -> int:
    text = _text(name)
    if not text.isdecimal():
        message = f"{name} is {text!r}; it takes a whole number."
        raise ImproperlyConfigured(message)
    return int(text)


def _list(name: str) -> list[str]:
    return [part.strip() for part in _text(name).split(",") if part.strip()]


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if _text(name) not in known:
        message = f"{name} is {_text(name)!r}; it takes {' or '.join(known)}."
        raise ImproperlyConfigured(message)
    return _text(name)


def _networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part) for part in _list(name)]
    except ValueError as error:
        message = f"{name} takes addresses or networks such as 10.0.0.0/8: {error}."
        raise ImproperlyConfigured(message) from error


def _profile(name: str) -> str:
    """The key of a profile that ships."""
    shipped = sorted(path.stem for path in (PACKAGE_DIR / "reference" / "profiles").glob("*.toml"))
    if _text(name) not in shipped:
        message = f"{name} is {_text(name)!r}; the profiles that ship are {', '.join(shipped)}."
        raise ImproperlyConfigured(message)
    return _text(name)


def _origin(name: str) -> str:
    """An address of scheme, host and perhaps port, as the browser names it; empty where unset."""
    given = _text(name).removesuffix("/")
    parts = urlsplit(given)
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    if given and (
        parts.scheme not in {"http", "https"} or not parts.hostname or given.lower() != origin
    ):
        message = f"{name} is {given!r}; it takes an address such as https://network.example.gov."
        raise ImproperlyConfigured(message)
    return origin if given else ""


def host_of(origin: str) -> str:
    """The host name of an address, without its port; brackets stay about an IPv6 address."""
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host


def _secret_key(folder: Path) -> str:
    """The key of the environment, or the one kept under var, made when there is none yet."""
    given = _text("LINESHAFT_SECRET_KEY")
    if given:
        return given
    path = folder / "secret-key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(50)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(key)
        return key


IS_TESTING = "pytest" in sys.modules
PACKAGE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(_text("LINESHAFT_VAR")).resolve()
FILES_DIR = VAR_DIR / "files"
SNAPSHOTS_DIR = VAR_DIR / "snapshots"
CACHE_DIR = VAR_DIR / "cache"

DEBUG = _flag("LINESHAFT_DEBUG")
SECRET_KEY = "tests" * 12 if IS_TESTING else _secret_key(VAR_DIR)
ORIGIN = _origin("LINESHAFT_ORIGIN")
IS_SECURE = ORIGIN.startswith("https://")
ALLOWED_HOSTS = [*_list("LINESHAFT_HOSTS"), *([host_of(ORIGIN)] if ORIGIN else [])]
CSRF_TRUSTED_ORIGINS = [ORIGIN] if ORIGIN else []
IS_DEMONSTRATION = _flag("LINESHAFT_DEMONSTRATION")
PROFILE = _profile("LINESHAFT_PROFILE")
PROXIES = _networks("LINESHAFT_PROXIES")
SERVER_WORKERS = _int("LINESHAFT_WORKERS")
SERVER_THREADS = _int("LINESHAFT_THREADS")
FIGURES_ENGINE = _one_of("LINESHAFT_FIGURES_ENGINE", ("duckdb", "spark"))
SPARK_MASTER = _text("LINESHAFT_SPARK_MASTER")
SPARK_FOLDER = Path(_text("LINESHAFT_SPARK_FOLDER")) if _text("LINESHAFT_SPARK_FOLDER") else None
UPLOAD_MAX_BYTES = _int("LINESHAFT_UPLOAD_MAX_MIB") * 1024 * 1024

INSTALLED_APPS = [
    "lineshaft.config.apps.ConfigConfig",
    "lineshaft.apps.desk",
    "lineshaft.apps.insight",
    "lineshaft.apps.awarding",
    "lineshaft.apps.reviewing",
    "lineshaft.apps.competitions",
    "lineshaft.apps.memberships",
    "lineshaft.apps.funding",
    "lineshaft.apps.governance",
    "lineshaft.apps.network",
    "lineshaft.web",
    "lineshaft.plumbing.search",
    "lineshaft.plumbing.exchange",
    "lineshaft.plumbing.jobs",
    "lineshaft.plumbing.mail",
    "lineshaft.plumbing.files",
    "lineshaft.plumbing.audit",
    "lineshaft.plumbing.access",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks_db",
    "django_htmx",
    "ninja",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "lineshaft.config.middleware.HeadMiddleware",
    "lineshaft.config.middleware.ApiMiddleware",
    "lineshaft.config.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "lineshaft.config.middleware.ActorMiddleware",
    "lineshaft.config.middleware.SecondFactorMiddleware",
    "lineshaft.config.middleware.ErrorMiddleware",
    "lineshaft.config.middleware.TextMiddleware",
]

ROOT_URLCONF = "lineshaft.config.urls"
WSGI_APPLICATION = "lineshaft.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "lineshaft.web.context.page_context",
                "lineshaft.config.welcome.personas_context",
            ],
            "builtins": ["lineshaft.web.templatetags.lineshaft", "django.templatetags.i18n"],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """The database of an address; SQLite in WAL with short immediate transactions when empty."""
    if url and not url.startswith("sqlite"):
        return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    name = url.removeprefix("sqlite:///") if url else str(VAR_DIR / "lineshaft.sqlite3")
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                # What is deleted is written over: the ballots of an urn (see plumbing.wiping).
                " PRAGMA secure_delete=ON;"
                " PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


def _test_database() -> dict[str, Any]:
    """A database for this run alone, so that several runs can go on side by side."""
    database = _database(_text("LINESHAFT_TEST_DATABASE"))
    # A test database may be lost in a crash; waiting for the disk would only be slow.
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"] = {"NAME": str(VAR_DIR / "test" / f"{os.getpid()}.sqlite3")}
        (VAR_DIR / "test").mkdir(parents=True, exist_ok=True)
        database["OPTIONS"]["init_command"] = (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
            " PRAGMA secure_delete=ON;"
        )
    else:
        database["TEST"] = {"NAME": f"lineshaft_test_{os.getpid()}"}
        database.setdefault("OPTIONS", {}).setdefault("options", "-c synchronous_commit=off")
    return database


DATABASES = {"default": _test_database() if IS_TESTING else _database(_text("DATABASE_URL"))}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache"
        if IS_TESTING
        else "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "lineshaft_cache",
    },
    "local": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "local",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default"],
    }
}
JOB_MODULES = (
    "lineshaft.plumbing.mail.tasks",
    "lineshaft.plumbing.exchange.tasks",
    "lineshaft.apps.network.tasks",
    "lineshaft.apps.funding.tasks",
    "lineshaft.apps.memberships.tasks",
    "lineshaft.apps.competitions.tasks",
    "lineshaft.apps.reviewing.tasks",
    "lineshaft.apps.awarding.tasks",
    "lineshaft.apps.insight.tasks",
)
# Plumbing can't import what stands above it, so it is told by name:
ACTOR_OF_USER = "lineshaft.config.actor.actor_of_user"  # for jobs
SCOPE_EXISTS = "lineshaft.config.scopes.scope_exists"  # for grants
EVENTS_WITHHELD = "lineshaft.config.trail.events_withheld"  # for the trail
IMPORT_MODULES = (
    "lineshaft.apps.network.exchange",
    "lineshaft.apps.memberships.exchange",
    "lineshaft.apps.funding.exchange",
    "lineshaft.apps.reviewing.exchange",
    "lineshaft.apps.insight.exchange",
)

# Network merges records, and is told by name who says what of theirs would contradict it:
MERGE_CHECKS = ("lineshaft.apps.memberships.queries.refuse_merge",)
# The institute's page is network's, and so are told by name those that speak on it:
INSTITUTE_NOTICE_MODULES = ("lineshaft.apps.funding.views.renewals",)

# ------------------------------------------------------------------------------- who signs in
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["lineshaft.config.accounts.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if IS_TESTING
    else [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        # What was stored by earlier versions: it is read, and stored anew at the next sign-in.
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "lineshaft.config.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    "login": "60/m/ip",
    "reauthenticate": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever makes the account vouches for its address
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
MFA_TOTP_ISSUER = "Lineshaft"
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ONLY = False
OIDC_SERVER = _text("LINESHAFT_OIDC_SERVER")


def openid_connect(server: str, *, name: str, client: str, secret: str) -> dict[str, Any]:
    """The one provider, as allauth wants it."""
    app = {
        "provider_id": "oidc",
        "name": name or "OpenID Connect",
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": server},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


SOCIALACCOUNT_PROVIDERS = (
    openid_connect(
        OIDC_SERVER,
        name=_text("LINESHAFT_OIDC_NAME"),
        client=_text("LINESHAFT_OIDC_CLIENT"),
        secret=_text("LINESHAFT_OIDC_SECRET"),
    )
    if OIDC_SERVER
    else {}
)

# ------------------------------------------------------------------------ what the browser may do
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "lineshaft.web.errors.csrf_failure"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_SECURE
SECURE_SSL_REDIRECT = False  # the proxy in front does it: docs/how-to/deploy-postgresql.md
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # asks for that redirect
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [
        CSP.SELF,
        *(["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER))] if OIDC_SERVER else []),
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["lineshaft.plumbing.files.uploads.LimitedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

# -------------------------------------------------------------------------------- words and files
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH: list[str] = []

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "unused-media")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = IS_TESTING or DEBUG
WHITENOISE_AUTOREFRESH = IS_TESTING  # found when asked for, not at the start of every client

# -------------------------------------------------------------------------------------- mail, logs
MAIL_URL = _text("LINESHAFT_MAIL_URL")
DEFAULT_FROM_EMAIL = _text("LINESHAFT_MAIL_FROM")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "lineshaft": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
    },
}
