"""A scarf to pay by card, for the tests of Stripe's adapter."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fx.money import Money
from marketplace.lib.clock import now
from payments.processors.base import Update
from payments.processors.stripe import Stripe
from tests.doubles import StripeDouble

SCARF = Money(2_178, "EUR")
BACK = "http://testserver/back/"


def ask(stripe: Stripe, key: str = "op-1", money: Money = SCARF, ref: str = "payment-1") -> Update:
    return stripe.create(key, money, ref=ref, expires_at=now() + dt.timedelta(minutes=10), return_url=BACK)


def intents(double: StripeDouble) -> list[Any]:
    return double.double.store.every("payment_intent")
