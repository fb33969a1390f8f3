"""Evidence as a paper for a bank's clerk: the case on the first page, then what proves it, in the order of events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from fx.format import format_points
from fx.money import Money
from listings.customs.landed_cost import Component, Payer
from marketplace.lib.pdf import Paper, Picture, shrink
from orders.evidence import words
from orders.evidence.dossier import Dossier, Sold, who
from orders.models import Message, MessagePicture

# Stripe takes files of 5 MB, and refuses evidence with more pages than the card network reads: 19, with the form.
MOST_BYTES, MOST_PAGES = 4_500_000, 16


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is shown: pixels and quality of pictures, pictures of one message, and how many last messages."""

    longest: int
    quality: int
    pictures: int
    messages: int
    height: float  # of a picture on the page, in millimetres


# Tried in this order until it fits.
EFFORTS = (
    Effort(1000, 80, 5, 200, 46),
    Effort(800, 70, 5, 200, 36),
    Effort(600, 60, 3, 60, 30),
    Effort(480, 50, 1, 25, 26),
    Effort(0, 0, 0, 12, 0),
)


@dataclass(frozen=True, slots=True)
class Written:
    pdf: bytes
    pages: int


def write(dossier: Dossier, *, as_of: dt.datetime) -> Written:
    """The same dossier at the same time gives the same bytes."""
    for effort in EFFORTS:
        written = _write(dossier, as_of, effort)
        if len(written.pdf) <= MOST_BYTES and written.pages <= MOST_PAGES:
            break
    return written


def _write(dossier: Dossier, as_of: dt.datetime, effort: Effort) -> Written:
    site, claim = settings.SITE_HOST, dossier.chargeback
    paper = Paper(
        title=f"Evidence for {claim.processor_ref}",
        head=f"Evidence · {site}",
        reference=f"{words.KINDS[claim.kind]} {claim.processor_ref}",
        foot=f"Made on {words.moment(as_of)} from the records of {site}",
        as_of=as_of,
    )
    _cover(paper, dossier)
    for sold in dossier.sold:
        _bought(paper, sold)
        _sent(paper, sold)
        _said(paper, sold, effort)
    _accepted(paper, dossier)
    _paid(paper, dossier)
    _given_back(paper, dossier)
    return Written(paper.bytes(), paper.pages_count)


def _cover(paper: Paper, dossier: Dossier) -> None:
    claim, site = dossier.chargeback, settings.SITE_HOST
    paper.title_line(f"Evidence against {words.KINDS[claim.kind]} {claim.processor_ref}")
    paper.note(words.summary(dossier))
    paper.facts(
        [
            ("What is asked for", f"{words.money(claim.amount)} of {words.money(dossier.payment.amount)} paid"),
            ("Reason given", claim.reason_in_words),
            ("Opened on", words.moment(claim.opened_at)),
            ("Answer due by", words.moment(claim.due_at)),
            ("Payment", f"{dossier.payment.processor} {dossier.payment.processor_ref}"),
            ("Order", ", ".join(sold.order.number for sold in dossier.sold)),
            ("Buyer", f"{dossier.buyer_name}, {dossier.checkout.email}{_account(dossier)}"),
            ("Sent to", "\n".join(dossier.sold[0].address)),
            ("Sold by", _sellers(dossier)),
            ("Marketplace", f"{site}: it collects the payment, holds it until delivery and keeps these records."),
        ]
    )


def _account(dossier: Dossier) -> str:
    buyer = dossier.checkout.buyer
    if buyer is None:
        return ", bought as a guest"
    return f", with an account since {words.day(buyer.date_joined)}"


def _sellers(dossier: Dossier) -> str:
    shops = [sold.order.shop for sold in dossier.sold]
    return "\n".join(f"{shop.name}, {shop.city}, {shop.country}" for shop in shops)


def _bought(paper: Paper, sold: Sold) -> None:
    order = sold.order
    paper.heading(f"Order {order.number}: what was bought")
    paper.rows(
        ["Item, as described when ordered", "Pieces", "Price", "Sum"],
        [
            *(
                [line.title, str(line.quantity), words.money(line.unit), words.money(line.unit.times(line.quantity))]
                for line in sold.lines
            ),
            *(
                [["The seller's discount for this way to pay", "", "", words.money(-order.discount)]]
                if order.discount
                else []
            ),
        ],
        [90, 18, 32, 32],
        right=(1, 2, 3),
    )
    paper.heading("What the buyer was shown before paying")
    paper.rows(
        ["Cost at the door", "Paid", "Amount"],
        [
            [
                _cost(part),
                _when(part.payer),
                words.money(part.amount) if part.amount else "not known",
            ]
            for part in sold.landed.components
        ]
        + [["Total of this order, paid at checkout", "", words.money(order.buyer_total)]],
        [112, 28, 32],
        right=(2,),
    )
    paper.facts([("Delivery offered", _delivery(sold)), ("No withdrawal from", _no_withdrawal(sold))])
    paper.rows(
        ["Who takes what of it, as shown to both", "Share", "Amount"],
        [
            [f"{fee.taker}: {fee.why}", f"{format_points(fee.bps, 'en')} %", words.money(fee.amount)]
            for fee in sold.fees.lines
        ],
        [112, 28, 32],
        right=(1, 2),
    )


def _cost(part: Component) -> str:
    return f"{part.label}: {part.why}" if part.why else part.label


def _when(payer: Payer) -> str:
    return "at checkout" if payer is Payer.CHECKOUT else "on delivery"


def _delivery(sold: Sold) -> str:
    order = sold.order
    tracked = "tracked" if order.tracked else "without tracking"
    return f"{order.shipping_name} ({tracked}), {order.min_days} to {order.max_days} days"


def _no_withdrawal(sold: Sold) -> str:
    return "\n".join(f"{line.title} ({line.no_withdrawal})" for line in sold.lines if line.no_withdrawal)


def _sent(paper: Paper, sold: Sold) -> None:
    order = sold.order
    paper.heading(f"Order {order.number}: shipping and delivery")
    for parcel in sold.parcels:
        paper.facts(
            [
                ("Carrier", parcel.carrier),
                ("Tracking number", parcel.tracking_number or "none: the service has no tracking"),
                ("Handed over", words.moment(parcel.shipped_at)),
                ("Expected by", words.day(parcel.expected_by)),
                ("To", ", ".join(sold.address)),
            ]
        )
    paper.rows(
        ["Step", "When", "By whom"],
        [
            [words.STATUS[order.Status(event.to_status)] + _why(event.why), words.moment(event.at), who(event, order)]
            for event in sold.events
        ],
        [76, 44, 52],
    )


def _why(text: str) -> str:
    return f": {text}" if text else ""


def _said(paper: Paper, sold: Sold, effort: Effort) -> None:
    if sold.dispute is not None:
        _complaint(paper, sold)
    if not sold.said:
        return
    paper.heading(f"Order {sold.order.number}: messages")
    shown = sold.said[-effort.messages :]
    if left := len(sold.said) - len(shown):
        paper.words(f"{left} earlier messages are kept and left out here for length.", quiet=True)
    for message in shown:
        _message(paper, message, effort)


def _complaint(paper: Paper, sold: Sold) -> None:
    case = sold.dispute
    assert case is not None
    paper.heading(f"Order {sold.order.number}: the complaint to the marketplace")
    paper.facts(
        [
            ("Opened", f"{words.moment(case.opened_at)}, {case.get_kind_display().lower()}"),
            ("Decided", f"{words.OUTCOMES[case.outcome]} {words.moment(case.decided_at)}".strip()),
            ("Why", case.decision_reason),
        ]
    )


def _message(paper: Paper, message: Message, effort: Effort) -> None:
    pictures = list(message.pictures.all())
    paper.keep_together(18)
    part = " · part of the complaint" if message.dispute_id else ""
    paper.words(f"{words.ROLES[Message.Role(message.role)]} · {words.moment(message.at)}{part}", bold=True, size=8.5)
    paper.words(message.text)
    seen = pictures[: effort.pictures]
    if seen:
        paper.pictures(_developed(seen, effort), width=effort.height * 1.2, height=effort.height)
    if left := len(pictures) - len(seen):
        paper.words(f"{left} pictures of this message are kept and left out here for size.", quiet=True)
    paper.space()


def _developed(pictures: Sequence[MessagePicture], effort: Effort) -> list[Picture]:
    """Their bytes are read one by one: a case may have hundreds of megabytes of them."""
    return [shrink(bytes(one.webp), longest=effort.longest, quality=effort.quality) for one in pictures]


def _accepted(paper: Paper, dossier: Dossier) -> None:
    if not dossier.accepted:
        return
    paper.heading("Terms accepted before paying")
    paper.rows(
        ["Text", "Version", "Accepted by", "When"],
        [
            [row.text.get_kind_display(), row.text.version, row.email, words.moment(row.accepted_at)]
            for row in dossier.accepted
        ],
        [40, 24, 62, 46],
    )


def _paid(paper: Paper, dossier: Dossier) -> None:
    payment = dossier.payment
    paper.heading("Payment")
    paper.facts(
        [
            ("Paid", f"{words.money(payment.amount)} on {words.moment(payment.captured_at)}"),
            ("Through", f"{payment.processor}, reference {payment.processor_ref}"),
            ("For", f"checkout {payment.ref}, orders {', '.join(sold.order.number for sold in dossier.sold)}"),
        ]
    )


def _given_back(paper: Paper, dossier: Dossier) -> None:
    refunds = [refund for sold in dossier.sold for refund in sold.refunds if not refund.chargeback_id]
    paper.heading("Refunds made")
    if not refunds:
        paper.words("None.")
        return
    paper.rows(
        ["Order", "Asked for", "State", "Reference", "Amount"],
        [
            [
                refund.ref,
                words.day(refund.created_at),
                refund.get_state_display().lower(),
                refund.processor_ref or "–",
                words.money(refund.amount),
            ]
            for refund in refunds
        ],
        [30, 32, 26, 56, 28],
        right=(4,),
    )
    done = [refund for refund in refunds if refund.state == refund.State.SUCCEEDED]
    total = Money(sum(refund.amount_minor for refund in done), dossier.payment.currency)
    paper.words(f"Together {words.money(total)} has reached the buyer.")
