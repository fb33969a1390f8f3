"""Stripe keeps the contract that every processor keeps, against the double."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fx.money import Money
from payments.processors.stripe import Stripe
from payments.testing import ProcessorContract, Subject
from tests.doubles import StripeDouble


class CardSubject(Subject):
    """Without the SDK's own retries, so that a lost reply really reaches us."""

    amounts = (Money(1999, "EUR"), Money(1500, "JPY"), Money(4_200, "ISK"), Money(12_340, "KWD"))

    def __init__(self, double: StripeDouble) -> None:
        self.double = double
        self.processor = Stripe({**double.config, "retries": 0})

    def pay(self, ref: str, money: Money) -> None:
        assert self.double.pay(ref)["status"] == "succeeded"

    def count(self, kind: str) -> int:
        kinds = {"payment": "payment_intent", "refund": "refund", "payout": "transfer"}
        return len(self.double.double.store.every(kinds[kind]))

    def payees(self) -> tuple[str, str]:
        self.double.top_up(3 * self.amounts[0].amount)
        ready, unready = (
            self.processor.open_payee(f"payee:{n}", ref=str(n), email="a@example.com", country="DE") for n in (1, 2)
        )
        self.double.finish_account(ready)
        return ready, unready

    def lose_reply(self) -> None:
        self.double.fault("drop")

    def webhook(self, ref: str) -> tuple[bytes, Mapping[str, str]]:
        event = next(
            event for event in self.double.events("payment_intent.succeeded") if event["data"]["object"]["id"] == ref
        )
        body, header = self.double.signed(event)
        return body, {"Stripe-Signature": header}


class TestStripe(ProcessorContract):
    @pytest.fixture
    def subject(self, stripe_double: StripeDouble) -> Subject:
        return CardSubject(stripe_double)
