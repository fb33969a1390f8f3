"""Paying the rebates of a live window's orders, by the sweep that the worker runs: how many a minute, beside the ledger
alone posting the same journals, and beside one after the other. SHARES says of how many, 10,000 if not."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from itertools import count

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from bench.report import tell
from bench.side_by_side import seconds
from fx.models import Window
from fx.money import Money
from marketplace.models import User
from payments.holds import release_all
from payments.ledger import codes
from payments.ledger.posting import Draft, post_all
from payments.models import Journal, Rebate
from payments.netting import rebates
from payments.netting.windows import close_window
from tests.conftest import make_user
from tests.payments.netting import broken, known
from tests.payments.sales import opposite, sold

SHARES, SELLERS, ALONE = int(os.environ.get("SHARES", "10000")), 100, 10
again = count()


@pytest.mark.django_db(transaction=True)
def test_paying_rebates(settings: Settings, bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    settings.NETTING_MODE = "live"
    settings.PROCESSORS["pocket"] = {"settlement_currencies": ["EUR"]}
    _late(bob)
    looked, rounds, alone = [], [], []
    while due := rebates.due_rebates():
        looked.append(seconds(rebates.due_rebates))
        for first in range(0, len(due), rebates.SET):
            some = due[first : first + rebates.SET]
            alone.append(len(some) * _undone(partial(_one_by_one, some[:ALONE])) / len(some[:ALONE]))
            ours = seconds(partial(rebates.pay_rebates, some))
            rounds.append((len(some), ours, _undone(partial(post_all, _drafts(some)))))
    with capsys.disabled():
        work = f"paying {SHARES:,} rebates in sets of {rebates.SET}"
        print("\n" + tell(work, "the clock", [60 * n / ours for n, ours, _ in rounds], unit="a minute"))
        print(tell(work, "the ledger alone posting their journals", [ours / bare for _, ours, bare in rounds]))
        print(tell(work, "one after the other", [ours / one for (_, ours, _), one in zip(rounds, alone, strict=True)]))
        print(f"  a look for what is due: {1000 * max(looked):.0f} ms at most, for up to {rebates.AHEAD} of them")
    assert Rebate.objects.filter(booked_minor__gt=0).count() == SHARES
    assert broken() == []


def _late(buyer: User) -> None:
    """Orders of a hundred sellers, completed before their window closed."""
    sellers = [make_user(f"seller{n}@example.com", country="IN", currency="INR") for n in range(SELLERS)]
    prices = [Money(100_000 + n * 7_919 % 500_000, "INR") for n in range(SHARES)]
    releases = sold(prices, sellers, buyer=buyer)
    for first in range(0, SHARES, 500):
        release_all(releases[first : first + 500])
    opposite(Money(sum(price.amount for price in prices), "INR"), sellers[0])
    known({"INR": "105"})
    assert close_window(coins=False, reason=Window.Reason.PERSON) is not None
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _one_by_one(conversions: list[int]) -> None:
    for conversion in conversions:
        rebates.pay_rebate(conversion)


def _drafts(conversions: list[int]) -> list[Draft]:
    """The journals that these rebates made, under keys of their own."""
    refs = Rebate.objects.filter(conversion__in=conversions).values("ref")
    found = Journal.objects.filter(kind="rebate", ref__in=refs).prefetch_related("entries__account")
    return [Draft(f"bare:{next(again)}", "rebate", one.ref, _legs(one)) for one in found]


def _legs(journal: Journal) -> list[tuple[codes.Code, int]]:
    return [(codes.parse(entry.account.code, entry.currency), entry.amount) for entry in journal.entries.all()]


def _undone(do: Callable[[], object]) -> float:
    with transaction.atomic():
        spent = seconds(do)
        transaction.set_rollback(True)
    return spent
