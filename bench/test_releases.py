"""Releasing holds that are due, by the sweep that the worker runs: how many a minute, and how much memory it takes."""

from __future__ import annotations

import os
import time
from itertools import pairwise

import psutil
import pytest
from django.db import connection

from bench.report import tell
from listings.services import set_stock
from marketplace.letters import send_due
from marketplace.lib.clock import shifted
from marketplace.seeding.copies import multiply
from orders import work
from orders.deadlines import due
from orders.models import Order
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, delivered_order

HOLDS, LIVES = int(os.environ.get("HOLDS", "100000")), 20
ROUND = 5_000  # holds between two looks at the clock and at the memory


@pytest.mark.django_db(transaction=True)
def test_releasing_due_holds(world: World, stripe_double: StripeDouble, capsys: pytest.CaptureFixture[str]) -> None:
    set_stock(world.scarf, stock=LIVES, by=world.alice)
    for _ in range(LIVES):
        delivered_order(world, stripe_double)
    while send_due():
        pass
    multiply(-(-HOLDS // LIVES), say=lambda _text: None)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    count = Order.objects.filter(status=Order.Status.DELIVERED).count()
    with shifted(days=17), capsys.disabled():
        looks = _release()
        rates = [60 * (n - m) / (t - s) for (m, s, _), (n, t, _) in pairwise(looks)]
        print(f"\n{tell(f'releasing {count} due holds', 'the clock', rates, unit='a minute', asked='20,000 a minute')}")
        before, first, *later = [size / 2**20 for _n, _s, size in looks]
        what, after = "memory of the process that releases them", f"after the first {looks[1][0]}"
        print(f"{what}: {before:.0f} MiB before, {first:.0f} {after}, {(later or [first])[-1]:.0f} at the end")
        print(tell(what, after, [size - first for size in later] or [0.0], unit="MiB more", asked="flat"))
    assert not Order.objects.filter(status=Order.Status.DELIVERED).exists()
    assert broken() == []


def _release() -> list[tuple[int, float, int]]:
    """Holds released, seconds and bytes of memory at each look."""
    process, done, began = psutil.Process(), 0, time.perf_counter()
    looks = [(0, 0.0, process.memory_info().rss)]
    while due():
        done += work.meet_deadlines()
        if done >= looks[-1][0] + ROUND:
            looks.append((done, time.perf_counter() - began, process.memory_info().rss))
    looks.append((done, time.perf_counter() - began, process.memory_info().rss))
    return looks
