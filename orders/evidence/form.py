"""The answers on the bank's form, named as in `payments.processors.base.FACTS`; what we do not know is left out."""

from __future__ import annotations

from orders.evidence import words
from orders.evidence.dossier import Dossier


def answers(dossier: Dossier) -> dict[str, str]:
    parcels = [parcel for sold in dossier.sold for parcel in sold.parcels]
    arrived = [sold.arrived for sold in dossier.sold if sold.arrived is not None]
    known = {
        "product": _product(dossier),
        "buyer_name": dossier.buyer_name,
        "buyer_email": dossier.checkout.email,
        "shipping_address": "\n".join(dossier.sold[0].address),
        "carrier": ", ".join(dict.fromkeys(parcel.carrier for parcel in parcels)),
        "tracking_number": ", ".join(parcel.tracking_number for parcel in parcels if parcel.tracking_number),
        "shipped_on": words.day(parcels[0].shipped_at) if parcels else "",
        "delivered_on": words.day(arrived[0].at) if arrived else "",
        "terms_shown": _terms(dossier),
        "why_no_refund": _why_no_refund(dossier),
        "account": words.summary(dossier),
    }
    return {name: text for name, text in known.items() if text}


def _product(dossier: Dossier) -> str:
    return "\n".join(
        f"{line.quantity} × {line.title}, {words.money(line.unit)} each, sold by {sold.order.shop.name}"
        for sold in dossier.sold
        for line in sold.lines
    )


def _terms(dossier: Dossier) -> str:
    """The orders cannot be placed without accepting these; the times are those of the order."""
    return "\n".join(
        f"{row.text.get_kind_display()}, version {row.text.version}, accepted by {row.email} "
        f"on {words.moment(row.accepted_at)}, before paying."
        for row in dossier.accepted
    )


def _why_no_refund(dossier: Dossier) -> str:
    return " ".join(
        f"The complaint about order {sold.order.number} was decided {words.OUTCOMES[sold.dispute.outcome]}: "
        f"{sold.dispute.decision_reason}"
        for sold in dossier.sold
        if sold.dispute is not None and sold.dispute.decided_at is not None
    )
