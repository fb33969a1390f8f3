"""Zwin's objects as Entrepôt's values. Whatever cannot be read is `Unknown`: it is looked at again, never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from payments.processors import Money, MoneyError, Movement, Outcome, Redirect, Unknown, Update

OUTCOMES = {
    "payment": {
        "open": Outcome.ACTION,
        "processing": Outcome.PENDING,
        "paid": Outcome.SUCCEEDED,
        "declined": Outcome.FAILED,
        "canceled": Outcome.CANCELED,
        "expired": Outcome.EXPIRED,
    },
    "refund": {"pending": Outcome.PENDING, "sent": Outcome.SUCCEEDED, "failed": Outcome.FAILED},
    "settlement": {"pending": Outcome.PENDING, "sent": Outcome.SUCCEEDED, "returned": Outcome.REVERSED},
}
PAYABLE = {Outcome.ACTION, Outcome.PENDING, Outcome.FAILED}
WORDS = {
    "insufficient_funds": "Your bank says that there is not enough money in the account.",
    "limit": "Your bank says that this is above the limit of your account.",
    "refused_by_user": "You did not confirm the payment in your bank's app.",
}


def update(kind: str, found: Mapping[str, Any]) -> Update:
    try:
        outcome, money = OUTCOMES[kind][found["status"]], amount(found["amount"], found["currency"])
        paid = kind != "payment" or outcome == Outcome.SUCCEEDED
        return Update(
            kind,
            str(found["id"]),
            outcome,
            money if paid else Money(0, money.currency),
            amount(found["fee"], money.currency) if kind == "payment" and paid else None,
            key=found.get("key"),
            occurred_at=dt.datetime.fromisoformat(found["done_at"]) if found.get("done_at") else None,
            message=message(found.get("reason")),
            client=Redirect(found["page"]).client if outcome in PAYABLE and kind == "payment" else {},
            raw=found,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unknown(f"Zwin's {kind} {found.get('id')} cannot be read: {error!r}.") from error


def movement(line: Mapping[str, Any]) -> Movement:
    """A line's amount is before Zwin's fee, with the sign that it has in our balance at Zwin."""
    try:
        money = amount(line["amount"], line["currency"])
        fee, at = amount(line["fee"], line["currency"]), dt.datetime.fromisoformat(line["at"])
        return Movement(line["about"], line["kind"], money, fee, at, line=line["id"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unknown(f"Zwin's line {line.get('id')} cannot be read: {error!r}.") from error


def amount(text: object, currency: str) -> Money:
    """Decimal text as Zwin writes it, with a sign in its lines; never a number, which JSON would have rounded."""
    if not isinstance(text, str):
        raise MoneyError(f"{text!r} is not text.")
    return -Money.parse(text[1:], currency) if text.startswith("-") else Money.parse(text, currency)


def message(reason: str | None) -> str:
    """What a buyer may read: our words for Zwin's codes."""
    return WORDS.get(reason, "Your bank did not confirm the payment.") if reason else ""
