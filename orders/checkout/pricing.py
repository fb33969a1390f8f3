"""Prices a basket at the buyer's door: one parcel per shop, each with its shipping and its landed cost."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, zip_longest

from django.conf import settings
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money, total
from fx.rates import Rates
from listings.asking import ENDING, Asked, asked, fixed_price, with_spread
from listings.customs.landed_cost import LandedCost, Line, Shipment, landed_cost
from listings.customs.rules import Book, rulebook
from listings.customs.stops import stopped
from listings.errors import NotDeliverable
from listings.models import Listing, Shop
from listings.shipping import Shipping, rates_for
from marketplace.lib.clock import today
from orders.life import ends_in_time
from orders.models import CartLine


@dataclass(frozen=True, slots=True)
class Discount:
    """What a shop gives for one way to pay, of what that `saved` it: both in its currency. `less`: in the buyer's."""

    given: Money
    saved: Money
    less: Money


@dataclass(frozen=True, slots=True)
class Parcel:
    """One shop's part of a basket. `target` amounts are in the shop's currency, the others in the buyer's.

    `asked` is what is asked for a piece of each line, where there is a rate for it.
    `problems` are sentences for the buyer; a parcel with one cannot be paid. Goods are less the `discount`.
    """

    shop: Shop
    lines: Sequence[CartLine]
    goods_target: Money
    shipping: Shipping | None
    goods: Money | None
    shipping_cost: Money | None
    landed: LandedCost | None
    problems: Sequence[str]
    discount: Discount | None = None
    asked: Sequence[Asked] = ()

    @property
    def rows(self) -> list[tuple[CartLine, Asked | None]]:
        """Each line with what is asked for a piece, none where there is no rate."""
        return list(zip_longest(self.lines, self.asked))

    @property
    def is_set(self) -> bool:
        """Whether a price in it is set in the buyer's money, to be paid exactly."""
        return any(price.theirs for price in self.asked)

    @property
    def lifted(self) -> Money:
        """What the seller gets above the own prices, because prices end like them."""
        more = [
            (price.own - line.listing.price).times(line.quantity)
            for line, price in self.rows
            if price is not None and price.how == ENDING
        ]
        return total(more, self.goods_target.currency)

    @property
    def window(self) -> tuple[dt.date, dt.date] | None:
        """Between which days it arrives when it is ordered today: an estimate and no promise."""
        return self.shipping.window(today(), self.shop.handling_days) if self.shipping is not None else None

    @property
    def due_now(self) -> Money | None:
        """What the buyer pays at checkout for this parcel."""
        return self.landed.due_now if self.landed is not None else None


@dataclass(frozen=True, slots=True)
class Basket:
    """A priced basket in `currency`, to `country`."""

    parcels: Sequence[Parcel]
    country: str
    currency: str

    @property
    def problems(self) -> list[str]:
        return [problem for parcel in self.parcels for problem in parcel.problems]

    @property
    def payable(self) -> bool:
        return bool(self.parcels) and not self.problems

    @property
    def total(self) -> Money | None:
        """What is paid now, or nothing when a parcel has no price."""
        due = [parcel.due_now for parcel in self.parcels]
        return None if None in due else total([amount for amount in due if amount is not None], self.currency)

    @property
    def complete(self) -> bool:
        return all(parcel.landed is not None and parcel.landed.complete for parcel in self.parcels)

    @property
    def fingerprint(self) -> str:
        """Changes when anything changes that the price was made of, except the rates: those the quote locks."""
        facts = [
            [
                line.listing_id,
                line.quantity,
                line.listing.price_minor,
                line.listing.currency,
                line.listing.hs_code,
                str(fixed_price(line.listing, self.currency) or ""),
                parcel.shop.mirrors_endings,
            ]
            + ([] if parcel.shipping is None else [parcel.shipping.rate_id, parcel.shipping.price.amount])
            for parcel in self.parcels
            for line in parcel.lines
        ]
        text = json.dumps(
            [
                facts,
                self.country,
                self.currency,
                sorted({name for parcel in self.parcels if parcel.landed for name in parcel.landed.registrations}),
                settings.COMMISSION_BPS,
                [parcel.shop.saving_share for parcel in self.parcels],
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()


def price(lines: Sequence[CartLine], *, country: str, currency: str, rates: Rates) -> Basket:
    """Price `lines` for a buyer in `country` who pays in `currency`. Never guesses: what is missing is a problem."""
    ordered = sorted(lines, key=lambda line: (line.listing.shop_id, line.pk))
    parcels = [
        _parcel(list(of_shop), country=country, currency=currency, rates=rates)
        for _shop, of_shop in groupby(ordered, key=lambda line: line.listing.shop_id)
    ]
    return Basket(parcels=parcels, country=country, currency=currency)


def _parcel(lines: list[CartLine], *, country: str, currency: str, rates: Rates) -> Parcel:
    shop, book = lines[0].listing.shop, rulebook()
    prices: list[Asked] = []
    goods_target = _target(lines, [Asked(line.listing.price) for line in lines])
    problems = [problem for line in lines for problem in _line_problems(line, country, book)]
    shipping: Shipping | None = None
    try:
        shipping = _shipping(shop, country, lines, goods_target)
    except NotDeliverable as error:
        problems.append(str(error))
    goods = shipping_cost = landed = None
    try:
        prices = [asked(line.listing, currency, rates) for line in lines]
        goods_target = _target(lines, prices)
        sent = _shipment(lines, prices, shipping.price if shipping else Money(0, shop.currency), country)
        goods = sent.goods_in(currency, partial(with_spread, rates))
        if shipping is not None:
            shipping_cost = with_spread(rates, shipping.price, currency)
            landed = landed_of(sent, currency=currency, rates=rates)
    except RateMissing as error:
        problems.append(str(error))
    return Parcel(shop, lines, goods_target, shipping, goods, shipping_cost, landed, problems, asked=prices)


def _target(lines: Sequence[CartLine], prices: Sequence[Asked]) -> Money:
    """What the seller is owed for the goods."""
    own = (price.own.times(line.quantity) for line, price in zip(lines, prices, strict=True))
    return total(own, lines[0].listing.shop.currency)


def _shipping(shop: Shop, country: str, lines: Sequence[CartLine], goods: Money) -> Shipping:
    """The cheapest way that ends before held money has to go back; NotDeliverable when there is none.

    `goods` are in the shop's own prices: whether they travel free depends on no rate and on no way to pay.
    """
    weight = sum(line.listing.weight_g * line.quantity for line in lines)
    ways = rates_for(shop, country, weight, sum(line.quantity for line in lines), goods)
    for way in ways:
        if ends_in_time(handling_days=shop.handling_days, max_days=way.max_days):
            return way
    message = _(
        "%(shop)s needs up to %(handling)d days to ship and “%(rate)s” up to %(days)d more. That is longer than "
        "a payment may be held, so it cannot be bought here. Remove it to go on."
    )
    named = {"shop": shop.name, "rate": ways[0].name, "handling": shop.handling_days, "days": ways[0].max_days}
    raise NotDeliverable(message % named)


def _shipment(lines: Sequence[CartLine], prices: Sequence[Asked], shipping: Money, country: str) -> Shipment:
    goods = tuple(
        Line(
            line.listing.title,
            line.listing.hs_code,
            line.listing.origin,
            price.own,
            line.quantity,
            price.theirs,
        )
        for line, price in zip(lines, prices, strict=True)
    )
    return Shipment(goods, shipping, lines[0].listing.shop.country, country)


def landed_of(shipment: Shipment, *, currency: str, rates: Rates) -> LandedCost:
    """Of one parcel of one shop, on the day of today."""
    book, day = rulebook(), today()
    return landed_cost(
        shipment,
        book,
        on=day,
        currency=currency,
        convert=partial(with_spread, rates),
        value=rates.convert,
        registrations=book.schemes_on(day),
    )


def _line_problems(line: CartLine, country: str, book: Book) -> list[str]:
    listing = line.listing
    if not _on_sale(listing):
        return [_("“%(title)s” is not for sale any more. Remove it to go on.") % {"title": listing.title}]
    if not listing.stock:
        return [_("“%(title)s” is sold out. Remove it to go on.") % {"title": listing.title}]
    if listing.stock < line.quantity:
        return [
            _("Only %(n)s of “%(title)s” left, and you want %(want)s. Choose fewer.")
            % {"n": listing.stock, "title": listing.title, "want": line.quantity}
        ]
    if listing.ships_to and country not in listing.ships_to:
        return [_("“%(title)s” is not sent to your country. Remove it to go on.") % {"title": listing.title}]
    stop = stopped(listing.hs_code, listing.title, listing.shop.country, country, book)
    return [stop.told] if stop is not None else []


def _on_sale(listing: Listing) -> bool:
    shop = listing.shop
    return (
        listing.status == Listing.Status.LIVE
        and shop.suspended_at is None
        and shop.owner.suspended_at is None
        and shop.owner.is_active
    )
