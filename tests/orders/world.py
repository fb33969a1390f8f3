"""Alice's scarf, Carmen's vase and Bob's basket, made by the services that people use."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.test import Client
from django.utils.crypto import get_random_string

from fx.money import Money
from fx.services import current_rates, refresh_rates
from listings.models import Listing, Shop
from listings.services import RateDraft, approve_listing, create_listing, open_shop, set_shipping_rates
from listings.services.offers import move
from marketplace import legal
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.lib.clock import now
from marketplace.models import LegalText, User
from orders import services, work
from orders.checkout import carts
from orders.checkout.placing import Buyer, place_order
from orders.checkout.pricing import Basket, price
from orders.checkout.quoting import quote_basket
from orders.checkout.starting import start
from orders.models import Checkout, Order, QuotedBasket
from payments.chain.demo import DemoChain
from payments.models import Payment
from tests.conftest import make_user
from tests.doubles import StripeDouble

BERLIN = {
    "country_code": "DE",
    "name": "Bob Becker",
    "company_name": "",
    "street_address": "Torstraße 1",
    "city": "Berlin",
    "city_area": "",
    "country_area": "",
    "postal_code": "10119",
    "sorting_code": "",
}


@dataclass
class World:
    """Two shops with one thing each, and the people around them."""

    alice: User
    carmen: User
    bob: User
    moderator: User
    scarf: Listing
    vase: Listing


def make_world(alice: User, bob: User, moderator: User) -> World:
    refresh_rates()
    carmen = make_user("carmen@example.com", country="MX", currency="MXN", name="Carmen")
    chaya = make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    taller = make_shop(carmen, "Taller Ocho", "MX", "Oaxaca", "MXN", "289")
    scarf = make_listing(chaya, moderator, "Indigo and madder scarf", "1900", "621490", 140)
    vase = make_listing(taller, moderator, "Salt-glazed vase", "720", "691390", 1200)
    return World(alice, carmen, bob, moderator, scarf, vase)


def make_shop(owner: User, name: str, country: str, city: str, currency: str, post: str) -> Shop:
    shop = open_shop(by=owner, name=name, country=country, city=city, currency=currency)
    first = Money.parse(post, currency)
    rate = RateDraft(name="Tracked post", first=first, next=first.times(1, 4), max_weight_g=5000)
    set_shipping_rates(shop, by=owner, rates=[replace(rate, min_days=6, max_days=12)])
    return shop


def make_listing(
    shop: Shop, moderator: User, title: str, price: str, hs_code: str, weight_g: int, stock: int = 5
) -> Listing:
    """A live listing; without a photo, which only submitting asks for."""
    listing = create_listing(
        shop,
        by=shop.owner,
        title=title,
        description="Made by hand.",
        price=Money.parse(price, shop.currency),
        hs_code=hs_code,
        origin=shop.country,
        weight_g=weight_g,
        stock=stock,
    )
    move(listing, Listing.Status.IN_REVIEW, submitted_at=now())
    return approve_listing(listing, by=moderator)


def basket_of(user: User, *listings: Listing, country: str = "DE", currency: str = "EUR") -> Basket:
    owner = f"user:{user.pk}"
    for listing in listings:
        carts.put(owner=owner, listing_id=listing.pk, quantity=1)
    return price(carts.lines_of(owner), country=country, currency=currency, rates=current_rates())


def quotes(user: User, *listings: Listing, currency: str = "EUR") -> dict[str, QuotedBasket]:
    """A quote per rail for a basket of these."""
    basket = basket_of(user, *listings, currency=currency)
    found = quote_basket(basket, owner=f"user:{user.pk}", rates=current_rates())
    return {quoted.processor: quoted for quoted in found}


def buyer(user: User) -> Buyer:
    return Buyer(f"user:{user.pk}", user.email, BERLIN, "en", user)


def place(
    user: User, *listings: Listing, rail: str = "stripe", currency: str = "EUR", refund_terms: str = "value"
) -> Checkout:
    """A placed checkout whose payment was asked for at the processor."""
    quoted = quotes(user, *listings, currency=currency)[rail]
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
    who, quote_id = buyer(user), str(quoted.quote_id)
    checkout = place_order(quote_id=quote_id, buyer=who, accepted=texts, refund_terms=refund_terms)
    start(checkout)
    return checkout


def pay_by_card(checkout: Checkout, double: StripeDouble, card: str = "pm_card_de") -> Payment:
    """Pay with a test card and apply what Stripe then says, by webhook."""
    payment = Payment.objects.get(pk=checkout.payment_id)
    double.pay(payment.processor_ref, card)
    assert set(double.deliver(Client())) <= {200}
    work.drain_inbox()
    payment.refresh_from_db()
    return payment


def paid_order(world: World, double: StripeDouble) -> Order:
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, double)
    return checkout.orders.get()


def reference() -> str:
    return get_random_string(12)


def broken() -> list[str]:
    """Ids of the invariants that do not hold now."""
    return [result.check.id for result in run(checks()) if result.count]


def shipped_order(world: World, double: StripeDouble) -> Order:
    """Sent with a number where the service is tracked."""
    order = paid_order(world, double)
    number = "EE123456785IN" if order.tracked else ""
    return services.mark_shipped(order.number, by=world.alice, carrier="India Post", tracking_number=number)


def delivered_order(world: World, double: StripeDouble) -> Order:
    return services.mark_delivered(shipped_order(world, double).number, by=world.bob)


def disputed_order(world: World, double: StripeDouble) -> Order:
    order = delivered_order(world, double)
    return services.open_dispute(order.number, by=world.bob, reason="It is torn.")


def send_coins(checkout: Checkout, amount: int) -> None:
    """Pay this many satoshi of play money to the checkout's address; they are in the next block, 20 s later."""
    payment = Payment.objects.get(pk=checkout.payment_id)
    DemoChain().send(payment.processor_ref, amount)
