"""Disputes: the buyer's bank asks for the money, takes it, reads our evidence, keeps it or gives it back.

A control call opens and ends them; the API takes one submission of evidence, or the word that the dispute is accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payments.doubles.stripe import money
from payments.doubles.stripe.books import book
from payments.doubles.stripe.errors import invalid
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

DAYS_TO_ANSWER = 7
LONGEST_FIELD, LONGEST_ALL = 20_000, 150_000
FILES = frozenset({
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
})  # fmt: skip
ANSWERABLE = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
OVER = frozenset({"won", "lost", "warning_closed"})


def dispute(
    double: Double, made: Obj, *, reason: str = "fraudulent", amount: int | None = None, inquiry: bool = False
) -> Obj:
    """The buyer's bank asks about `amount` of a charge, or takes it for now; then Stripe takes a fee."""
    if not made["captured"] or (amount is not None and not 0 < amount <= made["amount_captured"]):
        raise invalid(f"Charge {made['id']} cannot be disputed for {amount}.")
    opened = double.store.new(
        "dispute",
        amount=amount or made["amount_captured"],
        balance_transactions=[],
        charge=made["id"],
        currency=made["currency"],
        evidence={},
        evidence_details={
            "due_by": stamp() + DAYS_TO_ANSWER * 86400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=made["payment_intent"],
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    made["disputed"] = True
    double.store.put("charge", made)
    double.emit("charge.dispute.created", opened)
    if not inquiry:
        _withdraw(double, opened)
    return opened


def escalate(double: Double, name: str) -> Obj:
    """The bank that only asked takes the money now."""
    opened = double.store.get("dispute", name)
    if not opened["status"].startswith("warning_"):
        raise invalid(f"{name} is {opened['status']}, no inquiry.")
    opened["status"] = "needs_response"
    opened["evidence_details"].update(due_by=stamp() + DAYS_TO_ANSWER * 86400, submission_count=0)
    _withdraw(double, opened)
    return opened


def _withdraw(double: Double, opened: Obj) -> None:
    settled = "eur" if opened["currency"] in double.converts else opened["currency"]
    fee = money.DISPUTE_FEE.get(settled, 0)
    entry = book(double, "adjustment", opened["id"], -opened["amount"], opened["currency"], fee=fee, category="dispute")
    opened["balance_transactions"] = [*opened["balance_transactions"], entry]
    opened["is_charge_refundable"] = False
    double.store.put("dispute", opened)
    double.emit("charge.dispute.funds_withdrawn", opened)


def end(double: Double, name: str, outcome: str) -> Obj:
    """`won`, `lost` or `warning_closed`; a bank may still give in after it has won."""
    opened = double.store.get("dispute", name)
    inquiry = opened["status"].startswith("warning_")
    if outcome not in OVER or inquiry != (outcome == "warning_closed"):
        raise invalid(f"{name} is {opened['status']}: it cannot become {outcome}.")
    opened["status"] = outcome
    if outcome == "won":
        back, category = opened["amount"], "dispute_reversal"
        entry = book(double, "adjustment", name, back, opened["currency"], category=category)
        opened["balance_transactions"] = [*opened["balance_transactions"], entry]
        double.emit("charge.dispute.funds_reinstated", opened)
    double.store.put("dispute", opened)
    double.emit("charge.dispute.closed", opened)
    return opened


def update(double: Double, name: str, asked: Obj) -> Obj:
    """Stage evidence, or submit it, which can be done once and in time only."""
    opened = double.store.get("dispute", name)
    _answerable(opened)
    answers = {**opened["evidence"], **(asked.get("evidence") or {})}
    _check(double, answers)
    opened["evidence"] = answers
    opened["metadata"] = {**opened["metadata"], **(asked.get("metadata") or {})}
    opened["evidence_details"]["has_evidence"] = bool(answers)
    if asked.get("submit", True):
        opened["evidence_details"]["submission_count"] += 1
        opened["status"] = ANSWERABLE[opened["status"]]
    double.store.put("dispute", opened)
    double.emit("charge.dispute.updated", opened)
    return opened


def close(double: Double, name: str) -> Obj:
    opened = double.store.get("dispute", name)
    if opened["status"] != "needs_response":
        raise invalid(f"This dispute is {opened['status']} and cannot be closed.", code="dispute_not_closable")
    return end(double, name, "lost")


def _answerable(opened: Obj) -> None:
    if opened["status"] not in ANSWERABLE:
        raise invalid(f"This dispute is {opened['status']}: it takes no evidence.", code="dispute_already_submitted")
    if opened["evidence_details"]["due_by"] < stamp():
        raise invalid("The deadline for evidence has passed.", code="dispute_past_due")


def _check(double: Double, answers: Obj) -> None:
    texts = {name: text for name, text in answers.items() if isinstance(text, str)}
    for name, text in texts.items():
        if len(text) > LONGEST_FIELD:
            raise invalid(f"{name} has more than {LONGEST_FIELD} characters.", param=f"evidence[{name}]")
        if name in FILES and double.store.get("file", text)["purpose"] != "dispute_evidence":
            raise invalid(f"{text} was not uploaded as evidence.", param=f"evidence[{name}]")
    if sum(map(len, texts.values())) > LONGEST_ALL:
        raise invalid(f"The evidence has more than {LONGEST_ALL} characters.", param="evidence")


def is_with_the_bank(double: Double, made: Obj) -> bool:
    """Whether a dispute has taken the charge's money: then it cannot be refunded any more."""
    return any(not one["is_charge_refundable"] for one in double.store.every("dispute", charge=made["id"]))


def refunded(double: Double, made: Obj) -> None:
    """A buyer who has everything back asks for nothing more: inquiries end."""
    for one in double.store.every("dispute", charge=made["id"]):
        if one["status"].startswith("warning_") and one["status"] not in OVER:
            end(double, one["id"], "warning_closed")
