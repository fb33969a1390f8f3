"""Every invariant on many orders: how long each check takes. ORDERS says how many, 100,000 if not."""

from __future__ import annotations

import os
import time
from statistics import median

import pytest
from django.db import connection

from bench.busy import make_busy
from marketplace.audit import checks
from marketplace.lib.audit import run
from orders.models import Order
from tests.doubles import StripeDouble

ORDERS, ROUNDS, SLOWEST = int(os.environ.get("ORDERS", "100000")), 5, 12


@pytest.mark.django_db(transaction=True)
def test_the_audit_of_many_orders(stripe_double: StripeDouble, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.perf_counter()
    with capsys.disabled():
        make_busy(stripe_double, orders=ORDERS, say=print)
        print(f"made in {time.perf_counter() - began:.0f} s: {Order.objects.count()} orders, {_entries()} entries")
        rounds = [{result.check.id: result for result in run(checks())} for _round in range(ROUNDS)]
        whole = sorted(sum(result.seconds for result in one.values()) for one in rounds)
        print(f"the whole audit: {median(whole):.2f} s, from {whole[0]:.2f} to {whole[-1]:.2f} ({ROUNDS} rounds)")
        spent = {id_: median(one[id_].seconds for one in rounds) for id_ in rounds[0]}
        for id_ in sorted(spent, key=lambda id_: -spent[id_])[:SLOWEST]:
            print(f"  {id_} {spent[id_]:.2f} s  {rounds[0][id_].check.statement}")
    assert [id_ for id_, result in rounds[0].items() if result.count] == []


def _entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger_entry")
        return int(cursor.fetchone()[0])
