"""What the pages of an order show: the timeline, whose turn it is, by when, and what happens otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from fx.money import Money
from listings.customs.landed_cost import LandedCost
from listings.models import Listing, Shop
from orders import addresses, giving_back, messages, returns, withdrawal
from orders.actualfees import sheet_of
from orders.models import Dispute, DisputeOffer, Order, Return
from payments.claims import unsettled
from payments.models import Refund

Status = Order.Status


@dataclass(frozen=True, slots=True)
class NextStep:
    """Sentences for people: whose turn it is, and what happens at the deadline when nobody acts."""

    who: str
    what: str
    otherwise: str


def next_step(order: Order) -> NextStep | None:
    """The one thing the order waits for, or none when it is over."""
    return {
        Status.PLACED: NextStep(_("Buyer"), _("Pay."), _("The order is canceled and nothing is charged.")),
        Status.PAID: NextStep(_("Seller"), _("Hand the parcel to the carrier."), _("The buyer gets everything back.")),
        Status.SHIPPED: NextStep(
            _("Buyer"),
            _("Say when it has arrived."),
            _("The buyer is asked again; after more silence the money is released to the seller.")
            if order.asked_at is None
            else _("The money is released to the seller."),
        ),
        Status.DELIVERED: NextStep(
            _("Buyer"),
            _("Confirm, or say what is wrong."),
            _("The money is released to the seller."),
        ),
        Status.DISPUTED: NextStep(
            _("Seller and moderator"), _("Answer and decide."), _("The buyer gets everything back.")
        ),
    }.get(Status(order.status))


def return_step(back: Return) -> NextStep:
    """What a live return waits for: it comes before anything that the order itself waits for."""
    withdrawn = back.kind == Return.Kind.WITHDRAWAL
    steps = {
        Return.State.ASKED: NextStep(
            _("Seller"),
            _("Say where to send it."),
            _("The buyer is refunded and keeps it.") if withdrawn else _("The return is refused."),
        ),
        Return.State.AUTHORIZED: NextStep(_("Buyer"), _("Send it back."), _("The order goes on as it was.")),
        Return.State.SENT: NextStep(_("Seller"), _("Receive it, or contest it."), _("The buyer is refunded.")),
        Return.State.CONTESTED: NextStep(_("Moderator"), _("Decide."), _("The buyer is refunded.")),
    }
    return steps[Return.State(back.state)]


def timeline(order: Order) -> list[dict[str, Any]]:
    """The steps so far in their order, then the ones to come on the usual way."""
    events = {event.to_status: event for event in order.events.all()}
    ahead = [Status.PLACED, Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED]
    over = order.status not in ahead or order.status == Status.COMPLETED
    steps = [
        {
            "label": Status(status).label,
            "at": event.at,
            "state": "now" if order.status == status else "done",
            "note": "" if status in ahead else event.why,
        }
        for status, event in events.items()
    ]
    return steps + [{"label": status.label, "state": "next"} for status in ahead if status not in events and not over]


def order_page(order: Order) -> dict[str, Any]:
    back = returns.live(order)
    dispute = Dispute.objects.filter(order=order).first()
    offer = dispute.offers.filter(ended_at=None).first() if dispute else None
    page = {
        "order": order,
        "lines": list(order.lines.all()),
        "timeline": timeline(order),
        "next": next_step(order),
        "next_due": order.due_at,
        "sheet": sheet_of(order),
        "landed": LandedCost.from_json(order.landed),
        "address_lines": addresses.lines(order.address),
        "parcels": list(order.parcels.order_by("pk")),
        "returns": list(order.returns.prefetch_related("items__line").order_by("-pk")),
        "withdraw_until": withdrawal.until(order),
        "dispute": dispute,
        "said": messages.of_order(order),
        "offer": offer,
        "offer_gets": _gets(order, offer) if offer else None,
        "asked_back": list(unsettled(order.checkout.payment)),
        "payment": order.checkout.payment,
        "refunds": list(Refund.objects.filter(ref=order.number)),
        "can": {action for action, to in CAN.items() if to in Order.NEXT[order.status]},
        "asked_address": _asked_address(order),
        "stamp": STAMPS.get(Status(order.status)),
    }
    if back is not None:
        page |= {"next": return_step(back), "next_due": back.due_at, "can": set()}
    return page


def _gets(order: Order, offer: DisputeOffer) -> Money:
    """What an offer is in the money that the buyer paid."""
    return giving_back.preview_back(order, None if offer.back >= order.held else offer.back)


def _asked_address(order: Order) -> list[str]:
    change = order.address_changes.filter(answered_at=None).first()
    return addresses.lines(change.address) if change else []


# What a person may still do, by the state it leads to.
CAN = {
    "ship": Status.SHIPPED,
    "delivered": Status.DELIVERED,
    "confirm": Status.COMPLETED,
    "dispute": Status.DISPUTED,
    "refund": Status.REFUNDED,
}
STAMPS = {
    Status.PAID: "held",
    Status.SHIPPED: "held",
    Status.DELIVERED: "held",
    Status.COMPLETED: "released",
    Status.DISPUTED: "disputed",
    Status.REFUNDED: "refunded",
    Status.SPLIT: "released",
    Status.CANCELED: "canceled",
}


def desk_page(shop: Shop) -> dict[str, Any]:
    """What needs doing today, longest overdue first."""
    sold = Order.objects.sold_by(shop.owner).select_related("checkout").prefetch_related("lines")
    return {
        "shop": shop,
        "to_ship": sold.filter(status=Status.PAID).order_by("due_at"),
        "to_answer": sold.filter(status=Status.DISPUTED, dispute__answered_at=None).order_by("due_at"),
        "returns": Return.objects.filter(order__shop=shop, state__in=(Return.State.ASKED, Return.State.SENT))
        .select_related("order")
        .order_by("due_at"),
        "on_the_way": sold.filter(Q(status=Status.SHIPPED) | Q(status=Status.DELIVERED)).order_by("due_at")[:20],
        "drafts": shop.listings.filter(status=Listing.Status.DRAFT).count(),
        "in_review": shop.listings.filter(status=Listing.Status.IN_REVIEW).count(),
        "live": shop.listings.filter(status=Listing.Status.LIVE).count(),
        "sold_out": shop.listings.filter(status=Listing.Status.LIVE, stock=0),
    }
