"""Lines of Stripe's balance as our Movements, for the reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fx.money import Money
from payments.processors import stripe_events as events
from payments.processors.base import Movement
from payments.processors.stripe_amounts import from_wire

# By Stripe's `reporting_category`, which tells apart what its `type` lumps together ("adjustment", "refund").
# Source: docs.stripe.com/reports/reporting-categories, read 2026-11. Whatever is not here waits for a person.
KINDS = {
    "charge": "charge",
    "refund": "refund",
    "refund_failure": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "payout": "payout",
    "payout_reversal": "payout",
    "transfer": "transfer",
    "transfer_reversal": "transfer",
    "fee": "fee",
    "network_cost": "fee",
}


def movement(line: Mapping[str, Any]) -> Movement:
    """One balance transaction with its `source` expanded, in the currency that Stripe settled it in."""
    category, rate = line["reporting_category"], line.get("exchange_rate")
    kind, source = KINDS.get(category, "adjustment"), line.get("source")
    return Movement(
        ref=line["id"] if kind == "fee" else _ref(source) or line["id"],
        kind=kind,
        amount=from_wire(line["amount"], line["currency"]),
        fee=from_wire(line["fee"], line["currency"]),
        at=events.moment(line["created"]),
        line=line["id"],
        origin=_origin(line) if isinstance(source, Mapping) else None,
        rate="" if rate is None else str(rate),
        category=category,
        bound=_bound(source),
    )


def _bound(source: Any) -> str:
    """The id that we gave Stripe with the payment."""
    if not isinstance(source, Mapping) or source.get("object") != "charge":
        return ""
    return str((source.get("metadata") or {}).get("payment") or "")


def _ref(source: Any) -> str | None:
    """What we know the source by: a charge by its payment's intent, what came back of a transfer by the transfer, all
    else by its own id."""
    if not isinstance(source, Mapping):
        return str(source) if source else None
    if source.get("object") == "transfer_reversal":
        return str(source["transfer"])
    if source.get("object") != "charge":
        return str(source["id"])
    return events.charge(source).ref


def _origin(line: Mapping[str, Any]) -> Money | None:
    """What the line was in its source's own currency, with the line's sign; none when nothing was exchanged."""
    source = line["source"]
    currency = source.get("currency")
    if not currency or currency == line["currency"] or type(source.get("amount")) is not int:
        return None
    whole = from_wire(source["amount"], currency)
    return whole if line["amount"] > 0 else -whole
