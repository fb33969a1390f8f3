"""Receipts for whoever may read the order: as a page, and as the bytes that were issued."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.http import private_pdf
from marketplace.lib.places import country_name
from orders.models import Order
from orders.receipts import words
from orders.receipts.body import discount_of, read
from orders.receipts.issuing import RECEIPT, of_checkout
from payments.models import Paper


def page(order: Order, language: str) -> dict[str, Any]:
    """The receipt that counts, in the reader's language, and the ones that it replaced."""
    papers = of_checkout(order.checkout)
    newest = papers[0] if papers else None
    found: dict[str, Any] = {"order": order, "receipt": newest, "papers": papers, "role": words.role()}
    if newest is None:
        return found
    body = newest.body
    if newest.version > 1:
        found["correction"] = words.correction(papers[1].number)
    return found | {
        "title": words.title(newest.number),
        "through": body["through"],
        "sums": _sums(body),
        "orders": [_order(one, language) for one in body["orders"]],
    }


def paper(order: Order, version: int) -> HttpResponse:
    """The PDF as it was issued. Http404 when there is none of that version."""
    found = Paper.objects.filter(kind=RECEIPT, ref=order.checkout.public_id, version=version).first()
    if found is None:
        raise Http404
    return document(found)


def document(found: Paper) -> HttpResponse:
    """For this reader alone: no cache keeps it."""
    return private_pdf(bytes(found.pdf), f"{found.number}.pdf")


def _sums(body: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[tuple[str, Money]] = [(_("Price"), read(body["price"])), (_("Paid"), read(body["paid"]))]
    if body["refunds"]:
        rows += [(_("Came back"), read(body["refunded"])), (_("Stays paid"), read(body["stays"]))]
    return [{"label": label, "amount": amount} for label, amount in rows]


def _order(order: dict[str, Any], language: str) -> dict[str, Any]:
    seller = order["seller"]
    return {
        "number": order["number"],
        "seller": f"{seller['shop']}, {seller['city']}, {country_name(seller['country'], language)}",
        "lines": [
            {"title": line["title"], "quantity": line["quantity"], "unit": read(line["unit"])}
            for line in order["lines"]
        ],
        "discount": discount_of(order),
        "shipping_name": order["shipping_name"],
        "shipping": read(order["shipping"]),
        "fees": [fee | {"amount": read(fee["amount"])} for fee in order["fees"]],
        "total": read(order["total"]),
    }
