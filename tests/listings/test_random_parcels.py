"""Ten thousand parcels drawn at random: no crash, nothing negative, no floats, sums exact. A failure names its seed."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any

from fx.money import Money
from listings.customs.landed_cost import LandedCost, Line, Payer, Shipment
from listings.customs.rule import RuleBook
from listings.customs.seed import read_codes
from tests.listings.world import BOOK, USD, bill

COUNT = 10_000
CODES = [code for code, _name in read_codes()]
SCHEMES = sorted(
    {rule.scheme for country in BOOK.countries if (rule := BOOK.find(country, dt.date(2026, 11, 22)))} - {""}
)
PLACES = [*BOOK.countries, "PY", "LI"]  # two have no rule


def parcels(chance: random.Random) -> Iterator[tuple[Shipment, str, dt.date, frozenset[str]]]:
    for _one in range(COUNT):
        own, theirs = chance.choice(sorted(USD)), chance.choice(sorted(USD))
        lines = tuple(
            Line(
                "Thing",
                chance.choice(CODES),
                chance.choice(PLACES),
                Money(chance.choice((1, chance.randrange(1, 10**4), chance.randrange(1, 10**8))), own),
                chance.randrange(1, 9),
            )
            for _line in range(chance.randrange(1, 5))
        )
        shipping = Money(chance.choice((0, chance.randrange(10**5))), own)
        sent = Shipment(lines, shipping, chance.choice(PLACES), chance.choice(PLACES))
        day = dt.date(2026, 7, 1) + dt.timedelta(days=chance.randrange(900))
        yield sent, theirs, day, frozenset(chance.sample(SCHEMES, chance.randrange(len(SCHEMES))))


def test_ten_thousand_random_parcels() -> None:
    seed = random.randrange(10**6)
    terms: set[str] = set()
    for sent, currency, day, registrations in parcels(random.Random(seed)):
        landed = bill(sent, currency, on=day, registrations=registrations)
        terms.add(landed.incoterm)
        amounts = [c.amount for c in landed.components if c.amount is not None]
        assert all(type(amount.amount) is int and amount.amount >= 0 for amount in amounts), (seed, sent)
        assert landed.total().amount == sum(amount.amount for amount in amounts), (seed, sent)
        assert landed.total() == landed.due_now + landed.total(Payer.DELIVERY), (seed, sent)
        assert not list(_floats(landed.json())), (seed, sent)
    assert terms == {"DDP", "DAP", "domestic"}


def test_a_bill_is_computed_again_from_what_was_stored_when_every_rule_has_changed() -> None:
    for sent, currency, day, registrations in list(parcels(random.Random(7)))[:500]:
        stored = LandedCost.from_json(
            json.loads(json.dumps(bill(sent, currency, on=day, registrations=registrations).json()))
        )
        if stored.incoterm == "domestic":  # by the rules of both ends: no rule is in it
            continue
        book = RuleBook([stored.rule] if stored.rule else [])  # nothing but what the order kept
        again = bill(stored.shipment, stored.currency, on=stored.on, registrations=stored.registrations, book=book)
        assert again.components == stored.components
        assert again.incoterm == stored.incoterm


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _floats(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _floats(one)
