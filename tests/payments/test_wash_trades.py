"""Two shops that buy from each other, in circles, keep it all and take the rebates: they never end with more."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from pytest_django import Settings

from fx import checks
from fx.models import Window, WindowShare
from fx.money import EXPONENT, Money
from fx.rates import Rates
from fx.services import current_rates
from marketplace.models import User
from payments.netting.windows import close_window
from tests.payments.netting import MIDS, converted, known

CURRENCIES = ["EUR", *MIDS]


def allowed(settings: Settings) -> bool:
    return [error.id for error in checks.rebates_stay_below_the_spread()] == []


@pytest.mark.parametrize(
    ("changes", "fine"),
    [
        ({}, True),  # half of 0.40 % on each side is the spread of 0.40 %
        ({"NETTING_COST_BPS": 41}, False),
        ({"NETTING_SHARE_PERCENT": 51}, False),
        ({"NETTING_COSTS_BPS": {"INR": 100}}, False),
        ({"NETTING_COSTS_BPS": {"INR": 100}, "NETTING_SHARE_PERCENT": 28}, True),
        ({"NETTING_COSTS_BPS": {"INR": 100, "MXN": 100}, "NETTING_SHARE_PERCENT": 28}, False),
        ({"NETTING_COST_BPS": 100, "NETTING_SHARE_PERCENT": 20}, True),
        ({"NETTING_COSTS_BPS": {"BTC": 200}}, False),
        ({"NETTING_COSTS_BPS": {"BTC": 100}}, True),
        ({"NETTING_COSTS_BPS": {"EUR": 900}}, True),  # the euro is what is exchanged against
        ({"SPREAD_BPS": 0}, False),
        ({"SPREAD_BPS": 0, "NETTING_SHARE_PERCENT": 0}, True),
        ({"NETTING_COST_BPS": 0, "SPREAD_BPS": 0}, True),
    ],
)
def test_live_is_refused_where_rebates_could_be_more_than_the_spread(
    settings: Settings, changes: dict[str, object], fine: bool
) -> None:
    settings.NETTING_MODE = "live"
    for name, value in changes.items():
        setattr(settings, name, value)
    assert allowed(settings) is fine
    settings.NETTING_MODE = "shadow"
    assert allowed(settings)


def worth(money: Money, rates: Rates) -> Fraction:
    per_euro = Fraction(1) if money.currency == "EUR" else rates.per_eur[money.currency]
    return Fraction(money.amount, 10 ** EXPONENT[money.currency]) / per_euro


def circle(rng: random.Random, rates: Rates) -> tuple[Money, list[tuple[Money, Money]], Money]:
    """What somebody began with, the sales to their own shops, and what the last one brought."""
    around = rng.sample(CURRENCIES, rng.randint(2, 4))
    start = money = Money(rng.randint(10_000, 10**8), around[0])
    flows = []
    for currency in [*around[1:], around[0]]:
        got = rates.convert(money, currency, bps=40)
        flows.append((money, got))
        money = got
    return start, flows, money


def gained(seller: User, rng: random.Random, since: int) -> Fraction:
    """In euros, by twenty circles that are in one window: what came out, with the rebates, less what went in."""
    known(MIDS)
    rates, gain, flows = current_rates(), Fraction(0), list[tuple[Money, Money]]()
    for _n in range(20):
        start, sales, end = circle(rng, rates)
        gain += worth(end, rates) - worth(start, rates)
        flows += sales
    converted(flows, seller, since=since)
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    assert window.members == len(flows)
    shares = WindowShare.objects.filter(window=window).select_related("conversion")
    return gain + sum(
        (worth(Money(share.rebate_minor, share.conversion.buy_currency), rates) for share in shares), Fraction(0)
    )


@pytest.mark.django_db
def test_no_circle_of_sales_that_are_kept_makes_a_profit_with_its_rebates(settings: Settings, alice: User) -> None:
    settings.NETTING_MODE = "live"
    assert allowed(settings)
    rng = random.Random(20261128)
    for turn in range(8):
        assert gained(alice, rng, 1 + 1_000 * turn) <= 0


@pytest.mark.django_db
def test_what_the_check_refuses_would_be_such_a_profit(settings: Settings, alice: User) -> None:
    settings.NETTING_MODE, settings.NETTING_COST_BPS = "live", 100
    assert not allowed(settings)
    assert gained(alice, random.Random(1), 1) > 0
