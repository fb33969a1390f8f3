"""The first page: one honest bill, what ships to the visitor, how it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fx.money import Money
from fx.services import current_rates
from listings.cards import cards, prices, shown
from listings.customs.door import DoorPrice
from listings.customs.result import Component
from listings.models import Listing
from listings.search import search
from marketplace.context import percent
from marketplace.http import VisitorRequest
from marketplace.lib.visitor import Visitor

SHELF = 8


@dataclass(frozen=True, slots=True)
class Example:
    """A bill of something that is really for sale: `lines` as in components/bill.html."""

    href: str
    title: str
    start: str
    lines: tuple[Component, ...]
    total: Money
    at_least: bool


def home(request: HttpRequest) -> HttpResponse:
    visitor = cast(VisitorRequest, request).visitor
    shelf = list(shown(search("", country=visitor.country).listings)[:SHELF])
    context: dict[str, Any] = {"commission": percent(settings.COMMISSION_BPS)}
    if shelf:
        rates = current_rates()
        context["cards"] = cards(shelf, country=visitor.country, currency=visitor.currency, rates=rates)
        context["example"] = example(shelf, visitor)
    return render(request, "marketplace/home.html", context)


def example(shelf: list[Listing], visitor: Visitor) -> Example | None:
    """The bill of the first whose every part is known, else of the first that has a price."""
    priced = prices(shelf, country=visitor.country, currency=visitor.currency, rates=current_rates())
    doors = [(listing, door) for listing, door in priced if isinstance(door, DoorPrice)]
    if not doors:
        return None
    listing, door = min(doors, key=lambda pair: not pair[1].complete)  # min keeps the first of equals
    return Example(
        href=reverse("listings:detail", args=[listing.slug]),
        title=listing.title,
        start=listing.shop.city,
        lines=door.landed.components,
        total=door.total,
        at_least=not door.complete,
    )
