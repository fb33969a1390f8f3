"""What sending a parcel costs and how long it takes: the shop's rates that reach a country, cheapest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from fx.money import Money
from listings.errors import NotDeliverable
from listings.models import ShippingRate, Shop

Day = TypeVar("Day", bound=dt.date)  # a datetime is one, too


@dataclass(frozen=True, slots=True)
class Shipping:
    """One way to send a parcel: `price` in the shop's currency; days in transit, after the shop's handling days."""

    rate_id: int
    name: str
    price: Money
    tracked: bool
    min_days: int
    max_days: int
    free_over: Money | None = None

    def window(self, start: dt.date, handling_days: int) -> tuple[dt.date, dt.date]:
        """Between which days it arrives when ordered on `start`: business days, an estimate and no promise."""
        ready = handling_days + self.min_days, handling_days + self.max_days
        return add_business_days(start, ready[0]), add_business_days(start, ready[1])


def rates_for(shop: Shop, country: str, weight_g: int, items: int, goods: Money) -> list[Shipping]:
    """The ways a parcel of `items` pieces goes to `country`; NotDeliverable, with the reason, when there is none.

    `goods`: what its pieces cost in the shop's own prices; from a rate's value on they travel free.
    Rates that name the country replace those for everywhere else. Reads `shop.shipping_rates`
    (prefetch it in lists).
    """
    reaching = _reach(shop.shipping_rates.all(), country)
    if not reaching:
        message = _("%(shop)s does not send to %(country)s.")
        raise NotDeliverable(message % {"shop": shop.name, "country": country})
    able = [rate for rate in reaching if weight_g <= rate.max_weight_g]
    if not able:
        message = _(
            "The parcel weighs %(weight)d g; %(shop)s sends at most %(most)d g to %(country)s. "
            "Order fewer pieces at a time."
        )
        most = max(rate.max_weight_g for rate in reaching)
        named = {"weight": weight_g, "shop": shop.name, "most": most, "country": country}
        raise NotDeliverable(message % named)
    ways = (_shipping(rate, weight_g, items, goods) for rate in able)
    return sorted(ways, key=lambda way: (way.price.amount, way.max_days, way.rate_id))


def _reach(rates: Iterable[ShippingRate], country: str) -> list[ShippingRate]:
    """The rates that name `country`, or when none does, those for everywhere else."""
    every = list(rates)
    named = [rate for rate in every if country in rate.countries]
    return named or [rate for rate in every if not rate.countries]


def _shipping(rate: ShippingRate, weight_g: int, items: int, goods: Money) -> Shipping:
    price = Money(_first(rate, weight_g) + rate.next_minor * (items - 1), goods.currency)
    over = None if rate.free_over_minor is None else Money(rate.free_over_minor, goods.currency)
    if over is not None and goods >= over:
        price = Money(0, goods.currency)
    return Shipping(rate.pk, rate.name, price, rate.tracked, rate.min_days, rate.max_days, over)


def _first(rate: ShippingRate, weight_g: int) -> int:
    """Of the lightest band that carries the whole parcel."""
    return next((minor for upto, minor in rate.bands if weight_g <= upto), rate.first_minor)


def add_business_days(start: Day, days: int) -> Day:
    """`days` days after a day or a moment, Saturdays and Sundays not counted."""
    day = start
    while days > 0:
        day += dt.timedelta(days=1)
        days -= day.weekday() < 5
    return day
