"""What a buyer's bank does to orders: while it asks they stand still, when it has decided they go on or end."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from fx.money import Money
from marketplace.lib.clock import now
from orders import letters, life
from orders.errors import OrderRefused
from orders.models import Checkout, Dispute, DisputeOffer, Order, Return
from payments.chargebacks.settling import Share, settle
from payments.models import Chargeback

Status = Order.Status


class Contested(OrderRefused):
    """The buyer's bank asks for the money of this order."""


def check_free(*orders: Order) -> None:
    """Contested while the bank asks for one: its money is neither released nor given back by a decision of ours."""
    for order in Order.objects.contested().filter(pk__in=[order.pk for order in orders])[:1]:
        raise Contested(
            _("The bank of the buyer asks for the money of order %(number)s. Nothing moves before that is decided.")
            % {"number": order.number}
        )


@transaction.atomic
def settle_end(chargeback_id: uuid.UUID) -> Chargeback | None:
    """Tell the orders how it ended. None when it has not ended or they know.

    The orders are locked before their payment, as whoever gives back or releases does.
    """
    payment_id = Chargeback.objects.values_list("payment_id", flat=True).get(pk=chargeback_id)
    checkout = Checkout.objects.filter(payment_id=payment_id).first()
    numbers = checkout.orders.order_by("number").values_list("number", flat=True) if checkout else []
    locked = {number: Order.objects.locked(number) for number in list(numbers)}
    done = settle(chargeback_id, commission=lambda share: _given_up(locked.get(share.ref), share))
    if done is None:
        return None
    chargeback, shares = done
    with override(checkout.language if checkout else "en"):
        for share in shares:
            _lost(locked[share.ref], share)
        for order in locked.values():
            _goes_on(order, chargeback)
            letters.bank_decided(order, chargeback)
    return chargeback


def _given_up(order: Order | None, share: Share) -> Money | None:
    return order.commission_on(share.of("goods")) if order is not None else None


def _lost(order: Order, share: Share) -> None:
    """The bank gave the buyer this much back; with the last of it the order ends as refunded."""
    order.refunded_goods_minor += share.of("goods")
    order.refunded_shipping_minor += share.of("shipping")
    DisputeOffer.objects.filter(dispute__order=order, ended_at=None).update(ended_at=now())  # of more than is left
    if order.held:
        order.save(update_fields=["refunded_goods_minor", "refunded_shipping_minor"])
        return
    why = _("The bank of the buyer took the money back.")
    dispute = Dispute.objects.select_for_update().filter(order=order, decided_at=None).first()
    if dispute is not None:
        dispute.outcome, dispute.decided_at, dispute.decision_reason = Dispute.Outcome.BUYER, now(), why
        dispute.save(update_fields=["outcome", "decided_at", "decision_reason"])
        letters.decided(order, dispute)
    life.move(order, Status.REFUNDED, by=None, why=why)


def _goes_on(order: Order, chargeback: Chargeback) -> None:
    """Whoever had time left has as much again, within the eighty days; a hold that has ended meanwhile ends now."""
    if Order.objects.contested().filter(pk=order.pk).exists():
        return
    order.returns.filter(state__in=Return.LIVE).update(due_at=F("due_at") + (now() - chargeback.opened_at))
    if order.due_at is None:
        return
    last = order.events.order_by("-seq").values_list("at", flat=True)[0]
    stood_still = now() - max(chargeback.opened_at, last)
    order.due_at = life.within_hold(order, order.due_at + stood_still)
    order.save(update_fields=["due_at"])
