"""Is it alive, may it take traffic, how much is there: for load balancers and monitors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Model, QuerySet
from redis import Redis
from redis.exceptions import RedisError

from listings.models import Listing
from marketplace.lib.clock import now
from marketplace.models import Letter
from orders.models import Order
from payments.models import AuditRun, InboxEvent, Operation, Payment

OPEN = ("ready", "running", "unknown")


def missing_migrations() -> list[str]:
    """Names of migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def broker_answers() -> bool:
    """A broker that is down makes work slower, never lost: the sweeps of `manage.py worker` go on."""
    try:
        return bool(Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping())
    except RedisError:
        return False


def oldest_operation_seconds() -> int:
    """How long the oldest call to a processor that is due has waited."""
    oldest = Operation.objects.filter(state__in=OPEN, run_at__lte=now()).aggregate(first=Min("run_at"))["first"]
    return _seconds_since(oldest)


def counts() -> Iterator[tuple[str, dict[str, str], int]]:
    """(metric, labels, value): sums only, nothing about anybody."""
    yield "entrepot_users", {}, get_user_model().objects.count()
    yield from _by("entrepot_listings", Listing.objects.all(), "status")
    yield from _by("entrepot_orders", Order.objects.all(), "status")
    yield from _by("entrepot_payments", Payment.objects.all(), "state")
    yield from _by("entrepot_operations", Operation.objects.all(), "state")
    yield "entrepot_operation_oldest_due_seconds", {}, oldest_operation_seconds()
    yield "entrepot_inbox_waiting", {}, InboxEvent.objects.filter(processed_at=None, dead_at=None).count()
    yield "entrepot_letters_waiting", {}, Letter.objects.filter(sent_at=None).count()
    yield from _audited()


def _audited() -> Iterator[tuple[str, dict[str, str], int]]:
    """How old the newest audit is, and how many invariants it found broken or could not check."""
    newest = AuditRun.objects.ended().first()
    if newest is not None:
        yield "entrepot_audit_age_seconds", {}, _seconds_since(newest.ended_at)
        for severity in ("S1", "S2"):
            yield "entrepot_audit_findings", {"severity": severity}, newest.findings.filter(severity=severity).count()


def _by(name: str, rows: QuerySet[Model], field: str) -> Iterator[tuple[str, dict[str, str], int]]:
    for row in rows.order_by().values(field).annotate(n=Count("pk")).order_by(field):
        yield name, {field: row[field]}, row["n"]


def _seconds_since(moment: dt.datetime | None) -> int:
    return 0 if moment is None else max(0, int((now() - moment).total_seconds()))
