"""Every invariant on many orders: the whole, beside reading every table once. ORDERS says how many, 100,000 if not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median, quantiles

import psutil
import pytest
from django.apps import apps
from django.db import connection
from pytest_django import Settings

from bench.busy import make_busy
from bench.side_by_side import seconds
from marketplace.audit import checks
from marketplace.lib.audit import Result, run
from orders.models import Order
from tests.doubles import StripeDouble

ORDERS, ROUNDS, SLOWEST = int(os.environ.get("ORDERS", "100000")), 5, 20
BOOKS = ("ledger_entry", "ledger_journal", "ledger_account", "ledger_balance")


@pytest.mark.django_db(transaction=True)
def test_the_audit_of_many_orders(
    settings: Settings, stripe_double: StripeDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PROCESSORS = {**settings.PROCESSORS, "balance": {}}
    with capsys.disabled():
        made = seconds(lambda: make_busy(stripe_double, orders=ORDERS, say=print))
        print(f"made in {made:.0f} s: {Order.objects.count()} orders")
        rounds: list[list[Result]] = []
        read = [seconds(_read_all) for _round in range(ROUNDS)]
        spent = [_spent(lambda: rounds.append(run(checks()))) for _round in range(ROUNDS)]
        _say(f"the whole audit, {settings.AUDIT_CONNECTIONS} connections", [wall for wall, _cpu in spent], "s")
        _say("its work on the database's side", [cpu for _wall, cpu in spent], "s of CPU")
        _say("as often as every table could be read once", [a / b for (a, _), b in zip(spent, read, strict=True)], "")
        _say_slowest(rounds)
    assert [result.check.id for result in rounds[0] if result.is_broken] == []


def _say(what: str, values: list[float], unit: str) -> None:
    low, _, high = quantiles(values, n=4)
    print(f"{what}: {median(values):.2f} {unit}, middle half {low:.2f} to {high:.2f} ({ROUNDS} rounds)")


def _say_slowest(rounds: list[list[Result]]) -> None:
    times = [(median(one.seconds for one in found), found[0].check) for found in zip(*rounds, strict=True)]
    for spent, check in sorted(times, key=lambda one: -one[0])[:SLOWEST]:
        print(f"  {check.id} {spent:.2f} s  {check.statement}")


def _read_all() -> None:
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed}.union(BOOKS)
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"select count(*) from {table} t where t is null")


def _spent(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processors in all processes of the database."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0]).parent()
    assert server is not None
    before, began = _cpu(server), time.perf_counter()
    do()
    return time.perf_counter() - began, _cpu(server) - before


def _cpu(server: psutil.Process) -> float:
    """Of those that live, and of those that have ended: one that ends meanwhile is among these, for they come last."""
    spent = 0.0
    for child in server.children():
        with suppress(psutil.NoSuchProcess):
            spent += sum(child.cpu_times()[:2])
    own = server.cpu_times()
    return spent + own.user + own.system + own.children_user + own.children_system
