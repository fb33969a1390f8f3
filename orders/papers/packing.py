"""The seller says what is in a parcel; and each print is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders.errors import OrderRefused
from orders.models import Order, PackedParcel, PrintedPaper
from orders.papers.gathering import quantity_in
from orders.parcels import MOST


@dataclass(frozen=True, slots=True)
class Facts:
    """`pieces` maps a line's id to how many are in the parcel and what one weighs net, in grams (none: not known).
    `postage_minor` is in the order's currency.
    """

    pieces: Mapping[int, tuple[int, int | None]]
    gross_g: int | None = None
    postage_minor: int | None = None
    phone: str = ""
    eori: str = ""
    comments: str = ""
    licences: str = ""
    certificates: str = ""


@transaction.atomic
def pack(number: str, parcel: int, facts: Facts, *, by: User) -> PackedParcel:
    """Says, or says anew, what the nth parcel of an order holds. What was printed before stays known as it was."""
    order = Order.objects.locked(number)
    if not 1 <= parcel <= MOST:
        raise OrderRefused(_("An order has at most %(most)d parcels.") % {"most": MOST})
    others = list(order.packed.exclude(number=parcel))
    if parcel > 1 and not any(one.number == parcel - 1 for one in others):
        raise OrderRefused(_("Say first what is in parcel %(number)d.") % {"number": parcel - 1})
    for line in order.lines.all():
        wanted = facts.pieces.get(line.pk, (0, None))[0]
        free = line.quantity - sum(quantity_in(one, line.pk) for one in others)
        if wanted > free:
            raise OrderRefused(
                _("Of “%(title)s” only %(free)d can be in this parcel.") % {"title": line.title, "free": free}
            )
    said = {name: value for name, value in asdict(facts).items() if name != "pieces"}
    said["pieces"] = {
        str(pk): {"quantity": quantity, "net_g": net} for pk, (quantity, net) in facts.pieces.items() if quantity
    }
    row, _created = order.packed.update_or_create(number=parcel, defaults={**said, "by": by, "at": now()})
    return row


@transaction.atomic
def remember(order: Order, parcel: int, kind: str, *, data: bytes, facts: str, by: User) -> PrintedPaper:
    """That these bytes were printed from these facts. The same once more is the same version."""
    Order.objects.locked(order.number)
    digest = hashlib.sha256(data).hexdigest()
    last = order.printed.filter(parcel=parcel, kind=kind).order_by("-version").first()
    if last is not None and last.facts == facts and last.sha256 == digest:
        return last
    version = 1 if last is None else last.version + 1
    return order.printed.create(parcel=parcel, kind=kind, version=version, facts=facts, sha256=digest, by=by)
