"""Stripe Checkout: the payment goes on at a page of Stripe's own, for buyers without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from fx.money import Money
from payments.processors.stripe_amounts import to_wire


def open_page(
    client: stripe.StripeClient,
    intent: Mapping[str, Any],
    money: Money,
    *,
    title: str,
    return_url: str,
) -> str:
    """Make the page, then cancel `intent`, then tell the address: never can both be paid.

    Two calls at once make one page: the key and all parameters are the same. It closes with the
    payment, which cancels it, or by itself after Stripe's 24 hours.
    """
    ref = intent["id"]
    meta = {**intent["metadata"], "intent": ref}
    meta.pop("checkout", None)
    page = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [_line(money, title)],
            "client_reference_id": meta["payment"],
            "metadata": meta,
            "payment_intent_data": {
                "metadata": meta,
                "description": f"Payment {meta['payment']}",
                "capture_method": intent["capture_method"],
            },
            "success_url": return_url,
            "cancel_url": return_url,
        },
        {"idempotency_key": f"{ref}:page"},
    )
    client.v1.payment_intents.update(ref, {"metadata": {"checkout": page.id}})
    _cancel(client, ref, page.id)
    return page.url or return_url


def _line(money: Money, title: str) -> Any:
    return {
        "quantity": 1,
        "price_data": {
            "currency": money.currency.lower(),
            "unit_amount": to_wire(money),
            "product_data": {"name": title},
        },
    }


def _cancel(client: stripe.StripeClient, ref: str, page: str) -> None:
    """Cancel the first intent. When it was paid in this moment the page closes instead."""
    try:
        client.v1.payment_intents.cancel(ref, {"cancellation_reason": "duplicate"})
    except stripe.InvalidRequestError:
        if client.v1.payment_intents.retrieve(ref).status == "canceled":
            return  # the same click, twice
        client.v1.checkout.sessions.expire(page)
        raise
