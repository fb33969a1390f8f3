"""Refunds: never more than is left of a charge, and none of what the buyer's bank has taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payments.doubles.stripe import disputes, money
from payments.doubles.stripe.books import book
from payments.doubles.stripe.errors import invalid
from payments.doubles.stripe.store import Obj

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double


def refund(double: Double, asked: Obj) -> Obj:
    """Give back all or `amount` of a charge, never more than is left of it."""
    store = double.store
    made = _charge_to_refund(double, asked)
    left = made["amount_captured"] - made["amount_refunded"]
    if disputes.is_with_the_bank(double, made):
        raise invalid(f"Charge {made['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
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
    if made["refunded"]:
        disputes.refunded(double, made)
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
