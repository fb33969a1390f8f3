"""Lines of Stripe's balance as our Movements, for the reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payments.processors import stripe_events as events
from payments.processors.base import Movement
from payments.processors.stripe_amounts import from_wire

KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payment_failure_refund": "refund",
    "payout": "payout",
    "payout_cancel": "payout",
    "payout_failure": "payout",
    "transfer": "transfer",
    "transfer_refund": "transfer",
    "transfer_failure": "transfer",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
}


def movement(line: Mapping[str, Any]) -> Movement:
    """One balance transaction with its `source` expanded, in the currency that Stripe settled it in."""
    return Movement(
        ref=_ref(line.get("source")) or line["id"],
        kind=KINDS.get(line["type"], "adjustment"),
        amount=from_wire(line["amount"], line["currency"]),
        fee=from_wire(line["fee"], line["currency"]),
        at=events.moment(line["created"]),
        line=line["id"],
    )


def _ref(source: Any) -> str | None:
    """What we know the source by: a charge by its payment's intent, all else by its own id."""
    if not isinstance(source, Mapping):
        return str(source) if source else None
    if source.get("object") != "charge":
        return str(source["id"])
    return events.charge(source).ref
