"""What a payout does in the books: asked for, paid, or given back."""

from __future__ import annotations

from fx.money import Money
from fx.services import record_conversion
from marketplace.lib.clock import now
from payments.booking import across
from payments.ledger import codes
from payments.ledger.posting import Leg, post
from payments.models import Payout
from payments.netting.held import has_account


def requested(payout: Payout, repaid: Money) -> None:
    """Out of the seller's payable: `repaid` of it to their debt, the rest on its way."""
    legs: list[Leg] = [
        (codes.seller(payout.seller_id, payout.currency), (payout.amount + repaid).amount),
        (codes.seller_debt(payout.seller_id, payout.currency), -repaid.amount),
        (codes.payouts(payout.currency), -payout.amount_minor),
    ]
    post(f"payout:{payout.pk}", "payout", str(payout.pk), legs)


def paid(payout: Payout) -> None:
    """What left the processor for it; coins cross the platform's position."""
    key, ref, sends = f"payout:{payout.pk}:paid", str(payout.pk), payout.sends
    legs: list[Leg] = [
        (codes.payouts(payout.currency), payout.amount_minor),
        *across(payout.amount, sends),
        (codes.clearing(payout.method.kind, sends.currency), -sends.amount),
    ]
    post(key, "payout_paid", ref, legs)
    if sends.currency != payout.currency:
        record_conversion(
            journal_key=key,
            ref=ref,
            quote=None,
            sell=payout.amount,
            buy=sends,
            seller=payout.seller,
            counted=has_account(payout.currency),
        )


def came_back(payout: Payout, received: Money) -> int:
    """After it was paid: payable again as a whole. What was kept on the way is the platform's expense."""
    lost, via = payout.amount - received, payout.method.kind
    legs: list[Leg] = [
        (codes.clearing(via, payout.currency), received.amount),
        (codes.expense(via, payout.currency), lost.amount),
        (codes.seller(payout.seller_id, payout.currency), -payout.amount_minor),
    ]
    return post(f"payout:{payout.pk}:returned", "payout_returned", str(payout.pk), legs)


def give_back(payout: Payout, state: Payout.State, problem: str) -> Payout:
    """It ends in `state`, and its money is payable again."""
    payout.state, payout.problem = state, problem
    payout.save(update_fields=["state", "problem"])
    if state == Payout.State.CANCELED:  # what it followed waits for its seller again
        payout.follows.filter(dormant_at=None).update(remind_at=now())
        payout.follows.update(followed_by=None)
    legs: list[Leg] = [
        (codes.payouts(payout.currency), payout.amount_minor),
        (codes.seller(payout.seller_id, payout.currency), -payout.amount_minor),
    ]
    post(f"payout:{payout.pk}:{state}", "payout_back", str(payout.pk), legs)
    return payout
