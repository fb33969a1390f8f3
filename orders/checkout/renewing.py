"""A quote that ends while the buyer decides: the same basket gets new ones, and only a higher price is asked about."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from fx.models import Quote
from fx.services import current_rates
from marketplace.lib.clock import now
from orders.checkout.carts import locked_lines_of
from orders.checkout.placing import Buyer
from orders.checkout.pricing import price
from orders.checkout.quoting import quote_basket
from orders.errors import OrderRefused
from orders.models import Checkout, QuotedBasket


@transaction.atomic
def renew(expired: Quote, *, buyer: Buyer) -> Sequence[QuotedBasket]:
    """New quotes for the basket of `expired`, in its currency: the same ones for a second click meanwhile.

    OrderRefused when it cannot be bought any more, and then says why. None is paid here.
    """
    lines = locked_lines_of(buyer.owner)  # a second click waits here
    earlier = QuotedBasket.objects.filter(renews=expired, quote__expires_at__gt=now()).select_related("quote")
    if earlier:
        return list(earlier.order_by("pk"))
    rates = current_rates()
    basket = price(lines, country=buyer.address["country_code"], currency=expired.currency, rates=rates)
    if not basket.payable:
        raise OrderRefused(" ".join(basket.problems))
    offers = quote_basket(basket, owner=buyer.owner, rates=rates)
    for offer in offers:
        offer.renews = expired
    QuotedBasket.objects.bulk_update(offers, ["renews"])
    return offers


def placed_meanwhile(expired: Quote, *, owner: str) -> Checkout | None:
    """The checkout of a first click, which took the basket with a renewed quote while the second was under way."""
    return Checkout.objects.filter(owner=owner, quote__basket_snapshot__renews=expired).first()


def is_as_good(new: Quote, old: Quote) -> bool:
    """The buyer agreed to it already: the same basket, for no more, neither as a price nor in what is sent."""
    return (
        new.basket == old.basket
        and (new.currency, new.pay_currency) == (old.currency, old.pay_currency)
        and new.amount_minor <= old.amount_minor
        and new.pay_minor <= old.pay_minor
    )
