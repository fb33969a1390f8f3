"""A dispute: the buyer says what is wrong, the seller answers or offers, both add evidence, somebody decides.

Silence decides for the buyer. An offer that the buyer accepts decides without a moderator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import ending, letters, life
from orders.disputes.messages import Shot, say
from orders.errors import OrderRefused
from orders.models import Dispute, DisputeOffer, Message, Order, Return
from orders.returns import giving_back

Status = Order.Status
Role = Message.Role


@transaction.atomic
def open_dispute(
    number: str, *, by: User | None, reason: str, kind: str = Dispute.Kind.OTHER, shots: Sequence[Shot] = ()
) -> Order:
    """The buyer says what is wrong; the seller has five days to answer."""
    order = Order.objects.locked(number)
    if not reason.strip():
        raise OrderRefused(_("Say what is wrong, so that the seller can answer."))
    if kind not in Dispute.Kind.values:
        raise OrderRefused(_("“%(kind)s” is no kind of complaint.") % {"kind": kind[:40]})
    if order.returns.filter(state__in=Return.LIVE).exists():
        raise OrderRefused(_("A return of this order is under way. End it first, or wait for it."))
    life.move(order, Status.DISPUTED, by=by, due_at=now() + life.SELLER_ANSWERS)
    dispute = Dispute.objects.create(order=order, kind=kind, reason=reason.strip()[:2000], opened_at=now())
    say(order, role=Role.BUYER, by=by, text=reason, shots=shots, case=dispute)
    return order


@transaction.atomic
def answer_dispute(number: str, *, by: User, answer: str, shots: Sequence[Shot] = ()) -> Order:
    """The seller's side, said once; then a moderator has seven days."""
    order = Order.objects.locked(number)
    assert by == order.seller, "only the seller answers"
    dispute = _undecided(order)
    if dispute.answered_at is not None:
        raise OrderRefused(_("You have answered already. The moderator decides now."))
    if not answer.strip():
        raise OrderRefused(_("Write your side, so that the moderator can decide."))
    _answered(order, dispute, answer)
    letters.said(order, say(order, role=Role.SELLER, by=by, text=answer, shots=shots, case=dispute))
    return order


@transaction.atomic
def offer(number: str, *, by: User, back: Money | None, text: str = "") -> DisputeOffer:
    """The seller offers `back` of what is held, or all of it. It replaces an earlier offer and counts as an answer."""
    order = Order.objects.locked(number)
    assert by == order.seller, "only the seller offers"
    dispute = _undecided(order)
    back = order.held if back is None else back
    if not 0 < back.amount <= order.held.amount:
        raise OrderRefused(_("Offer more than nothing and at most %(held)s.") % {"held": order.held})
    gets = giving_back.preview_back(order, None if back == order.held else back)
    dispute.offers.filter(ended_at=None).update(ended_at=now())
    made = DisputeOffer.objects.create(dispute=dispute, back_minor=back.amount, currency=back.currency, by=by)
    if dispute.answered_at is None:
        _answered(order, dispute, text or _("I offer to give %(back)s back.") % {"back": back})
    if text.strip():
        say(order, role=Role.SELLER, by=by, text=text, case=dispute)
    letters.offered(order, made, gets)
    return made


@transaction.atomic
def answer_offer(number: str, *, by: User | None, offer_id: int, accepted: bool) -> Order:
    """The buyer takes the standing offer, which decides the case, or not: then it goes on."""
    order = Order.objects.locked(number)
    dispute = _undecided(order)
    standing = dispute.offers.filter(ended_at=None).first()
    if standing is None or standing.pk != offer_id:
        raise OrderRefused(_("This offer does not stand any more. Look at the order again."))
    standing.ended_at, standing.accepted = now(), accepted
    standing.save(update_fields=["ended_at", "accepted"])
    if accepted:
        whole = standing.back >= order.held
        why = _("The buyer accepted the seller's offer.")
        back = None if whole else standing.back
        return _decide(order, dispute, outcome="buyer" if whole else "split", by=by, reason=why, back=back)
    letters.declined(order, standing)
    return order


@transaction.atomic
def decide_dispute(number: str, *, outcome: str, by: User | None, reason: str, back: Money | None = None) -> Order:
    """`outcome` is buyer (all goes back), seller (all is released) or split: `back` of what is held goes back.

    Silence decides for the buyer.
    """
    order = Order.objects.locked(number)
    dispute = _undecided(order)
    if outcome not in DECISIONS:
        raise OrderRefused(_("“%(outcome)s” is no decision. Choose buyer, seller or split.") % {"outcome": outcome})
    return _decide(order, dispute, outcome=outcome, by=by, reason=reason, back=back)


def _decide(order: Order, dispute: Dispute, *, outcome: str, by: User | None, reason: str, back: Money | None) -> Order:
    dispute.offers.filter(ended_at=None).update(ended_at=now())
    dispute.outcome, dispute.decided_by, dispute.decided_at = outcome, by, now()
    dispute.decision_reason = reason
    dispute.save(update_fields=["outcome", "decided_by", "decided_at", "decision_reason"])
    DECISIONS[outcome](order, by, reason, back)
    letters.decided(order, dispute)
    return order


def _answered(order: Order, dispute: Dispute, answer: str) -> None:
    dispute.answer, dispute.answered_at = answer.strip()[:2000], now()
    dispute.save(update_fields=["answer", "answered_at"])
    order.due_at = life.within_hold(order, now() + life.ADMIN_DECIDES)
    order.save(update_fields=["due_at"])


def _for_buyer(order: Order, by: User | None, why: str, back: Money | None) -> None:
    giving_back.all_of(order, by=by, why=why, reason="dispute")


def _for_seller(order: Order, by: User | None, why: str, back: Money | None) -> None:
    ending.complete(order, by=by, why=why)


def _split(order: Order, by: User | None, why: str, back: Money | None) -> None:
    """A part goes back, the goods' first, and the rest is released."""
    if back is None or not 0 < back.amount < order.held.amount:
        raise OrderRefused(
            _("Say how much goes back: more than nothing and less than %(held)s.") % {"held": order.held}
        )
    giving_back.part_of(order, giving_back.goods_first(order, back), by=by, reason="dispute")
    order.completed_at = now()
    life.move(order, Status.SPLIT, by=by, why=why)
    ending.release(order)


DECISIONS: dict[str, Callable[[Order, User | None, str, Money | None], None]] = {
    Dispute.Outcome.BUYER: _for_buyer,
    Dispute.Outcome.SELLER: _for_seller,
    Dispute.Outcome.SPLIT: _split,
}


def _undecided(order: Order) -> Dispute:
    """The open dispute of a locked order, locked; OrderRefused when there is none."""
    dispute = Dispute.objects.select_for_update().filter(order=order, decided_at=None).first()
    if dispute is None or order.status != Status.DISPUTED:
        raise OrderRefused(_("Order %(number)s has no open dispute.") % {"number": order.number})
    return dispute
