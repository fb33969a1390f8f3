"""When an invoice or a credit note gets its number: as soon as its tax can be said, once."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import F
from django.utils import translation

from marketplace.lib.clock import now
from orders.invoices import letters
from orders.invoices.body import credit_body, invoice_body
from orders.invoices.document import write_credit, write_invoice
from payments.invoices import settling
from payments.invoices.operator import operator
from payments.invoices.taxing import tax
from payments.models import CreditNote, Invoice, InvoiceLine, Paper, Refund, Series, Wait
from payments.papers import issuing as papers

AT_ONCE = 200
AGAIN = dt.timedelta(minutes=50)  # what waits is looked at once an hour


def waiting() -> list[uuid.UUID]:
    """Invoices without a paper, those that were not looked at for the longest time first."""
    rows = Invoice.objects.filter(paper=None).exclude(looked_at__gt=now() - AGAIN)
    return list(rows.order_by(F("looked_at").asc(nulls_first=True), "opened_at").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def issue(invoice_id: uuid.UUID) -> Paper | None:
    """Its paper, and its tax in the books; none when it has one, or has to wait. Harmless when repeated."""
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("seller").get(pk=invoice_id)
    if invoice.paper_id is not None:
        return None
    ours = operator()
    found = tax(invoice, ours)
    if isinstance(found, Wait):
        _wait(invoice, found)
        return None
    language = invoice.seller.language
    with translation.override(language):
        said = invoice_body(invoice, found, ours)
    paper = papers.issue(
        kind=Series.Kind.INVOICE,
        ref=str(invoice.pk),
        body=said,
        write=lambda number, at, before: write_invoice(said, number=number, at=at, language=language),
        says=[],
    )
    settling.issued(invoice, found, paper)
    letters.issued(invoice, paper)
    return paper


def _wait(invoice: Invoice, why: Wait) -> None:
    invoice.wait, invoice.looked_at = why, now()
    invoice.save(update_fields=["wait", "looked_at"])
    if why in {Wait.SELLER, Wait.VAT_ID}:
        letters.waits(invoice)


def uncredited() -> list[uuid.UUID]:
    """Refunds that arrived and gave up commission of an order whose invoice is issued, and are on no credit note."""
    given_up = Refund.objects.filter(state=Refund.State.SUCCEEDED, commission_minor__gt=0, credit_note=None)
    issued = InvoiceLine.objects.exclude(invoice__paper=None).values("ref")
    return list(given_up.filter(ref__in=issued).order_by("succeeded_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def issue_credit(refund_id: uuid.UUID) -> Paper | None:
    """The credit note for what a refund gave up; none when it has one. Harmless when repeated."""
    refund = Refund.objects.get(pk=refund_id)
    line = InvoiceLine.objects.select_related("invoice__seller", "invoice__paper").get(ref=refund.ref)
    Invoice.objects.select_for_update(of=("self",)).get(pk=line.invoice_id)  # its notes are written one by one
    if CreditNote.objects.filter(refund=refund).exists():
        return None
    back = settling.tax_back(line, refund.commission_minor)
    language = line.invoice.seller.language
    with translation.override(language):
        said = credit_body(line, refund, back)
    paper = papers.issue(
        kind=Series.Kind.CREDIT,
        ref=str(refund.pk),
        body=said,
        write=lambda number, at, before: write_credit(said, number=number, at=at, language=language),
        says=[],
    )
    settling.credit(line, refund, back, paper)
    letters.credited(line.invoice, paper)
    return paper
