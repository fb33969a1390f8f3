"""A seller's invoices and credit notes, the newest first, and each paper as it was issued."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpResponse

from fx.money import Money
from marketplace.http import private_pdf
from marketplace.lib.clock import now
from marketplace.lib.places import country_name
from marketplace.models import User
from orders.invoices import words
from orders.invoices.opening import has_unsaid
from payments.models import CreditNote, Invoice, Paper, TaxProfile

MOST = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """An invoice, or a credit note that gives up `gross` of `of`. Without a `number` it waits; `why` says for what."""

    number: str
    kind: str
    of: str
    at: dt.datetime
    net: Money | None
    tax: Money | None
    gross: Money
    why: str


def invoices(seller: User) -> list[Shown]:
    """The latest of each kind."""
    found = Invoice.objects.filter(seller=seller).select_related("paper").defer("paper__pdf", "paper__body")
    notes = CreditNote.objects.filter(line__invoice__seller=seller).select_related("paper", "line__invoice__paper")
    rows = [_invoice(one) for one in found.order_by("-opened_at")[:MOST]]
    rows += [_note(one) for one in notes.defer("paper__pdf", "line__invoice__paper__pdf").order_by("-pk")[:MOST]]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def page(seller: User, language: str) -> dict[str, object]:
    profile = TaxProfile.objects.filter(seller=seller).first()
    return {
        "rows": invoices(seller),
        "profile": profile,
        "country": country_name(profile.country, language) if profile else "",
        "unsaid": has_unsaid(seller.pk, now()),
    }


def paper(seller: User, number: str) -> HttpResponse:
    """The PDF as it was issued. Http404 when the seller has none of that number."""
    theirs = Q(invoice__seller=seller) | Q(credit_note__line__invoice__seller=seller)
    found = Paper.objects.filter(theirs, number=number).first()
    if found is None:
        raise Http404
    return private_pdf(bytes(found.pdf), f"{found.number}.pdf")


def _invoice(one: Invoice) -> Shown:
    if one.paper is None or one.issued_at is None:
        return Shown("", "invoice", "", one.opened_at, None, None, one.gross, words.waits(one.wait))
    return Shown(one.paper.number, "invoice", "", one.issued_at, one.net, one.tax, one.gross, words.why(one.treatment))


def _note(one: CreditNote) -> Shown:
    of = one.line.invoice.paper
    net = one.gross - one.tax
    number = of.number if of else ""
    return Shown(one.paper.number, "credit", number, one.issued_at, net, one.tax, one.gross, "")
