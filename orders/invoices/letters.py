"""Letters to sellers about their invoices, one per event. Whose account is closed has none."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from marketplace.letters import write
from payments.models import Invoice, Paper


def issued(invoice: Invoice, paper: Paper) -> None:
    _write(invoice, "invoice_issued", paper.number, {"number": paper.number, "amount": invoice.gross})


def credited(invoice: Invoice, paper: Paper) -> None:
    _write(invoice, "credit_note_issued", paper.number, {"number": paper.number, "invoice": invoice.paper})


def waits(invoice: Invoice) -> None:
    """Once per invoice and reason."""
    _write(invoice, "invoice_waits", f"{invoice.pk}:{invoice.wait}", {"wait": invoice.wait}, page="tax_profile")


def _write(invoice: Invoice, template: str, key: str, said: dict[str, Any], *, page: str = "invoices") -> None:
    seller = invoice.seller
    if seller.closed_at is not None:
        return
    context = said | {"link": settings.SITE_URL + reverse(f"orders:{page}")}
    write(key=f"{template}:{key}", to=seller.email, template=template, context=context, language=seller.language)
