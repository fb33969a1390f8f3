"""Random lives of orders: whatever comes, the books balance, agree with the model, and end clean.

`pytest -m stateful` takes 10,000 steps; the whole suite a shorter walk. `--hypothesis-seed=N` replays a run.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from fx.money import Money
from fx.services import refresh_rates
from listings.services import set_reserve, set_stock
from marketplace.lib.clock import now
from marketplace.run.pytest_words import Tell
from payments.bankin import receive_message
from payments.bankin.demo import statement
from payments.payouts.methods import set_payout_method
from payments.processors import registry
from tests.conftest import make_user
from tests.orders.world import make_listing, make_shop
from tests.payments.pocket import FarEnd
from tests.payments.test_bankin import IBAN
from tests.registered import registered
from tests.stateful.machine import BEFORE, FINAL, Lives, World

WHOLE, SHORT = 10_000, 1_500
PER_LIFE = 100
SHOPS = [
    ("IN", "Jaipur", "INR", "1900", "690"),
    ("MX", "Oaxaca", "MXN", "720", "289"),
    ("JP", "Kyoto", "JPY", "4200", "900"),
    ("KW", "Kuwait City", "KWD", "7.125", "1.750"),
    ("DE", "Dresden", "EUR", "31.50", "4.90"),
]
# Where some of them are paid; nobody can pay the others.
ACCOUNTS = {
    "INR": {"country": "IN", "account": "123456789012", "clearing_code": "SBIN0001234"},
    "MXN": {"country": "MX", "account": "032180000118359719", "clearing_code": "032"},
    "EUR": {"country": "DE", "iban": "DE89370400440532013000"},
}


@pytest.mark.stateful
@pytest.mark.django_db
def test_no_life_of_an_order_leaves_a_cent_in_a_wrong_place(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tell: Tell
) -> None:
    steps = WHOLE if "stateful" in request.config.getoption("markexpr") else SHORT
    World.far = FarEnd()
    for slug in ("card", "coin", "token"):
        monkeypatch.setitem(registry.BUILT_IN, slug, f"tests.stateful.{slug}:{slug.title()}")
    bank = settings.PROCESSORS["bank"]
    settings.PROCESSORS = {slug: {"far": World.far} for slug in ("card", "coin", "token")} | {"bank": bank}
    _people()
    while World.steps < steps:
        run_state_machine_as_test(Lives, settings=_settings())
    ends = ", ".join(f"{count} {status}" for status, count in sorted(World.ends.items()))
    tell(f"stateful: {World.steps} steps in {World.lives} lives")
    tell(f"stateful: orders that ended: {ends}; {World.refused.total()} refusals moved nothing")
    tell(f"stateful: payouts: {dict(World.payouts)}; asked back by banks: {dict(World.claims)}")
    if steps == WHOLE:
        assert set(World.ends) == FINAL
        assert World.payouts.keys() >= BEFORE.keys()
        assert set(World.claims) == {"asked", "won", "lost"}
    assert set(World.ends) >= {"completed", "refunded", "canceled"}


def _settings() -> settings:
    return settings(
        max_examples=10,
        stateful_step_count=PER_LIFE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _people() -> None:
    refresh_rates()
    World.staff = make_user("moderator@example.com", staff=True)
    World.other = make_user("finance@example.com", staff=True)
    World.buyers = [make_user(f"buyer{number}@example.com") for number in range(3)]
    registered("IOSS")  # so that duty and tax are collected and go back
    World.listings = []
    for country, city, currency, price, post in SHOPS:
        owner = make_user(f"{city.split()[0].lower()}@example.com", country=country, currency=currency)
        shop = make_shop(owner, f"{city} Works", country, city, currency, post)
        World.listings.append(make_listing(shop, World.staff, f"{city} scarf", price, "621490", 140))
    for listing in World.listings:
        set_stock(listing, stock=10_000, by=listing.shop.owner)
    set_reserve(World.listings[0].shop, bps=1_000, days=30, by=World.staff, reason="New.")
    for currency, account in ACCOUNTS.items():
        [owner] = {listing.shop.owner for listing in World.listings if listing.shop.currency == currency}
        set_payout_method(seller=owner, currency=currency, by=owner, holder="A. Seller", **account)
        opened = statement(IBAN, Money.parse("1000000", currency), [], at=now(), number=currency)
        receive_message(opened.encode(), by=World.other)
