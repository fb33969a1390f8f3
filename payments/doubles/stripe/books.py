"""Charges and the balance: what was taken, what Stripe kept, what it paid out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from payments.doubles.stripe import money
from payments.doubles.stripe.cards import Card
from payments.doubles.stripe.errors import invalid
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


def refund(double: Double, asked: Obj) -> Obj:
    """Give back all or `amount` of a charge, never more than is left of it."""
    store = double.store
    made = _charge_to_refund(double, asked)
    left = made["amount_captured"] - made["amount_refunded"]
    if left <= 0:
        raise invalid(f"Charge {made['id']} has already been refunded.", code="charge_already_refunded")
    amount = asked.get("amount", left)
    if amount <= 0:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise invalid(
            f"Refund amount ({money.shown(amount, made['currency'])}) is greater than unrefunded amount on charge "
            f"({money.shown(left, made['currency'])})",
            param="amount",
        )
    money.check_digits(amount, made["currency"])
    pending = double.faults.take("refund_pending", "POST", "/v1/refunds")
    given = store.new(
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=made["id"],
        currency=made["currency"],
        failure_reason=None,
        metadata=asked.get("metadata") or {},
        payment_intent=made["payment_intent"],
        reason=asked.get("reason"),
        status="pending" if pending else "succeeded",
    )
    given["balance_transaction"] = book(double, "refund", given["id"], -amount, made["currency"])["id"]
    made["amount_refunded"] += amount
    made["refunded"] = made["amount_refunded"] == made["amount_captured"]
    store.put("charge", made)
    double.emit("refund.created", given)
    double.emit("charge.refunded", made)
    return given


def _charge_to_refund(double: Double, asked: Obj) -> Obj:
    if "charge" in asked:
        made = double.store.get("charge", asked["charge"])
    elif "payment_intent" in asked:
        intent = double.store.get("payment_intent", asked["payment_intent"])
        if not intent["latest_charge"]:
            raise invalid(f"The PaymentIntent {intent['id']} does not have a successful charge to refund.")
        made = double.store.get("charge", intent["latest_charge"])
    else:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    if not made["captured"]:
        raise invalid(f"Charge {made['id']} has not been captured and cannot be refunded.")
    return made


def finish_refund(double: Double, name: str, *, succeeded: bool) -> Obj:
    """A pending refund arrives, or comes back: then its money returns to the balance."""
    given = double.store.get("refund", name)
    given["status"] = "succeeded" if succeeded else "failed"
    if not succeeded:
        given["failure_reason"] = "expired_or_canceled_card"
        book(double, "refund_failure", given["id"], given["amount"], given["currency"])
        made = double.store.get("charge", given["charge"])
        made["amount_refunded"] -= given["amount"]
        made["refunded"] = False
        double.store.put("charge", made)
    double.store.put("refund", given)
    double.emit("refund.updated" if succeeded else "refund.failed", given)
    return given


def dispute(double: Double, made: Obj, *, reason: str = "fraudulent") -> Obj:
    """The buyer's bank takes the money back for now, and Stripe a fee."""
    opened = double.store.new(
        "dispute",
        amount=made["amount_captured"],
        balance_transactions=[],
        charge=made["id"],
        currency=made["currency"],
        evidence_details={"due_by": stamp() + 7 * 86400},
        is_charge_refundable=False,
        metadata={},
        payment_intent=made["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    fee = money.DISPUTE_FEE.get(made["currency"], 0)
    entry = book(double, "adjustment", opened["id"], -made["amount_captured"], made["currency"], fee=fee)
    opened["balance_transactions"] = [entry]
    made["disputed"] = True
    double.store.put("charge", made)
    double.emit("charge.dispute.created", opened)
    double.emit("charge.dispute.funds_withdrawn", opened)
    return opened


def close_dispute(double: Double, name: str, *, won: bool) -> Obj:
    opened = double.store.get("dispute", name)
    opened["status"] = "won" if won else "lost"
    if won:
        book(double, "adjustment", opened["id"], opened["amount"], opened["currency"])
        double.emit("charge.dispute.funds_reinstated", opened)
    double.store.put("dispute", opened)
    double.emit("charge.dispute.closed", opened)
    return opened


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
