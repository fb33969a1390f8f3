"""What the pages of an order show: the timeline, whose turn it is, by when, and what happens otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fx.money import Money
from listings.customs.landed_cost import LandedCost
from listings.models import Listing, Shop
from orders import options
from orders.checkout import addresses
from orders.checkout.actualfees import sheet_of
from orders.checkout.overmid import order_words
from orders.disputes import messages
from orders.models import Dispute, DisputeOffer, Order, Return
from orders.returns import giving_back, withdrawal
from orders.returns import life as returns
from payments.chargebacks.claims import unsettled
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


def waits_for(order: Order) -> tuple[NextStep | None, dt.datetime | None]:
    """What the order waits for, and until when; a return that is under way comes first."""
    back = returns.live(order)
    return (next_step(order), order.due_at) if back is None else (return_step(back), back.due_at)


def order_page(order: Order, *, as_seller: bool) -> dict[str, Any]:
    step, due = waits_for(order)
    asked = options.asked_address(order)
    dispute = Dispute.objects.filter(order=order).first()
    offer = dispute.offers.filter(ended_at=None).first() if dispute else None
    return {
        "order": order,
        "lines": list(order.lines.prefetch_related("refunded")),
        "timeline": timeline(order),
        "next": step,
        "next_due": due,
        "sheet": sheet_of(order),
        "over_mid": order_words(order, get_language() or "en"),
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
        "can": options.of_seller(order) if as_seller else options.of_buyer(order),
        "asked_address": addresses.lines(asked) if asked else [],
        "stamp": STAMPS.get(Status(order.status)),
    }


def _gets(order: Order, offer: DisputeOffer) -> Money:
    """What an offer is in the money that the buyer paid."""
    return giving_back.preview_back(order, None if offer.back >= order.held else offer.back)


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
