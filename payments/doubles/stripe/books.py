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
# What Stripe's reports call each type of line; an adjustment says itself which one it is.
CATEGORY = {
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "transfer_refund": "transfer_reversal",
    "stripe_fee": "fee",
    "adjustment": "other_adjustment",
}


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
    source: str | None,
    amount: int,
    currency: str,
    *,
    country: str = "",
    fee: int = 0,
    category: str = "",
    description: str | None = None,
) -> Obj:
    """A line of the balance. A currency that the account converts is booked in EUR, with the rate: what one of the
    smallest units of the one is in those of the other."""
    rate = double.converts.get(currency)
    exchange_rate = None
    if rate is not None:
        exchange_rate = float(Decimal(rate).scaleb(2 - money.exponent(currency)))
        amount, currency = money.converted(amount, currency, Decimal(rate)), "eur"
    if country:
        fee = money.fee(amount, currency, country)
    now = stamp()
    return double.store.new(
        "balance_transaction",
        amount=amount,
        available_on=now + DAYS_UNTIL_AVAILABLE * 86400,
        balance_type="payments",
        currency=currency,
        description=description,
        exchange_rate=exchange_rate,
        fee=fee,
        fee_details=_details(fee, currency, "Stripe processing fees" if country else "Dispute fee"),
        net=amount - fee,
        payout=None,
        reporting_category=category or CATEGORY.get(kind, kind),
        source=source,
        status="pending",
        type=kind,
    )


def _details(fee: int, currency: str, description: str) -> list[Obj]:
    """What the fee is made of."""
    if not fee:
        return []
    return [
        {"amount": fee, "application": None, "currency": currency, "description": description, "type": "stripe_fee"}
    ]


def adjust(double: Double, kind: str, amount: int, currency: str, *, category: str, description: str) -> Obj:
    """A line about no charge: the month's fee for a product, a hold, something that Stripe sets right."""
    return book(double, kind, None, amount, currency, category=category, description=description)


def balance(double: Double) -> Obj:
    """What Stripe holds by currency. What is pending is not yet available, and part of the whole all the same."""
    rows = double.store.every("balance_transaction")
    ripe = [row for row in rows if row["status"] == "available" or row["available_on"] <= stamp()]
    rest = [row for row in rows if row not in ripe]
    return {"object": "balance", "livemode": False, "available": _summed(ripe), "pending": _summed(rest)}


def _summed(rows: list[Obj]) -> list[Obj]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["net"]
    return [{"amount": minor, "currency": currency, "source_types": {}} for currency, minor in sorted(sums.items())]


def mature(double: Double, currency: str) -> Obj:
    """The days of waiting of everything in `currency` are over."""
    for entry in double.store.every("balance_transaction", currency=currency):
        double.store.put("balance_transaction", entry | {"available_on": min(entry["available_on"], stamp())})
    return {"currency": currency}


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
