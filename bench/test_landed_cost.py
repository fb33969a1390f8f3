"""The landed cost of a thousand parcels to every destination, on the clock."""

from __future__ import annotations

import random
import time
from itertools import islice

import pytest

from bench.report import tell
from listings.customs.landed_cost import landed_cost
from tests.listings.test_random_parcels import parcels
from tests.listings.world import BOOK, RATES

PARCELS, ROUNDS = 1_000, 40


def test_the_landed_cost_of_a_thousand_parcels(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = list(islice(parcels(random.Random(1)), PARCELS))

    def clock() -> float:
        began = time.perf_counter()
        for sent, currency, on, registrations in drawn:
            landed_cost(sent, BOOK, on=on, currency=currency, convert=RATES.convert, registrations=registrations)
        return 1000 * (time.perf_counter() - began)

    clock()
    took = [clock() for _round in range(ROUNDS)]
    with capsys.disabled():
        print(f"\n{tell(f'landed cost of {PARCELS} parcels', 'the clock', took, unit='ms', asked='under 100 ms')}")
