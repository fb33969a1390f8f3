"""An invoice that is issued, and a credit note: what they say is kept, and their tax moves in the books."""

from __future__ import annotations

from fx.money import Money
from payments.invoices.taxing import Taxation
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import CreditNote, Invoice, InvoiceLine, Paper, Refund

SCHEME = "commission"


def issued(invoice: Invoice, taxation: Taxation, paper: Paper) -> None:
    """For a locked invoice, in the transaction that gave it its number."""
    for line in invoice.lines.all():
        line.bps, share = taxation.lines[line.pk]
        line.tax_minor = share.amount
        line.save(update_fields=["bps", "tax_minor"])
    tax = taxation.tax
    invoice.paper, invoice.issued_at, invoice.wait = paper, paper.issued_at, ""
    invoice.treatment, invoice.country = taxation.treatment, taxation.country
    invoice.tax_minor, invoice.net_minor = tax.amount, (invoice.gross - tax).amount
    invoice.save()
    if tax:
        legs = [
            (codes.income("commission", tax.currency), tax.amount),
            (codes.tax(SCHEME, invoice.country, tax.currency), -tax.amount),
        ]
        post(f"invoice:{invoice.pk}", "commission_tax", paper.number, legs)


def credit(line: InvoiceLine, refund: Refund, tax: Money, paper: Paper) -> CreditNote:
    """For a locked invoice: the tax on what is given up is the platform's income again, which gave up the whole."""
    note = CreditNote.objects.create(
        line=line,
        refund=refund,
        gross_minor=refund.commission_minor,
        tax_minor=tax.amount,
        paper=paper,
        issued_at=paper.issued_at,
    )
    if tax:
        legs = [
            (codes.tax(SCHEME, line.invoice.country, tax.currency), tax.amount),
            (codes.income("commission", tax.currency), -tax.amount),
        ]
        post(f"credit:{refund.pk}", "commission_tax_back", paper.number, legs)
    return note


def tax_back(line: InvoiceLine, gross_minor: int) -> Money:
    """The tax in `gross_minor` more of a line: all its parts together are just its tax."""
    currency = line.invoice.currency
    notes = list(line.credits.all())
    before = sum(note.gross_minor for note in notes)
    whole = Money(line.tax_minor, currency).times(before + gross_minor, line.commission_minor)
    return whole - Money(sum(note.tax_minor for note in notes), currency)
