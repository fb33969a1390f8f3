"""How evidence says things. It is English, whatever people read here: banks do not read German or Hindi."""

from __future__ import annotations

import datetime as dt

from fx.format import format_money
from fx.money import Money
from orders.evidence.dossier import Dossier, Sold, who
from orders.models import Message, Order

KINDS = {"inquiry": "inquiry", "chargeback": "chargeback"}
STATUS = {
    Order.Status.PLACED: "Ordered",
    Order.Status.PAID: "Paid",
    Order.Status.SHIPPED: "Handed to the carrier",
    Order.Status.DELIVERED: "Delivered",
    Order.Status.COMPLETED: "Completed",
    Order.Status.CANCELED: "Canceled",
    Order.Status.DISPUTED: "Complaint opened with the marketplace",
    Order.Status.REFUNDED: "Refunded",
    Order.Status.SPLIT: "Complaint settled in parts",
}
ROLES = {Message.Role.BUYER: "Buyer", Message.Role.SELLER: "Seller", Message.Role.STAFF: "Marketplace"}
OUTCOMES = {"buyer": "for the buyer", "seller": "for the seller", "split": "in parts", "": "not yet"}


def money(amount: Money) -> str:
    return format_money(amount, "en")


def moment(at: dt.datetime | None) -> str:
    return f"{at.astimezone(dt.UTC):%d %B %Y, %H:%M} UTC".lstrip("0") if at else ""


def day(at: dt.datetime | dt.date | None) -> str:
    return f"{at:%d %B %Y}".lstrip("0") if at else ""


def summary(dossier: Dossier) -> str:
    """The first thing that the bank's clerk reads: what happened, each sentence a fact with its date."""
    return " ".join(sentence for sold in dossier.sold for sentence in _sentences(sold, dossier))


def _sentences(sold: Sold, dossier: Dossier) -> list[str]:
    order = sold.order
    said = [
        f"Order {order.number} over {money(order.buyer_total)} was placed on {day(order.placed_at)} "
        f"by {dossier.checkout.email} and paid on {day(order.paid_at)}."
    ]
    said += [
        f"It was handed to {parcel.carrier} on {day(parcel.shipped_at)}{_tracked(parcel.tracking_number)}."
        for parcel in sold.parcels
    ]
    if not sold.parcels:
        said.append("It has not been shipped.")
    if (arrived := sold.arrived) is not None:
        said.append(f"On {day(arrived.at)} {who(arrived, order)} said that it had arrived.")
    return said + _after(sold)


def _after(sold: Sold) -> list[str]:
    said = []
    if sold.dispute is None:
        said.append("The buyer made no complaint to the marketplace about it.")
    else:
        said.append(
            f"The buyer complained to the marketplace on {day(sold.dispute.opened_at)}; "
            f"this was decided {OUTCOMES[sold.dispute.outcome]}."
        )
    done = [refund for refund in sold.refunds if refund.state == refund.State.SUCCEEDED and not refund.chargeback_id]
    if done:
        total = Money(sum(refund.amount_minor for refund in done), done[0].currency)
        said.append(f"{money(total)} has been refunded.")
    else:
        said.append("Nothing has been refunded.")
    return said


def _tracked(number: str) -> str:
    return f" under the tracking number {number}" if number else ""
