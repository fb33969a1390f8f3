"""The first page: one honest bill, what ships to the visitor, how it works."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fx.format import format_money, format_number
from fx.money import Money
from fx.rates import Rates
from fx.services import current_rates
from listings.cards import cards, prices, shown
from listings.customs.door import DoorPrice
from listings.customs.result import Component, Kind
from listings.models import Listing
from listings.search import search
from marketplace.context import percent
from marketplace.http import VisitorRequest
from marketplace.lib.visitor import Visitor

NEWEST = 40  # things, of which the shelf shows a mixture
SHELF = 8  # cards
FOR_EXAMPLE = 4  # of them are looked at for the bill


@dataclass(frozen=True, slots=True)
class Example:
    """A bill of something that is really for sale: `lines` as in components/bill.html."""

    href: str
    start: str
    lines: list[Component]
    total: Money
    at_least: bool


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    visitor = cast(VisitorRequest, request).visitor
    shelf = mixed(list(shown(search("", country=visitor.country).listings)[:NEWEST]))[:SHELF]
    context: dict[str, Any] = {"commission": percent(settings.COMMISSION_BPS)}
    if shelf:
        rates = current_rates()
        some = shelf[:FOR_EXAMPLE]
        context["cards"] = cards(shelf, country=visitor.country, currency=visitor.currency, rates=rates)
        context["example"] = example(some, visitor, rates)
    return render(request, "marketplace/home.html", context)


def mixed(newest: list[Listing]) -> list[Listing]:
    """One of each shop in turn, so that no shop fills the shelf."""
    seen: Counter[int] = Counter()
    turns: list[tuple[int, Listing]] = []
    for listing in newest:
        turns.append((seen[listing.shop_id], listing))
        seen[listing.shop_id] += 1
    return [listing for _turn, listing in sorted(turns, key=lambda pair: pair[0])]


def example(some: list[Listing], visitor: Visitor, rates: Rates) -> Example | None:
    """The bill of the first from another currency, better with every part known; else of the first that has a price."""
    priced = prices(some, country=visitor.country, currency=visitor.currency, rates=rates)
    doors = [(listing, door) for listing, door in priced if isinstance(door, DoorPrice)]
    if not doors:
        return None
    near = [(listing.currency == visitor.currency, not door.complete) for listing, door in doors]
    listing, door = doors[near.index(min(near))]
    return Example(
        href=reverse("listings:detail", args=[listing.slug]),
        start=listing.shop.city,
        lines=[_named(part, listing, rates, visitor) for part in door.landed.components],
        total=door.total,
        at_least=not door.complete,
    )


def _named(part: Component, listing: Listing, rates: Rates, visitor: Visitor) -> Component:
    """The line of the goods says what they are, and how their price became this one."""
    if part.kind != Kind.GOODS:
        return part
    price = format_money(listing.price, visitor.language)
    if listing.currency == visitor.currency:
        return replace(part, label=listing.title, why=price)
    rate = rates.mid(visitor.currency, listing.currency)
    named = {
        "price": price,
        "rate": format_number(rate, visitor.language, 2 if rate >= 10 else 4),
        "spread": percent(settings.SPREAD_BPS),
    }
    return replace(part, label=listing.title, why=_("%(price)s at %(rate)s, mid-market + %(spread)s %%") % named)
