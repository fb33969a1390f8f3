"""Goods on their way back: asked for, authorized, sent, received, refunded; each step has a deadline and a default.

A withdrawal is the buyer's right: nobody has to agree, the seller only says where to send it. A return by
agreement is asked for and may be refused. While one is live the order is not completed by silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import letters, life
from orders.disputes.chargebacks import check_free
from orders.errors import OrderRefused
from orders.models import Order, Return, ReturnItem
from orders.returns import giving_back

State = Return.State
ENDED = (State.REFUNDED, State.REFUSED, State.LAPSED)


def live(order: Order) -> Return | None:
    """The one under way; reads `returns`, prefetched or not."""
    return next((back for back in order.returns.all() if back.is_live), None)


def begin(order: Order, *, kind: str, items: Mapping[int, int], reason: str) -> Return:
    """A return of a locked order's pieces that waits for the seller's address. One at a time."""
    expect_none(order)
    pieces = giving_back.pieces(order, items)
    back = Return.objects.create(
        order=order, kind=kind, reason=reason[:2000], due_at=now() + life.SELLER_ANSWERS_RETURN
    )
    ReturnItem.objects.bulk_create(ReturnItem(back=back, line=line, quantity=count) for line, count in pieces)
    letters.about_return(back, "return_asked")
    return back


def expect_none(order: Order) -> None:
    """OrderRefused while a return of a locked order is under way."""
    if live(order) is not None:
        raise OrderRefused(_("A return of this order is under way already."))


@transaction.atomic
def ask(number: str, *, by: User | None, items: Mapping[int, int], reason: str) -> Return:
    """The buyer would like to send something back; the seller may say no."""
    order = Order.objects.locked(number)
    life.expect(order, Order.Status.SHIPPED, Order.Status.DELIVERED, Order.Status.COMPLETED, Order.Status.SPLIT)
    if not reason.strip():
        raise OrderRefused(_("Say why you would like to send it back."))
    return begin(order, kind=Return.Kind.AGREED, items=items, reason=reason.strip())


@transaction.atomic
def authorize(back: Return, *, by: User, send_to: str, payer: str) -> Return:
    """The seller says where to send it and who pays the way back."""
    back = _locked(back, State.AUTHORIZED)
    if not send_to.strip():
        raise OrderRefused(_("Give the address that it should be sent to."))
    back.send_to, back.payer = send_to.strip()[:500], Return.Payer(payer)
    return _move(back, State.AUTHORIZED, wait=life.TO_SEND_BACK, letter="return_authorized")


@transaction.atomic
def refuse(back: Return, *, by: User | None, why: str) -> Return:
    """No to a return by agreement. A withdrawal cannot be refused."""
    back = _locked(back, State.REFUSED, before=(State.ASKED,))
    if back.kind == Return.Kind.WITHDRAWAL:
        raise OrderRefused(_("A withdrawal is the buyer's right. Give an address that the goods are sent to."))
    back.answer = why.strip()[:2000]
    return _move(back, State.REFUSED, letter="return_refused")


@transaction.atomic
def send(back: Return, *, by: User | None, carrier: str, tracking_number: str) -> Return:
    """The buyer handed it to a carrier. With proof of that the seller has two weeks to receive it."""
    back = _locked(back, State.SENT)
    if not tracking_number.strip():
        raise OrderRefused(_("Give the number on the receipt: it proves that you sent it."))
    back.carrier, back.tracking_number, back.sent_at = carrier.strip()[:60], tracking_number.strip()[:40], now()
    return _move(back, State.SENT, wait=life.TO_RECEIVE_BACK, letter="return_sent")


@transaction.atomic
def receive(back: Return, *, by: User | None, restocked: bool) -> Return:
    """It is back, or its time is over: the buyer is refunded."""
    back = _locked(back, State.REFUNDED)
    return _refund(back, by=by, restocked=restocked, goods=None)


@transaction.atomic
def contest(back: Return, *, by: User, why: str) -> Return:
    """What came back is not what left, or worn: a moderator decides how much goes back."""
    back = _locked(back, State.CONTESTED)
    if not why.strip():
        raise OrderRefused(_("Say what is wrong with what came back."))
    back.answer = why.strip()[:2000]
    return _move(back, State.CONTESTED, wait=life.ADMIN_DECIDES, letter="return_contested")


@transaction.atomic
def decide(back: Return, *, by: User, goods: Money, why: str) -> Return:
    """A moderator's word: `goods` of what the pieces cost goes back; nothing refuses the return."""
    back = _locked(back, State.REFUNDED, before=(State.CONTESTED,))
    whole = worth(back)
    if goods.currency != whole.currency or not 0 <= goods.amount <= whole.amount:
        raise OrderRefused(_("Say how much goes back: at most %(most)s.") % {"most": whole})
    if not why.strip():
        raise OrderRefused(_("Say why: both read it."))
    back.decision, back.decided_by = why.strip()[:2000], by
    if not goods:
        return _move(back, State.REFUSED, letter="return_decided")
    return _refund(back, by=by, restocked=False, goods=goods)


@transaction.atomic
def give_up(back: Return, *, by: User | None) -> Return:
    """The buyer keeps it after all, before it was sent."""
    back = _locked(back, State.LAPSED)
    return _move(back, State.LAPSED, letter="return_lapsed")


def worth(back: Return) -> Money:
    """What was paid for the pieces, in the shop's currency."""
    return giving_back.paid_for(back.order, [(item.line, item.quantity) for item in back.items.select_related("line")])


def _refund(back: Return, *, by: User | None, restocked: bool, goods: Money | None) -> Return:
    """The pieces that are still to be given back; the way there too, where all of them come back by right.

    Contested while the buyer's bank asks for the money: what it decides comes first.
    """
    order = back.order
    check_free(order)
    left = {line.pk: there for line, there in giving_back.pieces_left(order)}
    items = {item.line_id: min(item.quantity, left[item.line_id]) for item in back.items.all()}
    items = {pk: count for pk, count in items.items() if count}
    if items and order.status in giving_back.OPEN:
        by_right = back.kind == Return.Kind.WITHDRAWAL or back.payer == Return.Payer.SELLER
        shipping = postage(order, items) if by_right else Money(0, order.currency)
        with suppress(OrderRefused):  # amounts had gone back before, and nothing is left
            back.refund = giving_back.take_back(
                order, items, goods=goods, shipping=shipping, restocked=restocked, by=by
            )
    return _move(back, State.REFUNDED, letter="return_refunded")


def postage(order: Order, items: Mapping[int, int]) -> Money:
    """The way there is given back by law with all of the goods, and by a seller who pays the way back as well."""
    everything = all(items.get(line.pk, 0) == there for line, there in giving_back.pieces_left(order))
    return Money(order.shipping_minor - order.refunded_shipping_minor if everything else 0, order.currency)


def _locked(back: Return, to: Return.State, before: tuple[str, ...] = ()) -> Return:
    """The return and its order, locked in one order; OrderRefused where somebody or a deadline was faster."""
    order = Order.objects.locked(Order.objects.get(pk=back.order_id).number)
    back = Return.objects.select_for_update(of=("self",)).get(pk=back.pk)
    back.order = order
    if to not in Return.NEXT[back.state] or (before and back.state not in before):
        raise OrderRefused(
            _("This return is “%(state)s”, so this cannot be done any more.") % {"state": back.get_state_display()}
        )
    return back


def _move(back: Return, to: Return.State, *, letter: str, wait: dt.timedelta | None = None) -> Return:
    back.state = to
    back.due_at = now() + wait if wait else None
    back.ended_at = now() if to in ENDED else None
    back.save()
    if to in ENDED:
        _leave_time_to_complain(back.order)
    letters.about_return(back, letter)
    return back


def _leave_time_to_complain(order: Order) -> None:
    """Nobody could complain while it was under way: an order that goes on does not end the moment after."""
    if order.status not in {Order.Status.SHIPPED, Order.Status.DELIVERED} or order.due_at is None:
        return
    order.due_at = life.within_hold(order, max(order.due_at, now() + life.AFTER_RETURN))
    order.save(update_fields=["due_at"])


# --- deadlines --------------------------------------------------------------------------------------


def due(limit: int = 200) -> list[int]:
    """Ids of the returns whose deadline has passed, the longest overdue first; not those that a bank asks for."""
    late = Return.objects.filter(due_at__lte=now())
    still = late.exclude(order__in=Order.objects.contested().values("pk"))
    return list(still.order_by("due_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def meet(pk: int) -> None:
    """Do the default of the state that a return waits in. Does nothing when somebody was faster."""
    back = Return.objects.select_related("order__checkout").get(pk=pk)
    order = Order.objects.locked(back.order.number)
    back = Return.objects.select_for_update(of=("self",)).get(pk=pk)
    if back.due_at is None or back.due_at > now() or Order.objects.contested().filter(pk=order.pk).exists():
        return
    with override(order.checkout.language):
        DEFAULTS[back.kind if back.state == State.ASKED else back.state](back)


def _no_address(back: Return) -> None:
    receive(back, by=None, restocked=False)


def _no_answer(back: Return) -> None:
    refuse(back, by=None, why=_("The seller did not answer in time."))


def _not_sent(back: Return) -> None:
    give_up(back, by=None)


def _for_the_buyer(back: Return) -> None:
    receive(back, by=None, restocked=False)


DEFAULTS: dict[str, Callable[[Return], None]] = {
    Return.Kind.WITHDRAWAL: _no_address,  # who does not say where to send it, is not waited for
    Return.Kind.AGREED: _no_answer,
    State.AUTHORIZED: _not_sent,
    State.SENT: _for_the_buyer,
    State.CONTESTED: _for_the_buyer,
}
