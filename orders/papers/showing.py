"""The papers of a parcel for its seller: which it needs and why, what is missing, what was printed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fx.services import current_rates
from marketplace.lib.clock import now, today
from marketplace.models import User
from orders.errors import OrderRefused
from orders.models import Order, PrintedPaper
from orders.papers import cn22, cn23, commercial, qr
from orders.papers.choosing import Choice, choose, sdr_on
from orders.papers.declaration import Declaration, Missing, missing
from orders.papers.gathering import declare, packed_of
from orders.papers.pack import data_of
from orders.papers.packing import remember

NAMES = {
    "cn22": gettext_lazy("CN22 customs label"),
    "cn23": gettext_lazy("CN23 customs declaration"),
    "invoice": gettext_lazy("Commercial invoice"),
    "slip": gettext_lazy("Packing slip"),
    "qr": gettext_lazy("QR label"),
}
CUSTOMS = frozenset({"cn22", "cn23", "invoice"})


@dataclass(frozen=True, slots=True)
class Needed:
    """A paper of this parcel; `stale`: it was printed before its facts changed."""

    kind: str
    name: str
    last: PrintedPaper | None
    stale: bool
    can: bool  # be printed now


@dataclass(frozen=True, slots=True)
class Papers:
    declared: Declaration
    choice: Choice
    missing: list[Missing]
    needed: list[Needed]

    @property
    def ready(self) -> bool:
        return not any(one.blocks for one in self.missing)


def papers(order: Order, parcel: int) -> Papers:
    """Http404 when the order has no such parcel, or was never paid."""
    declared = declare(order, parcel) if order.paid_at else None
    if declared is None:
        raise Http404
    choice = choose(declared, row=sdr_on(today()), rates=current_rates(), on=today())
    lacks = missing(declared) if declared.crosses_a_border else []
    return Papers(declared, choice, lacks, _needed(order, declared, choice, not any(one.blocks for one in lacks)))


def kinds(choice: Choice) -> list[str]:
    customs = {"cn22": ["cn22"], "cn23": ["cn23", "invoice"], "": []}[choice.form]
    return [*customs, "slip", "qr"]


def _needed(order: Order, declared: Declaration, choice: Choice, ready: bool) -> list[Needed]:
    fingerprint = facts(declared)
    printed = {row.kind: row for row in order.printed.filter(parcel=declared.number).order_by("version")}
    wanted = kinds(choice)
    wanted += [kind for kind in printed if kind not in wanted]
    return [_paper(kind, printed.get(kind), fingerprint, _can(kind, choice, ready)) for kind in wanted]


def _paper(kind: str, last: PrintedPaper | None, fingerprint: str, can: bool) -> Needed:
    return Needed(kind, str(NAMES[kind]), last, last is not None and last.facts != fingerprint, can)


def _can(kind: str, choice: Choice, ready: bool) -> bool:
    if kind not in CUSTOMS:
        return True
    return ready and bool(choice.form) and not (kind == "cn22" and choice.form == "cn23")


def facts(declared: Declaration) -> str:
    """SHA-256 of all that the parcel declares."""
    return hashlib.sha256(json.dumps(data_of(declared), sort_keys=True).encode()).hexdigest()


def draw(found: Papers, kind: str, page: str = "label") -> bytes:
    """The paper as it is now. Of a day, the same facts give the same bytes. OrderRefused names what is missing."""
    if page not in cn22.PAGES:
        raise OrderRefused(_("There is no sheet “%(page)s”: choose label, a6 or a4.") % {"page": page[:20]})
    if kind in CUSTOMS and not found.ready:
        raise OrderRefused(" ".join(one.what for one in found.missing if one.blocks))
    if kind in CUSTOMS and not found.declared.crosses_a_border:
        raise OrderRefused(found.choice.why)
    if kind == "cn22" and found.choice.form != "cn22":
        raise OrderRefused(_("This parcel needs a CN23. %(why)s") % {"why": found.choice.why})
    at = now().replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == "cn22":
        return cn22.write(found.declared, at=at, page=page)
    return {"cn23": cn23.write, "invoice": commercial.invoice, "slip": commercial.slip, "qr": qr.write}[kind](
        found.declared, at=at
    )


def print_paper(order: Order, parcel: int, kind: str, *, by: User, page: str = "label") -> bytes:
    """Draws it and remembers that it was printed."""
    found = papers(order, parcel)
    data = draw(found, kind, page)
    remember(order, parcel, kind, data=data, facts=facts(found.declared), by=by)
    return data


def page_of(order: Order, parcel: int) -> dict[str, Any]:
    found = papers(order, parcel)
    return {
        "order": order,
        "parcel": parcel,
        "papers": found,
        "sdr": None if found.choice.sdr is None else round(found.choice.sdr),
        "numbers": [one.number for one in packed_of(order)],
        "listings": {line.pk: line.listing_id for line in order.lines.all()},
    }
