"""PaymentIntents: from created to paid, declined, waiting for 3-D Secure, or canceled."""

from __future__ import annotations

import secrets
import urllib.parse
from typing import TYPE_CHECKING

from payments.doubles.stripe import books, disputes, money
from payments.doubles.stripe.cards import Card, card
from payments.doubles.stripe.errors import ApiError, invalid
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

PAYABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def create(double: Double, asked: Obj) -> Obj:
    currency = asked["currency"].lower()
    money.check_amount(asked["amount"], currency)
    intent = double.store.new(
        "payment_intent",
        amount=asked["amount"],
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods=asked.get("automatic_payment_methods"),
        canceled_at=None,
        cancellation_reason=None,
        capture_method=asked.get("capture_method", "automatic_async"),
        currency=currency,
        customer=None,
        description=asked.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=_metadata(asked.get("metadata") or {}),
        next_action=None,
        payment_method=asked.get("payment_method"),
        payment_method_types=asked.get("payment_method_types", ["card"]),
        receipt_email=asked.get("receipt_email"),
        status="requires_confirmation" if asked.get("payment_method") else "requires_payment_method",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(8)}"
    double.emit("payment_intent.created", intent)
    return confirm(double, intent["id"], asked) if asked.get("confirm") else intent


def update(double: Double, name: str, asked: Obj) -> Obj:
    """Metadata and description only: what an intent costs does not change here."""
    intent = double.store.get("payment_intent", name)
    refused = set(asked) - {"metadata", "description"}
    if refused:
        raise invalid(f"The double does not change {', '.join(sorted(refused))} of a PaymentIntent.")
    if "description" in asked:
        intent["description"] = asked["description"]
    merged = {**intent["metadata"], **(asked.get("metadata") or {})}
    intent["metadata"] = _metadata({key: value for key, value in merged.items() if value != ""})
    return double.store.put("payment_intent", intent)


def _metadata(given: dict[str, str]) -> dict[str, str]:
    if len(given) > 50 or any(len(k) > 40 or len(v) > 500 for k, v in given.items()):
        raise invalid("Metadata is limited to 50 keys of 40 characters with values of 500.", param="metadata")
    return given


def confirm(double: Double, name: str, asked: Obj) -> Obj:
    """Try to take the money with a payment method; a decline ends in a 402 and leaves the intent payable."""
    intent = double.store.get("payment_intent", name)
    _expect(intent, PAYABLE, "confirm")
    method = asked.get("payment_method") or intent["payment_method"]
    if not method:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    automatic = intent["automatic_payment_methods"] or {}
    redirects = automatic.get("enabled") and automatic.get("allow_redirects", "always") == "always"
    if redirects and not asked.get("return_url"):
        raise invalid(
            "This PaymentIntent accepts payment methods that redirect, so return_url is required to confirm it.",
            param="return_url",
        )
    chosen = card(method)
    intent.update(payment_method=method, next_action=None, last_payment_error=None)
    if chosen.secure:
        return _ask_for_secure(double, intent, asked.get("return_url", ""))
    return pay(double, intent, chosen)


def _expect(intent: Obj, allowed: frozenset[str], verb: str) -> None:
    if intent["status"] not in allowed:
        raise invalid(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )


def _ask_for_secure(double: Double, intent: Obj, return_url: str) -> Obj:
    action = {"url": f"{double.url}/3ds/{intent['id']}", "return_url": return_url}
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": action}
    double.store.put("payment_intent", intent)
    double.emit("payment_intent.requires_action", intent)
    return intent


def pay(double: Double, intent: Obj, chosen: Card) -> Obj:
    if chosen.code:
        raise _declined(double, intent, chosen)
    captured = intent["capture_method"] != "manual"
    made = books.charge(double, intent, chosen, captured=captured)
    intent.update(latest_charge=made["id"], next_action=None)
    if captured:
        intent.update(status="succeeded", amount_received=intent["amount"])
    else:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
    double.store.put("payment_intent", intent)
    double.emit("charge.succeeded", made)
    double.emit("payment_intent.succeeded" if captured else "payment_intent.amount_capturable_updated", intent)
    if chosen.disputed:
        disputes.dispute(double, made)
    return intent


def _declined(double: Double, intent: Obj, chosen: Card) -> ApiError:
    made = books.failed_charge(double, intent, chosen)
    problem = {"code": chosen.code, "decline_code": chosen.decline, "message": chosen.message}
    _fail(double, intent, {"type": "card_error", "charge": made["id"], **problem}, made["id"])
    double.emit("charge.failed", made)
    return ApiError(
        402,
        "card_error",
        chosen.message,
        code=chosen.code,
        decline_code=chosen.decline,
        charge=made["id"],
        payment_intent=intent,
    )


def _fail(double: Double, intent: Obj, problem: Obj, charge: str | None) -> None:
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=problem,
        latest_charge=charge or intent["latest_charge"],
    )
    double.store.put("payment_intent", intent)
    double.emit("payment_intent.payment_failed", intent)


def finish_secure(double: Double, name: str, *, passed: bool) -> str:
    """The buyer did, or did not, prove themselves. Returns the address to send them back to."""
    intent = double.store.get("payment_intent", name)
    _expect(intent, frozenset({"requires_action"}), "authenticate")
    back = intent["next_action"]["redirect_to_url"]["return_url"]
    if passed:
        pay(double, intent, card(intent["payment_method"]))
    else:
        message = "We are unable to authenticate your payment method. Please choose a different one and try again."
        code = "payment_intent_authentication_failure"
        _fail(double, intent, {"type": "invalid_request_error", "code": code, "message": message}, None)
    query = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if passed else "failed",
    }
    return f"{back}{'&' if '?' in back else '?'}{urllib.parse.urlencode(query)}" if back else ""


def capture(double: Double, name: str, asked: Obj) -> Obj:
    """Take all or a part of what was authorized; the rest is let go."""
    intent = double.store.get("payment_intent", name)
    _expect(intent, frozenset({"requires_capture"}), "capture")
    amount: int = {"amount_to_capture": intent["amount_capturable"], **asked}["amount_to_capture"]
    if not 0 < amount <= intent["amount_capturable"]:
        raise invalid(
            f"The amount_to_capture {amount} is not from 1 to {intent['amount_capturable']}.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    made = double.store.get("charge", intent["latest_charge"])
    books.take(double, made, amount, card(made["payment_method"]))
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    double.store.put("payment_intent", intent)
    double.emit("charge.captured", made)
    double.emit("payment_intent.succeeded", intent)
    return intent


def cancel(double: Double, name: str, asked: Obj) -> Obj:
    intent = double.store.get("payment_intent", name)
    _expect(intent, PAYABLE | {"requires_capture"}, "cancel")
    intent.update(
        status="canceled",
        canceled_at=stamp(),
        cancellation_reason=asked.get("cancellation_reason"),
        amount_capturable=0,
        next_action=None,
    )
    double.store.put("payment_intent", intent)
    double.emit("payment_intent.canceled", intent)
    return intent
