"""Letters about orders, one per event and recipient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from fx.money import Money
from marketplace.letters import compose, keep_all, write
from marketplace.models import Letter, User
from orders.models import (
    AddressChange,
    Checkout,
    Dispute,
    DisputeOffer,
    Message,
    Order,
    OrderLine,
    Return,
    Shipment,
)
from payments.models import Chargeback, Payment, Refund

Status = Order.Status

# Who hears of which step: template names under templates/letters/.
TO_BUYER = {
    Status.PAID: "order_paid",
    Status.SHIPPED: "order_shipped",
    Status.COMPLETED: "order_completed",
    Status.CANCELED: "order_canceled",
    Status.REFUNDED: "order_refunded",
}
TO_SELLER = {
    Status.PAID: "sale_paid",
    Status.COMPLETED: "sale_completed",
    Status.DISPUTED: "sale_disputed",
    Status.REFUNDED: "sale_refunded",
}


def announce(order: Order) -> None:
    """Write the letters that a step calls for. A basket that was never paid concerns its buyer alone."""
    announce_all([order])


def announce_all(orders: Sequence[Order]) -> None:
    """The same for many orders, by one statement."""
    keep_all([letter for order in orders for letter in _about(order)])


def _about(order: Order) -> Iterator[Letter]:
    if template := TO_BUYER.get(Status(order.status)):
        yield _for_buyer(order, template)
    if template := TO_SELLER.get(Status(order.status)):
        yield _for_seller(order, template)


def ask_if_arrived(order: Order) -> None:
    _to_buyer(order, "order_arrived")


def part_refunded(order: Order, refund: Refund) -> None:
    """A part of what was paid goes back; the order goes on."""
    _to_buyer(order, "order_part_refunded", refund=refund)
    _to_seller(order, "sale_part_refunded", refund=refund)


def withdrawal_receipt(order: Order, name: str, pieces: Sequence[tuple[OrderLine, int]], at: dt.datetime) -> None:
    """What was stated, by whom and when: the receipt on paper that lasts. The seller hears of it by the return."""
    _to_buyer(order, "withdrawal_receipt", stated={"name": name, "pieces": pieces, "at": at})


def about_return(back: Return, template: str) -> None:
    """Both hear of each step."""
    _to_buyer(back.order, template, back=back)
    _to_seller(back.order, template, back=back)


def said(order: Order, message: Message) -> None:
    """Whoever did not say it hears of it."""
    if message.role != Message.Role.BUYER:
        _to_buyer(order, "order_message", message=message)
    if message.role != Message.Role.SELLER:
        _to_seller(order, "order_message", message=message)


def offered(order: Order, offer: DisputeOffer, gets: Money) -> None:
    """`gets`: what it is in the money that the buyer paid."""
    _to_buyer(order, "dispute_offer", offer=offer, gets=gets)


def declined(order: Order, offer: DisputeOffer) -> None:
    _to_seller(order, "dispute_declined", offer=offer)


def decided(order: Order, dispute: Dispute) -> None:
    """How and why; what it means for the money is in the letters of the order's step."""
    _to_buyer(order, "dispute_decided", dispute=dispute)
    _to_seller(order, "dispute_decided", dispute=dispute)


def bank_asks(order: Order, chargeback: Chargeback) -> None:
    _to_seller(order, "bank_asks", chargeback=chargeback)


def staff_answers_bank(chargeback: Chargeback, people: Sequence[User], *, again: bool = False) -> None:
    """A bank waits for our answer: once when it asks, and `again` before it is too late."""
    link = settings.SITE_URL + reverse("admin:payments_chargeback_answer", args=[chargeback.pk])
    event = f"{chargeback.pk}:{chargeback.kind}:{chargeback.moves}:{'again' if again else 'asked'}"
    for person in people:
        write(
            key=f"answer_bank:{event}:{person.pk}",
            to=person.email,
            template="answer_bank",
            context={"chargeback": chargeback, "link": link, "again": again},
            language=person.language or "en",
        )


def bank_decided(order: Order, chargeback: Chargeback) -> None:
    _to_seller(order, "bank_decided", chargeback=chargeback)


def another_parcel(parcel: Shipment) -> None:
    _to_buyer(parcel.order, "order_parcel", parcel=parcel)


def address_change(change: AddressChange, template: str) -> None:
    """Asked for: the seller hears of it. Answered: the buyer."""
    tell = _to_seller if change.accepted is None else _to_buyer
    tell(change.order, template, change=change)


def money_out_of_time(checkout: Checkout, payment: Payment) -> None:
    """Money came too late, or too little of it: say what happens with it."""
    order = checkout.orders.select_related("shop__owner").order_by("pk")[0]
    _to_buyer(order, "payment_out_of_time", payment=payment)


def _to_buyer(order: Order, template: str, **more: Any) -> None:
    keep_all([_for_buyer(order, template, **more)])


def _to_seller(order: Order, template: str, **more: Any) -> None:
    keep_all([_for_seller(order, template, **more)])


def _for_buyer(order: Order, template: str, **more: Any) -> Letter:
    checkout = order.checkout
    link = settings.SITE_URL + reverse("orders:guest", args=[checkout.token, order.number])
    return compose(
        key=f"{template}:{order.number}:{_what(more)}:buyer",
        to=checkout.email,
        template=template,
        context={"order": order, "link": link, **more},
        language=checkout.language,
    )


def _for_seller(order: Order, template: str, **more: Any) -> Letter:
    seller = order.seller
    link = settings.SITE_URL + reverse("orders:sale", args=[order.number])
    return compose(
        key=f"{template}:{order.number}:{_what(more)}seller",
        to=seller.email,
        template=template,
        context={"order": order, "link": link, **more},
        language=seller.language or "en",
    )


def _what(more: Mapping[str, Any]) -> str:
    """Tells one letter of a template from the next about the same order."""
    if "chargeback" in more:
        return f"{more['chargeback'].pk}:{more['chargeback'].kind}:"
    for name in ("back", "change", "parcel", "message", "offer", "dispute"):
        if name in more:
            return f"{more[name].pk}:"
    if "stated" in more:
        return f"{more['stated']['at'].isoformat()}:"
    if "refund" in more:
        return f"{more['refund'].pk}:"
    return str(more["payment"].state) if "payment" in more else ""
