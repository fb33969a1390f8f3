"""Charges and the balance: what was taken, what Stripe kept, what it paid out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from payments.doubles.stripe import money
from payments.doubles.stripe.cards import Card
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

DAYS_UNTIL_AVAILABLE = 3


def charge(double: Double, intent: Obj, card: Card, *, captured: bool) -> Obj:
    """The charge of `intent`; with `captured` its money and fee are in the balance at once."""
    made = double.store.new("charge", **_of(intent, card), status="succeeded", paid=True)
    if captured:
        take(double, made, intent["amount"], card)
    return made


def failed_charge(double: Double, intent: Obj, card: Card) -> Obj:
    fields = {
        **_of(intent, card),
        "failure_code": card.code,
        "failure_message": card.message,
        "outcome": {"network_status": "declined_by_network", "type": "issuer_declined"},
    }
    return double.store.new("charge", **fields, status="failed", paid=False)


def _of(intent: Obj, card: Card) -> Obj:
    return {
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": False,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "metadata": dict(intent["metadata"]),
        "outcome": {"network_status": "approved_by_network", "type": "authorized"},
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {
            "type": "card",
            "card": {"brand": card.brand, "country": card.country, "last4": card.last4},
        },
        "refunded": False,
    }


def take(double: Double, made: Obj, amount: int, card: Card) -> None:
    """Capture `amount` of an authorized charge into the balance."""
    entry = book(double, "charge", made["id"], amount, made["currency"], country=card.country)
    made.update(captured=True, amount_captured=amount, balance_transaction=entry["id"])
    double.store.put("charge", made)


def book(
    double: Double,
    kind: str,
    source: str,
    amount: int,
    currency: str,
    *,
    country: str = "",
    fee: int = 0,
) -> Obj:
    """A line of the balance. A currency that the account converts is booked in EUR, with the rate."""
    rate = double.converts.get(currency)
    if rate is not None:
        amount, currency = money.converted(amount, currency, Decimal(rate)), "eur"
    if country:
        fee = money.fee(amount, currency, country)
    now = stamp()
    return double.store.new(
        "balance_transaction",
        amount=amount,
        available_on=now + DAYS_UNTIL_AVAILABLE * 86400,
        currency=currency,
        description=None,
        exchange_rate=float(rate) if rate is not None else None,
        fee=fee,
        fee_details=[{"amount": fee, "currency": currency, "type": "stripe_fee"}] if fee else [],
        net=amount - fee,
        payout=None,
        reporting_category=kind,
        source=source,
        status="pending",
        type=kind,
    )


def settle(double: Double, currency: str) -> Obj | None:
    """Pay the whole balance in `currency` to the bank, as if its days of waiting were over; None when empty."""
    entries = [
        entry
        for entry in double.store.every("balance_transaction", currency=currency, payout=None)
        if entry["type"] != "payout"
    ]
    total = sum(entry["net"] for entry in entries)
    if total <= 0:
        return None
    paid = double.store.new(
        "payout",
        amount=total,
        arrival_date=stamp(),
        automatic=True,
        balance_transaction=None,
        currency=currency,
        destination="ba_demo",
        failure_code=None,
        metadata={},
        method="standard",
        status="paid",
        type="bank_account",
    )
    paid["balance_transaction"] = book(double, "payout", paid["id"], -total, currency)["id"]
    for entry in entries:
        entry.update(payout=paid["id"], status="available")
        double.store.put("balance_transaction", entry)
    double.emit("payout.created", paid)
    double.emit("payout.paid", paid)
    return paid
