"""What a change of an import rule does: sample parcels under the rules as they are and as they would be. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money, exponent_of
from listings.customs.duty import Spec
from listings.customs.landed_cost import landed_cost
from listings.customs.result import Component, Kind, LandedCost
from listings.customs.rule import BLOC, Rule, RuleBook
from listings.customs.shipment import Line, Shipment
from listings.customs.words import sum_in_words

MOST_LIMITS = 4
FIRST, SECOND = "621410", "691200"  # a scarf, a bowl
BORDER = (Kind.DUTY, Kind.TAX, Kind.FEE)


@dataclass(frozen=True, slots=True)
class Sample:
    title: str
    shipment: Shipment
    registrations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One parcel before and after; `None` where a bill has no such part."""

    title: str
    before: LandedCost
    after: LandedCost

    @property
    def changes(self) -> bool:
        return self.before.components != self.after.components or self.before.incoterm != self.after.incoterm

    @property
    def parts(self) -> list[tuple[str, Component | None, Component | None]]:
        """What the border asks: the name, before, after."""
        old, new = ([c for c in bill.components if c.kind in BORDER] for bill in (self.before, self.after))
        return [((b or a).label, b, a) for b, a in zip_longest(*_aligned(old, new)) if b or a]  # type: ignore[union-attr]


def _aligned(old: list[Component], new: list[Component]) -> tuple[list[Component | None], list[Component | None]]:
    """Both in one order: a part that the other lacks stands beside nothing."""
    names = list(dict.fromkeys((c.kind, c.label) for c in [*old, *new]))
    sides = ({(c.kind, c.label): c for c in side} for side in (old, new))
    left, right = ([side.get(name) for name in names] for side in sides)
    return left, right


def compare(country: str, before: RuleBook, after: RuleBook, on: dt.date) -> list[Compared]:
    """What parcels to `country` cost on that day under both books: around each limit, with one and two kinds of goods.

    All in the rule's own currency, so no exchange rate is in it. A change of the scheme `EU` is shown at Germany.
    """
    destination = "DE" if country == BLOC else country
    rules = [rule for rule in (before.find(destination, on), after.find(destination, on)) if rule]
    return [
        Compared(sample.title, _bill(sample, before, on), _bill(sample, after, on))
        for sample in _samples(destination, rules)
    ]


def _bill(sample: Sample, book: RuleBook, on: dt.date) -> LandedCost:
    currency = sample.shipment.shipping.currency
    return landed_cost(
        sample.shipment, book, on=on, currency=currency, convert=_same, registrations=sample.registrations
    )


def _same(money: Money, to: str) -> Money:
    if money.currency != to:
        raise RateMissing(to)
    return money


def _samples(destination: str, rules: list[Rule]) -> Iterator[Sample]:
    if not rules:
        return
    limits = sorted({limit for rule in rules for limit in _limits(rule)})[:MOST_LIMITS]
    currency = rules[-1].currency
    base = max(2, limits[0] // 3) if limits else 50 * 10 ** exponent_of(currency)
    schemes = frozenset(rule.scheme for rule in rules if rule.scheme)
    with_shipping = any("incl. shipping" in rule.basis for rule in rules)
    shipping = Money(max(1, base // 4), currency)

    def sample(goods: int, title: str, *kinds: str, registered: bool = True) -> Sample:
        lines = [Line(title, kind, _origin(destination), part) for kind, part in _parts(Money(goods, currency), kinds)]
        sent = Shipment(lines, shipping, _origin(destination), destination)
        return Sample(title, sent, schemes if registered else frozenset())

    def named(goods: int, words: str) -> str:
        return words % {"value": sum_in_words(Money(goods, currency))}

    yield sample(base, named(base, _("%(value)s, one kind of goods")), FIRST)
    yield sample(base, named(base, _("%(value)s, two kinds of goods")), FIRST, SECOND)
    if schemes:
        words = named(base, _("%(value)s, one kind of goods, without a registration"))
        yield sample(base, words, FIRST, registered=False)
    for limit in limits:
        less = shipping.amount if with_shipping else 0
        for goods in (limit - less, limit - less + 1):
            if goods > 0:
                yield sample(goods, named(goods, _("%(value)s, one kind of goods")), FIRST)


def _parts(goods: Money, kinds: tuple[str, ...]) -> list[tuple[str, Money]]:
    return list(zip(kinds, goods.split(*[1] * len(kinds)), strict=True))


def _origin(destination: str) -> str:
    return "US" if destination == "IN" else "IN"


def _limits(rule: Rule) -> Iterator[int]:
    """The values at which something begins or ends."""
    uptos = (Spec.parse(text).options.get("upto") for text in rule.low_value_duty.split(";") if text)
    yield from (limit for limit in (rule.vat_free, rule.duty_free, rule.scheme_ceiling, *uptos) if limit)
