"""The only settings: read from the environment, loud on nonsense. `docs/operate.md` lists every variable.

`ENTREPOT_ENV` is `production` (the default), `demo` (set by `manage.py demo`) or `test` (set by pytest).
Nothing that is convenient in the demo is on in production by default.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str | None = None) -> str:
    """The variable's value; without a default an unset or empty one refuses to start."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; docs/operate.md says to what.")
    return default


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default))
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name}={value!r} is neither True nor False.")
    return value == "True"


def number(name: str, default: int, low: int, high: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number from {low} to {high}.")
    return int(value)


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def named_like(prefix: str) -> dict[str, str]:
    """What every set variable that begins with `prefix` says, by the rest of its name in small letters."""
    set_ones = {name: value.strip() for name, value in os.environ.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix).lower(): value for name, value in set_ones.items() if value}


def pairs(name: str, default: str = "") -> dict[str, str]:
    """Values by currency, like EUR:5,JPY:500."""
    found = [item.partition(":") for item in listed(name, default)]
    for key, colon, value in found:
        if not (key and colon and value):
            raise ImproperlyConfigured(f"{name}={key + colon + value!r} is no pair. Write it like EUR:5,JPY:500.")
    return {key: value for key, _colon, value in found}


ENV = text("ENTREPOT_ENV", "production")
if ENV not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"ENTREPOT_ENV={ENV!r} is none of production, demo, test.")
DEMO, TEST = ENV == "demo", ENV == "test"
SANDBOX = DEMO or TEST  # parts that stand in for the outside world load only here

# --- web -------------------------------------------------------------------------------------------
SECRET_KEY = text("SECRET_KEY", "only-for-demo-and-tests" * 3 if SANDBOX else None)
if not SANDBOX and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "SECRET_KEY is shorter than 50 characters. "
        "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )
DEBUG = flag("DEBUG", False)
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver" if SANDBOX else "")
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "testserver"}
if DEBUG and not set(ALLOWED_HOSTS) <= LOCAL_HOSTS:
    raise ImproperlyConfigured(
        f"DEBUG=True on the public hosts {', '.join(ALLOWED_HOSTS)} would show secrets. Set DEBUG=False."
    )
if not SANDBOX and (not ALLOWED_HOSTS or any("*" in host for host in ALLOWED_HOSTS)):
    raise ImproperlyConfigured(
        f"ALLOWED_HOSTS={','.join(ALLOWED_HOSTS)!r} must name your domains: "
        "the links in letters are to the host of a request."
    )
SITE_URL = text("SITE_URL", "http://127.0.0.1:8000" if SANDBOX else None).rstrip("/")
if not SANDBOX and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured(f"SITE_URL={SITE_URL!r} must start with https://: cookies and payments need it.")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "template_partials",
    "marketplace",
    "fx",
    "listings",
    "payments",
    "orders",
]

MIDDLEWARE = [
    "marketplace.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "marketplace.middleware.VisitorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marketplace.middleware.StaffSecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
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
                "django.template.context_processors.i18n",
                "marketplace.context.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "fx.templatetags.money",
            ],
        },
    }
]

# --- data ------------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {
    "default": {
        **dj_database_url.parse(text("DATABASE_URL"), conn_max_age=0 if TEST else 60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {  # what the URL says (a socket's folder, sslmode) stays
    **DATABASES["default"].get("OPTIONS", {}),
    "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = text("REDIS_URL")


def redis_database(url: str, number: int) -> str:
    """The URL of another database number on the same server; a socket takes it as a parameter."""
    return f"{url}?db={number}" if url.startswith("unix:") else f"{url.rstrip('/')}/{number}"


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_database(REDIS_URL, 1),
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)},
    }
}
SESSION_ENGINE = "marketplace.sessions"  # a lost broker logs nobody out

# --- people ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "marketplace.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail addresses are unique whatever their case, by a constraint
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"] if TEST else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no letters because somebody typed their address
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_ADAPTER = "marketplace.accounts.AccountAdapter"
ACCOUNT_FORMS = {"signup": "marketplace.accounts.SignupForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Entrepôt"

EMAIL_BACKEND = text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend"
    if DEMO
    else "django.core.mail.backends.locmem.EmailBackend"
    if TEST
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = text("EMAIL_FILE_PATH", str(BASE_DIR / ".data" / "mail"))
EMAIL_HOST = text("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", 587, 1, 65535)
EMAIL_HOST_USER = text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "Entrepôt <hello@example.com>" if SANDBOX else None)

# --- language, money, place ------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_COUNTRY = text("DEFAULT_COUNTRY", "DE")

# --- files -----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / ".data" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(BASE_DIR / ".data" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 12
PHOTO_MAX_BYTES = 10 * 1000 * 1000
PHOTO_MAX_PIXELS = 40_000_000

# --- work ------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://") if REDIS_URL.startswith("unix:") else REDIS_URL
CELERY_TASK_IGNORE_RESULT = True  # PostgreSQL is the result
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 120, 90
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # longer than the hard time limit, else a task runs twice
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 0,  # of a bell: else each request that rings one waits six seconds for a broker that is away
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# How many connections share the work of the audit, and how long one of its checks may take.
AUDIT_CONNECTIONS = number("AUDIT_CONNECTIONS", 2, 1, 16)
AUDIT_CHECK_SECONDS = number("AUDIT_CHECK_SECONDS", 300, 1, 86_400)
AUDIT_HOUR = number("AUDIT_HOUR", 3, 0, 23)  # UTC; the night's audit is run then, or as soon after as a worker is there
CELERY_BEAT_SCHEDULE = {
    "drain operations": {"task": "orders.tasks.drain_operations", "schedule": 5.0},
    "drain inbox": {"task": "orders.tasks.drain_inbox", "schedule": 5.0},
    "poll chains": {"task": "orders.tasks.poll_chains", "schedule": 10.0},
    "meet deadlines": {"task": "orders.tasks.meet_deadlines", "schedule": 30.0},
    "meet returns": {"task": "orders.tasks.meet_returns", "schedule": 60.0},
    "ask for payouts": {"task": "orders.tasks.ask_for_payouts", "schedule": 300.0},
    "look at payees": {"task": "orders.tasks.look_at_payees", "schedule": 300.0},
    "screen payees": {"task": "orders.tasks.screen_payees", "schedule": 60.0},
    "remind of failed payouts": {"task": "orders.tasks.remind_of_payouts", "schedule": 3600.0},
    "follow sendings": {"task": "orders.tasks.follow_sendings", "schedule": 30.0},
    "ask for addresses": {"task": "orders.tasks.ask_for_addresses", "schedule": 3600.0},
    "erase old": {"task": "orders.tasks.erase_old", "schedule": 3600.0},
    "reconcile": {"task": "orders.tasks.reconcile", "schedule": 3600.0},  # each processor once a day
    "free reserves": {"task": "orders.tasks.free_reserves", "schedule": 300.0},
    "answer banks": {"task": "orders.tasks.answer_banks", "schedule": 300.0},
    "settle chargebacks": {"task": "orders.tasks.settle_chargebacks", "schedule": 60.0},
    "send letters": {"task": "marketplace.tasks.send_letters", "schedule": 5.0},
    "refresh rates": {"task": "fx.tasks.refresh_rates", "schedule": 60.0},
    "audit": {"task": "marketplace.tasks.audit", "schedule": 300.0},  # once a night, and when a person asks
    "forget calls": {"task": "marketplace.tasks.forget_calls", "schedule": 300.0},
}

# --- money -----------------------------------------------------------------------------------------
# What the platform takes, in basis points.
SPREAD_BPS = number("SPREAD_BPS", 40, 0, 500)  # over mid-market, fiat to fiat
COIN_SPREAD_BPS = number("COIN_SPREAD_BPS", 50, 0, 1000)  # from the order's currency to the coin
COMMISSION_BPS = number("COMMISSION_BPS", 100, 0, 3000)  # of goods, from the seller, at release
QUOTE_MINUTES = number("QUOTE_MINUTES", 10, 1, 10)
COIN_QUOTE_MINUTES = number("COIN_QUOTE_MINUTES", 15, 1, 15)
COIN_REFUND_MINUTES = number("COIN_REFUND_MINUTES", 60, 5, 1440)  # a refund by value, until it is signed and sent
# Providers of rates by name, see fx/providers. The demo's fixed rates refuse to load elsewhere.
RATE_PROVIDERS = listed("RATE_PROVIDERS", "embedded,demo" if SANDBOX else "ecb,kraken,coinbase")
RATE_URLS = {  # tests point these at loopback servers
    "ecb": text("ECB_URL", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"),
    "kraken": text("KRAKEN_URL", "https://api.kraken.com"),
    "coinbase": text("COINBASE_URL", "https://api.exchange.coinbase.com"),
}
FX_ALLOW_EMBEDDED = flag("FX_ALLOW_EMBEDDED", SANDBOX)

# Who is asked before anybody is paid, and the operator's own list of names and addresses. See payments/screening.
SCREENING_PROVIDERS = listed("SCREENING_PROVIDERS", "embargoes,list")
SCREENING_LIST = text("SCREENING_LIST", "")
# How long the law wants books to be kept: after that, people are erased from finished orders.
BOOKS_KEPT_YEARS = number("BOOKS_KEPT_YEARS", 10, 6, 30)
# currency:amount pairs: the least that sellers can ask for; a currency that is not named has none
PAYOUT_MINIMUMS = pairs(
    "PAYOUT_MINIMUMS", "" if TEST else "EUR:5,USD:5,GBP:5,CHF:5,CAD:5,AUD:5,INR:400,MXN:100,JPY:500"
)

# Schemes the operator is registered for: they decide DDP or DAP. See docs/operate.md.
REGISTRATIONS = frozenset(listed("REGISTRATIONS", "IOSS" if DEMO else ""))
AUTO_APPROVE = flag("AUTO_APPROVE", False)  # the operator's rule for listings of shops with an approved one

# Processors by name; one is active only when it is named here. See payments/processors.
STRIPE_API_BASE = text("STRIPE_API_BASE", "")  # the demo's and the tests' loopback double; empty: Stripe itself
PROCESSORS: dict[str, dict[str, Any]] = {}
if SANDBOX or os.environ.get("STRIPE_SECRET_KEY"):
    PROCESSORS["stripe"] = {
        "secret_key": text("STRIPE_SECRET_KEY", "sk_test_demo" if SANDBOX else None),
        "publishable_key": text("STRIPE_PUBLISHABLE_KEY", "pk_test_demo" if SANDBOX else None),
        "webhook_secret": text("STRIPE_WEBHOOK_SECRET", "whsec_demo_only" if SANDBOX else None),
        "api_base": STRIPE_API_BASE,
        "settlement_currencies": listed("STRIPE_SETTLEMENT_CURRENCIES", "EUR"),
        "country": text("STRIPE_COUNTRY", "DE" if SANDBOX else ""),  # of the platform's account: for payouts by Connect
    }
if SANDBOX or os.environ.get("BITCOIN_XPUB"):
    PROCESSORS["bitcoin"] = {
        "xpub": text("BITCOIN_XPUB", "" if SANDBOX else None),
        "network": text("BITCOIN_NETWORK", "regtest" if SANDBOX else "main"),
        "source": text("BITCOIN_SOURCE", "demo" if SANDBOX else None),  # core | esplora | demo
        "url": text("BITCOIN_URL", ""),
        "wallet": text("BITCOIN_WALLET", "entrepot-watch"),
        "first_index": number("BITCOIN_FIRST_INDEX", 0, 0, 2**31 - 1),  # after a restore: skip what was given out
        "refund_window_hours": number("BITCOIN_REFUND_WINDOW_HOURS", 24, 0, 2160),  # the coins themselves go back
        "fee_ceiling": number("BITCOIN_FEE_CEILING", 200, 1, 10_000),  # satoshi per virtual byte
    }
if SANDBOX or os.environ.get("ERC20_XPUB"):
    PROCESSORS["erc20"] = {  # USDC on an EVM chain
        "xpub": text("ERC20_XPUB", "" if SANDBOX else None),
        "chain_id": number("ERC20_CHAIN_ID", 31337 if SANDBOX else 1, 1, 2**53),
        "contract": text("ERC20_CONTRACT", ""),  # empty: where USDC's maker says that it is
        "source": text("ERC20_SOURCE", "demo" if SANDBOX else "node"),  # node | demo
        "url": text("ERC20_URL", ""),
        "confirmations": text("ERC20_CONFIRMATIONS", "finalized"),  # what the chain calls final, or so many blocks
        "log_blocks": number("ERC20_LOG_BLOCKS", 2000, 1, 1_000_000),  # asked for at once; providers have limits
        "first_index": number("ERC20_FIRST_INDEX", 0, 0, 2**31 - 1),  # after a restore: skip what was given out
        "refund_window_hours": number("ERC20_REFUND_WINDOW_HOURS", 24, 0, 2160),
    }
PROCESSORS["bank"] = {
    "debtor_name": text("BANK_DEBTOR_NAME", "Entrepôt Demo" if SANDBOX else "-"),
    # currency:account pairs, e.g. EUR:DE75512108001245126199,INR:DE75512108001245126199
    "accounts": pairs(
        "BANK_ACCOUNTS",
        "EUR:DE75512108001245126199,INR:DE75512108001245126199,MXN:DE75512108001245126199" if SANDBOX else "",
    ),
    "bic": text("BANK_BIC", "SOLADEST600" if SANDBOX else "-"),
}

# Sellers may pay with what they have earned: whether you may offer that is for your lawyer to say. See docs/operate.md.
if flag("BALANCE_RAIL", DEMO):
    PROCESSORS["balance"] = {}
# currency:amount pairs: the most that a sales balance pays at once, and in 24 hours; a currency not named has no limit
BALANCE_PER_PAYMENT = pairs("BALANCE_PER_PAYMENT")
BALANCE_PER_DAY = pairs("BALANCE_PER_DAY")
if flag("BANK_PAY_IN", False):  # buyers may pay by bank transfer, in the currencies of our accounts
    PROCESSORS["transfer"] = PROCESSORS["bank"] | {"days": number("BANK_PAY_IN_DAYS", 5, 1, 14)}

# Processors of installed packages, each configured by its own variables: PROCESSOR_ACME_API_KEY is acme's "api_key".
for _slug in listed("PLUGIN_PROCESSORS"):
    if _slug in {"stripe", "bitcoin", "erc20", "bank", "balance", "transfer"}:
        raise ImproperlyConfigured(f"PLUGIN_PROCESSORS has {_slug!r}, which is built in and has settings of its own.")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,31}", _slug):
        raise ImproperlyConfigured(f"PLUGIN_PROCESSORS has {_slug!r}: use small letters, digits and _, like acme.")
    PROCESSORS[_slug] = named_like(f"PROCESSOR_{_slug.upper()}_")

# A call to a processor, with its retries, takes 75 seconds at most; one that takes longer is taken over.
CLAIM_SECONDS = number("CLAIM_SECONDS", 100, 2, 600)

# What stands in for the outside world never does so where money is real.
STAND_INS = {
    "RATE_PROVIDERS": "demo" in RATE_PROVIDERS,
    "STRIPE_API_BASE": bool(STRIPE_API_BASE),
    "BITCOIN_SOURCE": PROCESSORS.get("bitcoin", {}).get("source") == "demo",
    "ERC20_SOURCE": PROCESSORS.get("erc20", {}).get("source") == "demo",
}
for _name, _is_one in STAND_INS.items():
    if _is_one and not SANDBOX:
        raise ImproperlyConfigured(
            f"{_name}={os.environ[_name]!r} is a stand-in for the demo and tests, where no money is real. Take it out."
        )

# --- API -------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "marketplace.rest.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marketplace.rest.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "marketplace.rest.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["marketplace.rest.filters.Filters"],
    "DEFAULT_SCHEMA_CLASS": "marketplace.rest.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": [
        "marketplace.rest.throttles.PerAddress",
        "marketplace.rest.throttles.PerAccount",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "600/min"},
    "NUM_PROXIES": 1 if flag("BEHIND_PROXY", False) else 0,  # else a made-up X-Forwarded-For escapes the throttle
    "EXCEPTION_HANDLER": "marketplace.rest.problems.handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Entrepôt",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.models.Order.Status",
        "ListingStatus": "listings.models.Listing.Status",
        "DisputeKind": "orders.models.Dispute.Kind",
        "PayoutMethodKind": "payments.models.PayoutMethod.Kind",
        "ReturnPayer": "orders.models.Return.Payer",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "marketplace.rest.schema.finish",
    ],
}

# --- security --------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not SANDBOX
SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", not SANDBOX)
SECURE_HSTS_SECONDS = 0 if SANDBOX else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not SANDBOX
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("BEHIND_PROXY", False) else 0  # else every visitor shares one rate limit
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
METRICS_TOKEN = text("METRICS_TOKEN", "")  # empty: /metrics answers this machine only

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "WARNING" if TEST else "INFO")},
}
