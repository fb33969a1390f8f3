"""Plays orders to their end: real baskets, real quotes, cards at the demo's Stripe double, shipped and confirmed."""

from __future__ import annotations

import random
from collections.abc import Callable

from fx.services import current_rates
from listings.models import Listing
from marketplace import legal
from marketplace.models import LegalText, User
from orders import services
from orders.checkout import carts
from orders.checkout.placing import Buyer, place_order
from orders.checkout.pricing import price
from orders.checkout.quoting import quote_basket
from orders.checkout.starting import start
from orders.following import follow
from orders.models import Checkout, Order
from orders.tracking.s10 import check_digit
from payments.models import Payment
from payments.processors import registry
from payments.processors.stripe import Stripe
from payments.services import refresh_payment

ADDRESSES = {
    "bob@example.com": {
        "country_code": "DE", "name": "Bob Becker", "company_name": "", "street_address": "Torstraße 1", "city": "Berlin",
        "city_area": "", "country_area": "", "postal_code": "10119", "sorting_code": "",
    },
    "charlie@example.com": {
        "country_code": "US", "name": "Charlie Stone", "company_name": "", "street_address": "1600 Amphitheatre Pkwy",
        "city": "MOUNTAIN VIEW", "city_area": "", "country_area": "CA", "postal_code": "94043", "sorting_code": "",
    },
}  # fmt: skip


def trade(*, orders: int, random_seed: int, say: Callable[[str], None]) -> None:
    """Place `orders` checkouts by card; two in three are shipped, half of those confirmed."""
    dice = random.Random(random_seed)
    buyers = {email: User.objects.get(email=email) for email in ADDRESSES}
    for number in range(orders):
        email = dice.choice(sorted(buyers))
        checkout = _buy(buyers[email], dice)
        if checkout is None:
            say("  nothing left to buy")
            return
        _pay(checkout)
        for order in checkout.orders.all():
            _go_on(order, dice)
        say(f"  {number + 1} of {orders} orders played")


def _buy(buyer: User, dice: random.Random) -> Checkout | None:
    owner = f"user:{buyer.pk}"
    on_sale = list(Listing.objects.on_sale().exclude(shop__owner=buyer).order_by("pk"))
    if not on_sale:
        return None
    for listing in dice.sample(on_sale, min(len(on_sale), dice.choice((1, 1, 2)))):
        carts.put(owner=owner, listing_id=listing.pk, quantity=1)
    rates, address = current_rates(), ADDRESSES[buyer.email]
    basket = price(carts.lines_of(owner), country=address["country_code"], currency=buyer.currency, rates=rates)
    quoted = {one.processor: one for one in quote_basket(basket, owner=owner, rates=rates)}["stripe"]
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
    who = Buyer(owner, buyer.email, address, buyer.language or "en", buyer)
    checkout = place_order(quote_id=str(quoted.quote_id), buyer=who, accepted=texts)
    start(checkout)
    return checkout


def _pay(checkout: Checkout) -> None:
    processor, payment = registry.get("stripe"), Payment.objects.get(pk=checkout.payment_id)
    assert isinstance(processor, Stripe)
    assert processor.api_base, "seeded orders are paid at the demo's double only"
    processor.client.v1.payment_intents.confirm(
        payment.processor_ref, {"payment_method": "pm_card_de", "return_url": payment.return_url}
    )
    refresh_payment(payment.pk, follow=follow)


def _go_on(order: Order, dice: random.Random) -> None:
    order.refresh_from_db()
    if order.status != Order.Status.PAID or dice.randrange(3) == 0:
        return
    serial = f"{dice.randrange(10**8):08d}"
    tracking = f"RR{serial}{check_digit(serial)}{order.shop.country}"
    services.mark_shipped(order.number, by=order.seller, carrier="Post", tracking_number=tracking)
    if dice.randrange(2):
        services.confirm(order.number, by=order.checkout.buyer)
