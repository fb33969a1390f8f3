"""What an invoice or a credit note says, as data that is kept with it (article 226 of Directive 2006/112/EC)."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from fx.money import Money
from orders.models import Order
from orders.receipts.body import kept
from payments.invoices.operator import Operator
from payments.invoices.taxing import Own, Rated, Taxation
from payments.models import Invoice, InvoiceLine, Refund, TaxProfile

Body = dict[str, Any]


def invoice_body(invoice: Invoice, taxation: Taxation, operator: Operator) -> Body:
    """Amounts in the invoice's currency; `own`: its tax in the operator's money, with the rate, where that differs."""
    lines = list(invoice.lines.order_by("released_at", "pk"))
    orders = {order.number: order for order in Order.objects.filter(number__in={line.ref for line in lines})}
    return {
        "operator": asdict(operator),
        "seller": _seller(TaxProfile.objects.get(seller=invoice.seller_id)),
        "since": lines[0].released_at.astimezone(dt.UTC).date().isoformat(),
        "until": lines[-1].released_at.astimezone(dt.UTC).date().isoformat(),
        "lines": [_line(line, orders[line.ref], taxation) for line in lines],
        "treatment": taxation.treatment.value,
        "country": taxation.country,
        "rates": [_rated(one) for one in taxation.rated],
        "net": kept(invoice.gross - taxation.tax),
        "tax": kept(taxation.tax),
        "gross": kept(invoice.gross),
        "own": _own(taxation.own),
    }


def credit_body(line: InvoiceLine, refund: Refund, tax: Money) -> Body:
    """Operator and seller as on the invoice that it corrects."""
    paper = line.invoice.paper
    assert paper is not None, "only what was issued is corrected"
    gross = Money(refund.commission_minor, line.invoice.currency)
    assert refund.succeeded_at is not None
    return {
        "operator": paper.body["operator"],
        "seller": paper.body["seller"],
        "invoice": paper.number,
        "invoice_issued": paper.issued_at.date().isoformat(),
        "order": line.ref,
        "refunded": refund.succeeded_at.astimezone(dt.UTC).date().isoformat(),
        "treatment": line.invoice.treatment,
        "country": line.invoice.country,
        "bps": line.bps,
        "net": kept(gross - tax),
        "tax": kept(tax),
        "gross": kept(gross),
    }


def _seller(profile: TaxProfile) -> Body:
    fields = ("name", "street", "postal_code", "city", "country", "vat_id")
    return {field: getattr(profile, field) for field in fields}


def _line(line: InvoiceLine, order: Order, taxation: Taxation) -> Body:
    return {
        "order": line.ref,
        "ordered": order.placed_at.astimezone(dt.UTC).date().isoformat(),
        "released": line.released_at.astimezone(dt.UTC).date().isoformat(),
        "goods": kept(Money(order.goods_minor, order.currency)),
        "commission": kept(Money(line.commission_minor, order.currency)),
        "processing": kept(Money(line.processing_minor, order.currency)),
        "bps": taxation.lines[line.pk][0],
    }


def _rated(rated: Rated) -> Body:
    return {"bps": rated.bps, "net": kept(rated.net), "tax": kept(rated.tax), "gross": kept(rated.gross)}


def _own(own: Own | None) -> Body | None:
    if own is None:
        return None
    return {"tax": kept(own.tax), "rate": f"{own.rate:.8f}".rstrip("0").rstrip("."), "day": own.day.isoformat()}
