"""What the corridor board shows, to people and over the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marketplace.lib.places import country_name, is_country
from orders.models import CorridorCost, PublishedCost
from payments.processors import registry

MOST = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One corridor and rail. Without `cost.orders` there are fewer than three orders, and no figure is told."""

    cost: CorridorCost
    seller: str
    buyer: str
    rail: str


@dataclass(frozen=True, slots=True)
class Board:
    """`empty`: the sentence when nothing was measured; `measured_at`: none before the first time."""

    cells: Sequence[Cell]
    published: Sequence[PublishedCost]
    measured_at: dt.datetime | None
    empty: str

    @property
    def stacks(self) -> list[list[PublishedCost]]:
        """`published` by what is published, each for its sizes of orders."""
        found: dict[tuple[object, ...], list[PublishedCost]] = {}
        for row in self.published:
            found.setdefault((row.name, row.made_of, row.source, row.as_of, row.confidence), []).append(row)
        return list(found.values())


def board(*, seller: str, buyer: str, language: str) -> Board:
    """From `seller` to `buyer`, countries in two letters; an empty one means all. What is no country is as empty."""
    wanted = {"seller_country": seller, "buyer_country": buyer}
    chosen = {name: code for name, code in wanted.items() if is_country(code)}
    costs = list(CorridorCost.objects.filter(**chosen)[:MOST])
    cells = [
        Cell(
            cost=cost,
            seller=country_name(cost.seller_country, language),
            buyer=country_name(cost.buyer_country, language),
            rail=registry.label_of(cost.rail),
        )
        for cost in costs
    ]
    newest = CorridorCost.objects.order_by("-measured_at").values_list("measured_at", flat=True).first()
    return Board(cells, list(PublishedCost.objects.all()), newest, "" if cells else _empty(chosen, language))


def _empty(chosen: dict[str, str], language: str) -> str:
    places = [country_name(chosen[name], language) for name in ("seller_country", "buyer_country") if name in chosen]
    if len(places) == 2:
        named = {"seller": places[0], "buyer": places[1]}
        return (
            _("No order from %(seller)s to %(buyer)s was completed in the last year: nothing is measured yet.") % named
        )
    if places:
        return _("No order of %(place)s was completed in the last year: nothing is measured yet.") % {
            "place": places[0]
        }
    return _("No order was completed in the last year: nothing is measured yet.")
