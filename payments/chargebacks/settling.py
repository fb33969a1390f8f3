"""The end of a chargeback for the orders it was about. The caller holds their locks and says what they give up.

What was lost is taken as a refund would take it, at the original rate. Refunds that were promised and not sent are
carried out by it first, so that the buyer has the money once; what no order is left to pay for is the platform's loss.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from fx.money import Money
from marketplace.lib.clock import now
from payments.cases import open_case
from payments.chargebacks.claims import free
from payments.ledger import codes
from payments.ledger.posting import Draft, post_all
from payments.models import Case, Chargeback, Payment, Refund
from payments.refunds import life as refunds
from payments.refunds.refundable import Take, share_of

Kind, State = Chargeback.Kind, Chargeback.State


@dataclass(frozen=True, slots=True)
class Share:
    """What a lost chargeback takes of one order, line by line."""

    ref: str
    takes: Sequence[Take]

    def of(self, component: str) -> int:
        """How much of it is for goods, shipping, tax or duty, in that line's currency."""
        return sum(one.target.amount for one in self.takes if one.line.component == component)


Commission = Callable[[Share], Money | None]  # what the platform gives up of a released order


def unsettled_ends(limit: int = 50) -> list[uuid.UUID]:
    """Ids of what has ended and whose orders do not know it yet, the longest waiting first."""
    ended = Chargeback.objects.filter(settled_at=None).exclude(state__in=Chargeback.OPEN)
    return list(ended.order_by("closed_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def settle(chargeback_id: uuid.UUID, *, commission: Commission) -> tuple[Chargeback, list[Share]] | None:
    """Book the end; returns what was taken of which order. None when it has not ended, or was settled before."""
    payment_id = Chargeback.objects.values_list("payment_id", flat=True).get(pk=chargeback_id)
    payment = Payment.objects.select_for_update(of=("self",)).select_related("quote").get(pk=payment_id)
    chargeback = Chargeback.objects.select_for_update().get(pk=chargeback_id)
    if chargeback.settled_at is not None or chargeback.is_open:
        return None
    chargeback.payment = payment
    is_lost = chargeback.state in {State.LOST, State.ACCEPTED} and bool(chargeback.withdrawn_minor)
    shares = _take(chargeback, commission) if is_lost else []
    chargeback.settled_at = now()
    chargeback.save(update_fields=["settled_at", "loss_minor"])
    free(chargeback)
    return chargeback, shares


def _take(chargeback: Chargeback, commission: Commission) -> list[Share]:
    rest = _carry_out(chargeback)
    shares = _shares(chargeback.payment, rest)
    for share in shares:
        taken = refunds.covered_by(chargeback, share.takes, ref=share.ref, commission=commission(share))
        rest -= taken.amount
    if rest:
        _lose(chargeback, rest)
    return shares


def _carry_out(chargeback: Chargeback) -> Money:
    """The refunds that wait, in their order, as long as the bank took enough. Returns what is left of it."""
    rest = chargeback.withdrawn
    for refund in refunds.waiting(chargeback.payment):
        if refund.amount <= rest:
            refunds.carried_out_by(chargeback, refund)
            rest -= refund.amount
        else:
            says = f"The bank took {chargeback.withdrawn}; refund {refund.pk} of {refund.amount} waits as well."
            open_case(Case.Kind.AMOUNT, processor=chargeback.processor, ref=f"refund {refund.pk}", says=says)
    return rest


def _shares(payment: Payment, asked: Money) -> list[Share]:
    if payment.state != Payment.State.CAPTURED:
        return []
    by_ref: dict[str, list[Take]] = {}
    for one in share_of(payment, asked):
        by_ref.setdefault(one.line.ref, []).append(one)
    return [Share(ref, takes) for ref, takes in sorted(by_ref.items()) if any(one.pay for one in takes)]


def _lose(chargeback: Chargeback, rest: Money) -> None:
    """Taken twice: the buyer had it back before. A person asks the bank, or writes it off."""
    chargeback.loss_minor = rest.amount
    legs = [
        (codes.expense("loss", rest.currency), rest.amount),
        (codes.disputed(chargeback.processor, rest.currency), -rest.amount),
    ]
    post_all([Draft(f"chargeback:{chargeback.pk}:loss", "chargeback_loss", str(chargeback.pk), legs)])
    says = f"{rest} was refunded and taken by the bank as well."
    open_case(Case.Kind.AMOUNT, processor=chargeback.processor, ref=chargeback.processor_ref, says=says)


def recover(refund: Refund) -> None:
    """A refund failed after its money was booked as taken twice: it was taken once, so the bank carried it out."""
    lost = Chargeback.objects.select_for_update().filter(payment=refund.payment, loss_minor__gte=refund.amount_minor)
    chargeback = lost.exclude(settled_at=None).first()
    if chargeback is None or refund.state != Refund.State.FAILED:
        return
    legs = [
        (codes.disputed(chargeback.processor, refund.currency), refund.amount_minor),
        (codes.expense("loss", refund.currency), -refund.amount_minor),
    ]
    post_all([Draft(f"chargeback:{chargeback.pk}:found:{refund.pk}", "chargeback_found", str(chargeback.pk), legs)])
    chargeback.loss_minor -= refund.amount_minor
    chargeback.save(update_fields=["loss_minor"])
    refunds.carried_out_by(chargeback, refund)
