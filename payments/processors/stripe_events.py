"""Stripe's objects and signed events as our Updates. Plain dictionaries in, values out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import stripe

from fx.money import Money
from marketplace.lib.clock import now
from payments.processors.base import BadSignature, Outcome, Update
from payments.processors.stripe_amounts import from_wire
from payments.processors.stripe_client import decline
from payments.processors.stripe_connect import update as transfer

Obj = Mapping[str, Any]
TOLERANCE_SECONDS = 300
MOST_BYTES = 1024 * 1024

INTENT = {
    "requires_payment_method": Outcome.PENDING,
    "requires_confirmation": Outcome.PENDING,
    "requires_action": Outcome.ACTION,
    "processing": Outcome.PENDING,
    "requires_capture": Outcome.AUTHORIZED,
    "succeeded": Outcome.SUCCEEDED,
    "canceled": Outcome.CANCELED,
}
REFUND = {
    "pending": Outcome.PENDING,
    "requires_action": Outcome.ACTION,
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CANCELED,
}
PAYOUT = {"paid": Outcome.SUCCEEDED, "failed": Outcome.FAILED, "canceled": Outcome.CANCELED}
SESSION = {"expired": Outcome.EXPIRED}


def payment(intent: Obj) -> Update:
    """A PaymentIntent. With `latest_charge.balance_transaction` expanded it carries the fee.

    An intent that Checkout made for a payment speaks in the name of the payment's first one (`ref`).
    """
    meta = intent.get("metadata") or {}
    outcome = INTENT.get(intent["status"], Outcome.PENDING)
    problem = intent.get("last_payment_error")
    if problem and outcome is Outcome.PENDING:
        outcome = Outcome.FAILED
    if outcome is Outcome.CANCELED and meta.get("checkout"):
        outcome = Outcome.PENDING  # it only made room for the Checkout page
    return Update(
        kind="payment",
        ref=meta.get("intent") or intent["id"],
        outcome=outcome,
        amount=_confirmed(intent, outcome),
        fee=_fee(intent),
        key=meta.get("key"),
        occurred_at=_charged_at(intent),
        message=decline(problem.get("decline_code"), problem.get("code")) if problem else "",
        raw=_kept(intent),
    )


def _confirmed(intent: Obj, outcome: Outcome) -> Money | None:
    if outcome is Outcome.SUCCEEDED:
        return from_wire(intent["amount_received"], intent["currency"])
    if outcome is Outcome.AUTHORIZED:
        return from_wire(intent["amount_capturable"], intent["currency"])
    return None


def _charged_at(intent: Obj) -> dt.datetime | None:
    """When the buyer's bank said yes."""
    charge = intent.get("latest_charge")
    return moment(charge["created"]) if isinstance(charge, Mapping) and charge.get("status") == "succeeded" else None


def _balance_line(intent: Obj) -> Obj | None:
    charge = intent.get("latest_charge")
    line = charge.get("balance_transaction") if isinstance(charge, Mapping) else None
    return line if isinstance(line, Mapping) else None


def _fee(intent: Obj) -> Money | None:
    """None when unknown, or when Stripe converted: then the statement books it in its own currency."""
    line = _balance_line(intent)
    if line is None or line["currency"] != intent["currency"]:
        return None
    return from_wire(line["fee"], line["currency"])


def _kept(intent: Obj) -> dict[str, Any]:
    """What is worth a look later: never a secret, never a card number."""
    charge, line = intent.get("latest_charge"), _balance_line(intent)
    kept: dict[str, Any] = {"intent": intent["id"], "status": intent["status"]}
    if isinstance(charge, Mapping):
        card = (charge.get("payment_method_details") or {}).get("card") or {}
        kept.update(charge=charge["id"], card_country=card.get("country"), brand=card.get("brand"))
    if line:
        kept["settled"] = {name: line[name] for name in ("amount", "fee", "currency")}
    return kept


def refund(given: Obj) -> Update:
    return Update(
        kind="refund",
        ref=given["id"],
        outcome=REFUND.get(given["status"], Outcome.PENDING),
        amount=from_wire(given["amount"], given["currency"]),
        key=(given.get("metadata") or {}).get("key"),
        message=given.get("failure_reason") or "",
        raw={"intent": given.get("payment_intent"), "charge": given.get("charge")},
    )


def dispute(opened: Obj) -> Update:
    """A dispute's events only say: look at it. What it means for money is read in stripe_disputes."""
    return Update(kind="dispute", ref=opened["id"], outcome=Outcome.PENDING, raw={"charge": opened.get("charge")})


def settlement(paid: Obj) -> Update:
    """Stripe's payout to the platform's bank account."""
    return Update(
        kind="settlement",
        ref=paid["id"],
        outcome=PAYOUT.get(paid["status"], Outcome.PENDING),
        amount=from_wire(paid["amount"], paid["currency"]),
        message=paid.get("failure_code") or "",
        occurred_at=moment(paid["arrival_date"]),
    )


def session(page: Obj) -> Update:
    """A Checkout page, without its intent: what it says by itself."""
    meta = page.get("metadata") or {}
    paid = page.get("payment_status") == "paid"
    return Update(
        kind="payment",
        ref=meta.get("intent") or page["id"],
        outcome=Outcome.SUCCEEDED if paid else SESSION.get(page["status"], Outcome.PENDING),
        amount=from_wire(page["amount_total"], page["currency"]) if paid else None,
        key=meta.get("key"),
        raw={"session": page["id"], "status": page["status"]},
    )


def charge(made: Obj) -> Update:
    """A charge's events only say: look at its payment again."""
    meta = made.get("metadata") or {}
    ref = meta.get("intent") or made.get("payment_intent") or made["id"]
    return Update(kind="payment", ref=ref, outcome=Outcome.PENDING, raw={"charge": made["id"]})


BY_OBJECT = {
    "payment_intent": payment,
    "refund": refund,
    "charge": charge,
    "dispute": dispute,
    "payout": settlement,
    "transfer": transfer,
    "checkout.session": session,
}
HEARD = ("payment_intent.", "refund.", "charge.refund", "charge.dispute.", "payout.", "transfer.", "checkout.session.")


def updates(event: Obj) -> list[Update]:
    """What a verified event says; nothing for the kinds that no money depends on. BadSignature when garbled."""
    subject = event["data"]["object"]
    made = BY_OBJECT.get(subject.get("object"))
    if made is None or not event["type"].startswith(HEARD):
        return []
    try:
        update = made(subject)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadSignature(f"Event {event['id']} is unreadable: {error!r}.") from error
    return [replace(update, event_id=event["id"], occurred_at=moment(event["created"]))]


def moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def verified(body: bytes, header: str, secret: str, *, live: bool, account: str) -> Obj:
    """The event in `body` when Stripe signed just these bytes with `secret` in the last five minutes.

    BadSignature for all else: also for a clock of the future, another account, another mode.
    """
    if len(body) > MOST_BYTES:
        raise BadSignature(f"A webhook of {len(body)} bytes is none of Stripe's.")
    try:
        text = body.decode("utf-8")
        stripe.WebhookSignature.verify_header(text, header, secret, None)
        _recent(header)
        event = json.loads(text)
        _ours(event, live=live, account=account)
    except stripe.SignatureVerificationError as error:
        raise BadSignature(f"The webhook's signature does not match: {error.user_message}") from error
    except (UnicodeDecodeError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadSignature(f"The webhook is unreadable: {type(error).__name__}.") from error
    return dict(event)


def _recent(header: str) -> None:
    signed_at = int(next(part[2:] for part in header.split(",") if part.startswith("t=")))
    age = int(now().timestamp()) - signed_at
    if abs(age) > TOLERANCE_SECONDS:
        raise BadSignature(f"The webhook was signed {age} seconds ago; {TOLERANCE_SECONDS} count.")


def _ours(event: Any, *, live: bool, account: str) -> None:
    """The shape that the rest relies on, our mode and our account."""
    names = (event["id"], event["type"], event["data"]["object"]["object"])
    if event["object"] != "event" or not all(isinstance(name, str) for name in names):
        raise BadSignature("The webhook's body is no event.")
    moment(event["created"])
    if event["livemode"] is not live:
        mode = "live" if live else "test"
        raise BadSignature(f"Event {event['id']} is not of this endpoint's {mode} mode.")
    if account and event.get("account", account) != account:
        raise BadSignature(f"Event {event['id']} is of account {event['account']}, not {account}.")
    if not account and event.get("account"):
        raise BadSignature(f"Event {event['id']} is of a connected account, {event['account']}.")
