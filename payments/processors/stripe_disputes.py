"""Stripe's disputes: what the buyer's bank asks for, as a Claim, and our evidence in the words of its form."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import stripe

from fx.money import Money, total
from payments.processors.base import Claim, Evidence, Outcome, Update
from payments.processors.stripe_amounts import from_wire
from payments.processors.stripe_events import moment

if TYPE_CHECKING:
    from stripe.params import DisputeUpdateParamsEvidence

Obj = Mapping[str, Any]
# Of the money: ACTION while we may answer, PENDING while the bank reads, SUCCEEDED when we keep it, REVERSED when not.
STATUS = {
    "warning_needs_response": Outcome.ACTION,
    "needs_response": Outcome.ACTION,
    "appeal_needs_response": Outcome.ACTION,
    "warning_under_review": Outcome.PENDING,
    "under_review": Outcome.PENDING,
    "appeal_under_review": Outcome.PENDING,
    "won": Outcome.SUCCEEDED,
    "warning_closed": Outcome.CANCELED,
    "prevented": Outcome.CANCELED,
    "lost": Outcome.REVERSED,
}
EXPANDED = ["charge", "balance_transactions"]
LONGEST = 20_000  # characters of one answer on the form
FORM = {
    "product": "product_description",
    "buyer_name": "customer_name",
    "buyer_email": "customer_email_address",
    "buyer_ip": "customer_purchase_ip",
    "billing_address": "billing_address",
    "shipping_address": "shipping_address",
    "carrier": "shipping_carrier",
    "tracking_number": "shipping_tracking_number",
    "shipped_on": "shipping_date",
    "delivered_on": "service_date",
    "terms_shown": "refund_policy_disclosure",
    "why_no_refund": "refund_refusal_explanation",
    "account": "uncategorized_text",
}


def dispute(opened: Obj) -> Update:
    """A dispute. With `charge` expanded it speaks of the payment's own intent even when Checkout made another one."""
    details = opened.get("evidence_details") or {}
    return Update(
        kind="dispute",
        ref=opened["id"],
        outcome=STATUS.get(opened["status"], Outcome.ACTION),
        amount=from_wire(opened["amount"], opened["currency"]),
        key=(opened.get("metadata") or {}).get("key"),
        message=opened.get("reason") or "",
        raw={"intent": opened.get("payment_intent"), "charge": _id(opened.get("charge")), "status": opened["status"]},
        claim=Claim(
            payment=_payment(opened),
            inquiry=opened["status"].startswith("warning_") or opened["status"] == "prevented",
            reason=opened.get("reason") or "",
            withdrawn=_withdrawn(opened),
            moves=len(_lines(opened)),
            fee=_fee(opened),
            due_at=moment(details["due_by"]) if details.get("due_by") else None,
            submitted=bool(details.get("submission_count")),
        ),
    )


def _payment(opened: Obj) -> str:
    charge = opened.get("charge")
    meta = (charge.get("metadata") or {}) if isinstance(charge, Mapping) else {}
    return str(meta.get("intent") or _id(opened.get("payment_intent")) or _id(charge) or "")


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else value


def _lines(opened: Obj) -> list[Obj]:
    """Lines of the balance: none, the money that left, and the money that came back."""
    return [line for line in opened.get("balance_transactions") or [] if isinstance(line, Mapping)]


def _withdrawn(opened: Obj) -> Money:
    """What is with the bank now, in the charge's currency, also when Stripe converted the lines."""
    asked, lines = from_wire(opened["amount"], opened["currency"]), _lines(opened)
    gone = -sum(line["amount"] for line in lines)
    if all(line["currency"] == opened["currency"] for line in lines):
        return from_wire(max(gone, 0), opened["currency"])
    return asked if gone > 0 else Money(0, asked.currency)


def _fee(opened: Obj) -> Money | None:
    fees = [from_wire(line["fee"], line["currency"]) for line in _lines(opened)]
    return total(fees, fees[0].currency) if fees else None


def upload(client: stripe.StripeClient, key: str, pdf: bytes) -> str:
    """The id of the document at Stripe."""
    file = io.BytesIO(pdf)
    file.name = "evidence.pdf"
    made = client.v1.files.create({"file": file, "purpose": "dispute_evidence"}, {"idempotency_key": f"{key}:file"})
    return str(made.id)


def form(evidence: Evidence, file: str) -> DisputeUpdateParamsEvidence:
    """What we know, under Stripe's names; nothing that is empty."""
    answers = {FORM[name]: text.strip()[:LONGEST] for name, text in evidence.facts.items() if text.strip()}
    return cast("DisputeUpdateParamsEvidence", {**answers, "uncategorized_file": file})
