"""Run inside the site that is about to suffer: its people and goods before, its books after. One line of JSON each."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import F
from rest_framework.authtoken.models import Token

from fx.services import refresh_rates
from listings.models import Listing
from listings.services import set_reserve
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.models import User
from marketplace.roles import make_roles
from orders.models import Order, OrderEvent, OrderLine, RefundedItem
from payments.booking import refund_key
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Chargeback, InboxEvent, Operation, Payment, Payout, Settlement
from payments.payouts.methods import add_payout_method
from tests.conftest import logged_in, make_user
from tests.orders.world import make_listing, make_shop

PLENTY, RARE = 1000, 6  # pieces
RARELY = "The last prints"
OWED = {"stripe": "EUR", "bitcoin": "BTC", "transfer": "EUR"}  # what each processor has of ours


def begin(buyers: int) -> None:
    """Three shops, four things (one of them is soon sold out), `buyers` people with a token each, two of finance."""
    call_command("migrate", verbosity=0)
    refresh_rates()
    moderator = make_user("moderator@example.com", staff=True)
    alice = make_user("alice@example.com", country="IN", currency="INR")
    carmen = make_user("carmen@example.com", country="MX", currency="MXN")
    dora = make_user("dora@example.com", country="DE", currency="EUR")
    chaya = make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    taller = make_shop(carmen, "Taller Ocho", "MX", "Oaxaca", "MXN", "289")
    werk = make_shop(dora, "Werk Elbe", "DE", "Dresden", "EUR", "4.90")
    set_reserve(taller, bps=2_000, days=30, by=moderator, reason="It is new.")
    goods = [
        make_listing(chaya, moderator, "Indigo and madder scarf", "1900", "621490", 140, stock=PLENTY),
        make_listing(taller, moderator, "Salt-glazed vase", "720", "691390", 1200, stock=PLENTY),
        make_listing(werk, moderator, "Linen apron", "31.50", "621149", 400, stock=PLENTY),
        make_listing(chaya, moderator, RARELY, "950", "621490", 90, stock=RARE),
    ]
    bank = {"IN": ("00112233445566", "HDFC0000001"), "MX": ("032180000118359719", "032")}
    for shop in (chaya, taller):
        account, code = bank[shop.country]
        add_payout_method(
            seller=shop.owner,
            by=shop.owner,
            currency=shop.currency,
            holder="A. Seller",
            country=shop.country,
            account=account,
            clearing_code=code,
        )
    tokens = [_token(make_user(f"buyer{number}@example.com")) for number in range(buyers)]
    sellers = {shop.currency: _token(shop.owner) for shop in (chaya, taller, werk)}
    _say(
        {
            "goods": {listing.pk: listing.shop.currency for listing in goods},
            "sellers": sellers,
            "buyers": tokens,
            "staff": [_session(number) for number in (1, 2)],
            "payee": str(logged_in(dora).cookies["sessionid"].value),  # whom Stripe pays
        }
    )


def _token(user: User) -> str:
    return str(Token.objects.create(user=user).key)


def _session(number: int) -> str:
    """Of somebody of finance who is logged in with a second factor."""
    user = make_user(f"finance{number}@example.com", staff=True)
    make_roles()
    user.groups.set(Group.objects.filter(name="finance"))
    return str(logged_in(user).cookies["sessionid"].value)


def watch() -> None:
    """Audits again and again; one line each time with the ids of the grave invariants that do not hold."""
    while True:
        close_old_connections()
        with suppress(DatabaseError, InterfaceError):  # the database was killed
            _say({"broken": [one.check.id for one in run(checks()) if one.count and one.check.severity == "S1"]})
        time.sleep(1)


def books() -> None:
    _say(believed())


def believed() -> dict[str, Any]:
    """What the site believes: payments by id, steps by order, payouts, stock by listing, and what still waits."""
    payments = Payment.objects.order_by("created_at").annotate(token=F("checkout__token"))
    waiting = Operation.objects.exclude(state__in=["done", "failed"]).values_list("key", "state", "error")
    return {
        "payments": {str(payment.pk): _about(payment) for payment in payments},
        "steps": _steps(),
        "payouts": {str(payout.pk): _sent(payout) for payout in Payout.objects.select_related("method")},
        "clearing": {slug: balance(codes.clearing(slug, ccy)).amount for slug, ccy in OWED.items()},
        "settlements": {one.reference: one.amount_minor for one in Settlement.objects.filter(processor="stripe")},
        "cases": list(Case.objects.filter(kind="amount", closed_at=None).values_list("ref", flat=True)),
        "chargebacks": {one.processor_ref: _contested(one) for one in Chargeback.objects.all()},
        "stock": {listing.pk: _stock(listing) for listing in Listing.objects.all()},
        "operations": list(waiting),
        "inbox": list(InboxEvent.objects.filter(processed_at=None).values_list("event_id", "error")),
    }


def _about(payment: Any) -> dict[str, Any]:
    orders = Order.objects.filter(checkout__payment=payment).order_by("pk")
    return {
        "token": payment.token,
        "processor": payment.processor,
        "state": payment.state,
        "reference": payment.processor_ref,
        "minor": payment.amount_minor,
        "received": payment.received_minor,
        "orders": {order.number: order.status for order in orders},
        "refunds": [
            {
                "key": refund_key(refund),
                "ref": refund.ref,
                "minor": refund.amount_minor,
                "state": refund.state,
                "by_bank": refund.chargeback_id is not None,
            }
            for refund in payment.refunds.all()
        ],
    }


def _steps() -> dict[str, list[str]]:
    """What each order became, one after the other."""
    steps: dict[str, list[str]] = {}
    for number, to in OrderEvent.objects.order_by("order", "seq").values_list("order__number", "to_status"):
        steps.setdefault(number, []).append(to)
    return steps


def _sent(payout: Payout) -> dict[str, Any]:
    return {"state": payout.state, "amount": str(payout.amount.decimal), "by": payout.method.kind}


def _contested(chargeback: Chargeback) -> dict[str, Any]:
    settled = chargeback.settled_at is not None
    return {"payment": str(chargeback.payment_id), "state": chargeback.state, "settled": settled}


def _stock(listing: Listing) -> dict[str, Any]:
    """`left` on the shelf, and `gone` with orders that were not canceled, but for pieces that came back on sale."""
    lines = OrderLine.objects.filter(listing=listing).exclude(order__status="canceled")
    back = RefundedItem.objects.filter(line__listing=listing, restocked=True)
    gone = sum(lines.values_list("quantity", flat=True)) - sum(back.values_list("quantity", flat=True))
    return {"left": listing.stock, "gone": gone, "rare": listing.title == RARELY}


def _say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)
