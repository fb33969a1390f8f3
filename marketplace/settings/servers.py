"""The servers behind the site: database, broker, cache, and the work that waits in rows."""

from __future__ import annotations

from typing import Any

import dj_database_url
from redis.backoff import NoBackoff
from redis.retry import Retry

from marketplace.settings.environment import (
    TEST,
    number,
    text,
)

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
    "measure corridors": {"task": "orders.tasks.measure_corridors", "schedule": 300.0},  # once an hour
    "free reserves": {"task": "orders.tasks.free_reserves", "schedule": 300.0},
    "prove": {"task": "orders.tasks.prove", "schedule": 60.0},  # chains journals; signs the head once a day
    "answer banks": {"task": "orders.tasks.answer_banks", "schedule": 300.0},
    "issue receipts": {"task": "orders.tasks.issue_receipts", "schedule": 60.0},
    "issue invoices": {"task": "orders.tasks.issue_invoices", "schedule": 600.0},
    "close windows": {"task": "orders.tasks.close_windows", "schedule": 60.0},
    "execute trades": {"task": "orders.tasks.execute_trades", "schedule": 60.0},
    "pay rebates": {"task": "orders.tasks.pay_rebates", "schedule": 300.0},
    "settle chargebacks": {"task": "orders.tasks.settle_chargebacks", "schedule": 60.0},
    "send letters": {"task": "marketplace.tasks.send_letters", "schedule": 5.0},
    "refresh rates": {"task": "fx.tasks.refresh_rates", "schedule": 60.0},
    "refresh history": {"task": "fx.tasks.refresh_history", "schedule": 3600.0},
    "forget quotes": {"task": "fx.tasks.forget_quotes", "schedule": 3600.0},
    "audit": {"task": "marketplace.tasks.audit", "schedule": 300.0},  # once a night, and when a person asks
    "forget calls": {"task": "marketplace.tasks.forget_calls", "schedule": 300.0},
}
