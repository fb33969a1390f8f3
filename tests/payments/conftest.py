"""Payments through a far end that belongs to the test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest
from pytest_django import Settings

from fx.models import Quote, RateSet
from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.ledger import codes
from payments.models import Operation, Payment
from payments.processors import registry
from payments.processors.stripe import Stripe
from payments.services import (
    LineDraft,
    due_operations,
    open_payment,
    refresh_payment,
    run_operation,
)
from tests.doubles import StripeDouble
from tests.payments.pocket import FarEnd

Lines = Sequence[LineDraft]
Open = Callable[..., Payment]


@pytest.fixture
def far(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> FarEnd:
    """The far end of `pocket` (cards) and `coinbox` (coin)."""
    far = FarEnd()
    for slug in ("pocket", "coinbox"):
        monkeypatch.setitem(registry.BUILT_IN, slug, f"tests.payments.{slug}:{slug.title()}")
    settings.PROCESSORS = {
        "pocket": {"far": far},
        "coinbox": {"far": far},
        "bank": settings.PROCESSORS["bank"],
    }
    return far


@pytest.fixture
def stripe(stripe_double: StripeDouble) -> Stripe:
    """The adapter, talking to the double."""
    return Stripe(stripe_double.config)


@pytest.fixture
def scarf(alice: User) -> list[LineDraft]:
    """Order A1: a scarf of INR 1,900 with shipping of INR 600, and import tax of EUR 4.75."""
    hold = codes.hold("A1", "INR")
    tax = codes.tax("IOSS", "DE", "EUR")
    return [
        LineDraft("A1", "goods", alice, hold, Money(190000, "INR"), Money(1900, "EUR")),
        LineDraft("A1", "shipping", alice, hold, Money(60000, "INR"), Money(601, "EUR")),
        LineDraft("A1", "tax", None, tax, Money(475, "EUR"), Money(475, "EUR")),
    ]


@pytest.fixture
def scarf_in_coin(alice: User) -> list[LineDraft]:
    """Order A1 for BTC 0.00030000."""
    hold = codes.hold("A1", "INR")
    return [LineDraft("A1", "goods", alice, hold, Money(190000, "INR"), Money(30000, "BTC"))]


@pytest.fixture
def opened(far: FarEnd, bob: User) -> Open:
    def make(
        lines: Lines,
        *,
        processor: str = "pocket",
        user: User | None = bob,
        ref: str = "C1",
        amount: Money | None = None,
        refund_terms: str = "value",
    ) -> Payment:
        pay = sum((line.pay for line in lines[1:]), lines[0].pay)
        expires_at = now() + dt.timedelta(minutes=10)
        quote = quoted(amount or pay, pay, expires_at)
        return open_payment(
            quote=quote,
            user=user,
            ref=ref,
            processor=processor,
            lines=lines,
            return_url="http://127.0.0.1/pay/",
            expires_at=expires_at,
            refund_terms=refund_terms,
        )

    return make


@pytest.fixture
def paid(opened: Open, far: FarEnd) -> Open:
    """Open a payment, create it, and let the buyer pay it."""

    def make(lines: Lines, *, fee: int | None = None, **how: object) -> Payment:
        payment = opened(lines, **how)
        work()
        payment.refresh_from_db()
        far.pay(payment.processor_ref, fee=fee)
        refresh_payment(payment.pk)
        payment.refresh_from_db()
        return payment

    return make


def quoted(amount: Money, pay: Money, expires_at: dt.datetime) -> Quote:
    return Quote.objects.create(
        owner="user:1",
        basket="b",
        rate_set=RateSet.objects.create(),
        spread_bps=40,
        currency=amount.currency,
        amount_minor=amount.amount,
        pay_currency=pay.currency,
        pay_minor=pay.amount,
        expires_at=expires_at,
    )


def work() -> None:
    """Run everything that is due, until nothing is."""
    while due := due_operations():
        for operation in due:
            run_operation(operation)


def states() -> dict[str, str]:
    """The operations by kind, latest state."""
    return {row.kind: row.state for row in Operation.objects.order_by("created_at")}
