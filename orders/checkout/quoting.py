"""From a priced basket to quotes: one per rail, amounts locked, the parcels kept as they were shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction

from fx.models import Quote
from fx.money import Money, total
from fx.rates import Rates
from fx.services import PieceDraft, QuoteDraft, issue_quote
from listings.asking import Asked
from listings.customs.landed_cost import Component
from marketplace.models import User
from orders.checkout.feesheet import collected
from orders.checkout.pricing import Basket, Parcel
from orders.checkout.rails import Rail, rails
from orders.models import QuotedBasket
from orders.numbers import new_number


@transaction.atomic
def quote_basket(basket: Basket, *, owner: str, rates: Rates) -> list[QuotedBasket]:
    """A quote for every rail that can carry the basket, cheapest for the seller first."""
    offered = rails(basket, rates=rates, payer=_payer(owner))
    return [_quote(basket, rail, owner=owner, rates=rates) for rail in offered]


def _payer(owner: str) -> User | None:
    """Who is signed in; a guest has no sales balance."""
    kind, _colon, pk = owner.partition(":")
    return User.objects.filter(pk=pk).first() if kind == "user" and pk.isdigit() else None


def _quote(basket: Basket, rail: Rail, *, owner: str, rates: Rates) -> QuotedBasket:
    parcels = rail.basket.parcels
    numbers = [new_number() for _parcel in parcels]
    quote = issue_quote(
        owner=owner,
        basket=basket.fingerprint,
        currency=basket.currency,
        pay_currency=rail.pay.currency,
        lines=[draft for number, parcel in zip(numbers, parcels, strict=True) for draft in _drafts(number, parcel)],
        rates=rates,
        lifetime=rail.processor.lifetime,
    )
    kept = [
        _snapshot(number, parcel, rail, position)
        for position, (number, parcel) in enumerate(zip(numbers, parcels, strict=True))
    ]
    return QuotedBasket.objects.create(quote=quote, processor=rail.slug, parcels=kept)


def _drafts(number: str, parcel: Parcel) -> Iterator[QuoteDraft]:
    assert parcel.goods is not None
    assert parcel.shipping is not None
    assert parcel.shipping_cost is not None
    assert parcel.landed is not None
    yield QuoteDraft(number, "goods", parcel.goods_target, parcel.goods, _pieces(parcel))
    if parcel.shipping_cost:
        yield QuoteDraft(number, "shipping", parcel.shipping.price, parcel.shipping_cost)
    for kind in ("duty", "tax"):
        parts = [part for part in collected(parcel.landed) if _ledger_kind(part) == kind]
        if parts:
            target = _sum(part.scheme_amount or part.amount for part in parts)
            yield QuoteDraft(number, kind, target, _sum(part.amount for part in parts))


def _pieces(parcel: Parcel) -> list[PieceDraft]:
    return [
        PieceDraft(price.how, price.theirs, price.own, line.quantity)
        for line, price in parcel.rows
        if price is not None and price.theirs is not None
    ]


def _ledger_kind(part: Component) -> str:
    return "tax" if part.kind == "tax" else "duty"  # a government fee goes to the declarant, as duty does


def _sum(amounts: Iterable[Money | None]) -> Money:
    known = [amount for amount in amounts if amount is not None]
    return total(known, known[0].currency)


def _snapshot(number: str, parcel: Parcel, rail: Rail, position: int) -> dict[str, Any]:
    assert parcel.shipping is not None
    assert parcel.landed is not None
    cost, sheet = rail.charges[position], rail.sheets[position]
    shipping = asdict(parcel.shipping) | {"price": parcel.shipping.price.amount}
    return {
        "number": number,
        "shop": parcel.shop.pk,
        "currency": parcel.shop.currency,
        "goods": parcel.goods_target.amount,
        **_discount(parcel),
        "commission": cost.commission.amount,
        "processing": cost.processing.amount,
        "shipping": shipping,
        "due": parcel.landed.due_now.amount,
        "landed": parcel.landed.json(),
        "fee_sheet": sheet.json(),
        "scheme": next((part.scheme for part in collected(parcel.landed) if part.scheme), ""),
        "lines": [_line(line, price) for line, price in parcel.rows],
        "handling_days": parcel.shop.handling_days,
        "spread_bps": settings.SPREAD_BPS,
    }


def _discount(parcel: Parcel) -> dict[str, int]:
    """`less` in the buyer's money, the others in the shop's."""
    of = parcel.discount
    figures = (0, 0, 0) if of is None else (of.given.amount, of.saved.amount, of.less.amount)
    return dict(zip(("discount", "saving", "less"), figures, strict=True))


def _line(line: Any, price: Asked | None) -> dict[str, Any]:
    assert price is not None
    listing = line.listing
    photo = next(iter(listing.photos.all()), None)
    return {
        "listing": listing.pk,
        "title": listing.title,
        "photo": str(photo.key) if photo else "",
        "quantity": line.quantity,
        "unit": price.own.amount,
        "asked": price.theirs.amount if price.theirs else None,
        "how": price.how,
        "hs_code": listing.hs_code,
        "origin": listing.origin,
        "weight_g": listing.weight_g,
        "no_withdrawal": listing.no_withdrawal,
    }


__all__ = ["Quote", "quote_basket"]
