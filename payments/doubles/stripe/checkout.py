"""Checkout Sessions: a page at the processor's own address where the buyer pays, without our JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payments.doubles.stripe import intents, money
from payments.doubles.stripe.cards import card
from payments.doubles.stripe.errors import invalid
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double


def create(double: Double, asked: Obj) -> Obj:
    if asked.get("mode") != "payment":
        raise invalid("The double knows only mode=payment.", param="mode")
    currency, amount = _priced(asked.get("line_items") or [])
    money.check_amount(amount, currency)
    expires_at = asked.get("expires_at", stamp() + 86400)
    if not stamp() + 1800 - 60 <= expires_at <= stamp() + 86400 + 60:
        raise invalid(
            "The `expires_at` timestamp must be 30 minutes to 24 hours after the creation.",
            param="expires_at",
        )
    session = double.store.new(
        "checkout.session",
        amount_total=amount,
        cancel_url=asked.get("cancel_url"),
        client_reference_id=asked.get("client_reference_id"),
        currency=currency,
        expires_at=expires_at,
        metadata=asked.get("metadata") or {},
        mode="payment",
        payment_intent=None,
        payment_intent_data=asked.get("payment_intent_data") or {},
        payment_status="unpaid",
        status="open",
        success_url=asked.get("success_url"),
    )
    session["url"] = f"{double.url}/c/pay/{session['id']}"
    return session


def _priced(items: list[Obj]) -> tuple[str, int]:
    """Currency and sum of `line_items` that carry their price with them."""
    try:
        currencies = {item["price_data"]["currency"].lower() for item in items}
        total = sum(item["price_data"]["unit_amount"] * item.get("quantity", 1) for item in items)
    except KeyError as error:
        raise invalid(f"The double wants line_items with {error}.", param="line_items") from None
    if len(currencies) != 1:
        raise invalid("All line_items have to be in one currency.", param="line_items")
    return currencies.pop(), total


def expire(double: Double, name: str) -> Obj:
    session = double.store.get("checkout.session", name)
    if session["status"] != "open":
        raise invalid(f"A Checkout Session that is {session['status']} cannot be expired, only an open one.")
    if session["payment_intent"]:
        intent = double.store.get("payment_intent", session["payment_intent"])
        if intent["status"] in intents.PAYABLE:
            intents.cancel(double, intent["id"], {})
    session.update(status="expired", url=None)
    double.store.put("checkout.session", session)
    double.emit("checkout.session.expired", session)
    return session


def expire_old(double: Double) -> None:
    for session in double.store.every("checkout.session", status="open"):
        if session["expires_at"] <= stamp():
            expire(double, session["id"])


def pay(double: Double, name: str, method: str) -> Obj:
    """The buyer pressed pay on the hosted page. ApiError 402 when the card was declined; the session stays open."""
    session = double.store.get("checkout.session", name)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.")
    card(method)
    if not session["payment_intent"]:
        intent = intents.create(double, _intent_of(session))
        session["payment_intent"] = intent["id"]
        double.store.put("checkout.session", session)
    asked = {"payment_method": method, "return_url": session["success_url"]}
    intent = intents.confirm(double, session["payment_intent"], asked)
    complete(double, intent)
    return intent


def _intent_of(session: Obj) -> Obj:
    return {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "metadata": session["payment_intent_data"].get("metadata") or {},
        "description": session["payment_intent_data"].get("description"),
        "capture_method": session["payment_intent_data"].get("capture_method", "automatic_async"),
    }


def complete(double: Double, intent: Obj) -> None:
    """Close the session of an intent that is paid."""
    if intent["status"] not in {"succeeded", "requires_capture"}:
        return
    for session in double.store.every("checkout.session", payment_intent=intent["id"], status="open"):
        paid = "paid" if intent["status"] == "succeeded" else "unpaid"
        session.update(status="complete", payment_status=paid, url=None)
        double.store.put("checkout.session", session)
        double.emit("checkout.session.completed", session)
