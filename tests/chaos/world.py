"""Run inside the site that is about to suffer: its people and goods before, its books after. One line of JSON each."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import F
from rest_framework.authtoken.models import Token

from fx.services import refresh_rates
from listings.models import Listing
from marketplace.audit import checks
from marketplace.lib.audit import run
from orders.models import Order, OrderLine
from payments.models import InboxEvent, Operation, Payment
from tests.conftest import make_user
from tests.orders.world import make_listing, make_shop

PLENTY, RARE = 1000, 6  # pieces


def begin(buyers: int) -> None:
    """Two shops, three things (one of them is soon sold out), `buyers` people with a token each."""
    call_command("migrate", verbosity=0)
    refresh_rates()
    moderator = make_user("moderator@example.com", staff=True)
    alice = make_user("alice@example.com", country="IN", currency="INR")
    carmen = make_user("carmen@example.com", country="MX", currency="MXN")
    chaya = make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    taller = make_shop(carmen, "Taller Ocho", "MX", "Oaxaca", "MXN", "289")
    goods = [
        make_listing(chaya, moderator, "Indigo and madder scarf", "1900", "621490", 140, stock=PLENTY),
        make_listing(taller, moderator, "Salt-glazed vase", "720", "691390", 1200, stock=PLENTY),
        make_listing(chaya, moderator, "The last prints", "950", "621490", 90, stock=RARE),
    ]
    people = [make_user(f"buyer{number}@example.com") for number in range(buyers)]
    tokens = [Token.objects.create(user=buyer).key for buyer in people]
    _say({"goods": [listing.pk for listing in goods], "tokens": tokens})


def watch() -> None:
    """Audits again and again; one line each time with the ids of the grave invariants that do not hold."""
    while True:
        close_old_connections()
        with suppress(DatabaseError, InterfaceError):  # the database was killed
            _say({"broken": [one.check.id for one in run(checks()) if one.count and one.check.severity == "S1"]})
        time.sleep(1)


def books() -> None:
    """What the site believes: payments by id, stock by listing, and what still waits."""
    payments = Payment.objects.order_by("created_at").annotate(token=F("checkout__token"))
    waiting = Operation.objects.exclude(state__in=["done", "failed"]).values_list("key", "state", "error")
    _say(
        {
            "payments": {str(payment.pk): _about(payment) for payment in payments},
            "stock": {listing.pk: _stock(listing) for listing in Listing.objects.all()},
            "operations": list(waiting),
            "inbox": list(InboxEvent.objects.filter(processed_at=None).values_list("event_id", "error")),
        }
    )


def _about(payment: Any) -> dict[str, Any]:
    orders = Order.objects.filter(checkout__payment=payment).order_by("pk")
    return {
        "token": payment.token,
        "state": payment.state,
        "intent": payment.processor_ref,
        "minor": payment.amount_minor,
        "orders": {order.number: order.status for order in orders},
    }


def _stock(listing: Listing) -> dict[str, int]:
    """`left` on the shelf, and `gone` with orders that were not canceled."""
    lines = OrderLine.objects.filter(listing=listing).exclude(order__status="canceled")
    return {"left": listing.stock, "gone": sum(lines.values_list("quantity", flat=True))}


def _say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)
