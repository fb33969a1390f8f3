"""The ways to pay a basket, each with its quote-to-be: amounts and fee sheets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money
from fx.rates import Rates
from marketplace.models import User
from orders.checkout.discounts import discounted
from orders.checkout.feesheet import Charges, FeeSheet, charges, collected, fee_sheet
from orders.checkout.pricing import Basket
from payments.feetables.estimates import Estimate, FeeTable
from payments.processors.base import Processor
from payments.processors.registry import BUILT_IN, active
from payments.sellers.spending import SLUG, available, problem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rail:
    """One processor for one basket. `pay` is what the buyer sends, `sheets` one fee sheet per parcel.

    `fee` is what the seller is charged for it in the buyer's currency, the network's part included; `known`: by a row.
    """

    processor: Processor
    amount: Money
    pay: Money
    fee: Money
    charges: Sequence[Charges]
    sheets: Sequence[FeeSheet]
    basket: Basket  # less what the shops give for this way to pay
    known: bool = True

    @property
    def slug(self) -> str:
        return self.processor.slug


def rails(basket: Basket, *, rates: Rates, payer: User | None = None) -> list[Rail]:
    """Every rail that can carry the basket, the cheapest for the seller first. Empty when the basket cannot be paid.

    A sales balance is there only for a `payer` who can pay with it now.
    """
    amount = basket.total
    if amount is None or not basket.payable or not amount:
        return []
    ways = [processor for processor in active() if processor.slug != SLUG or not problem(payer, amount)]
    table = FeeTable.of_today()
    found = [rail for way in ways if (rail := _sound_rail(way, basket, amount, rates, table)) is not None]
    shared = _shared(found, rates, table)
    return sorted(shared, key=lambda rail: (not rail.known, rail.fee.amount))


def _shared(found: list[Rail], rates: Rates, table: FeeTable) -> list[Rail]:
    """Each with the discounts that shops give of what it saves against the dearest one that is offered."""
    known = [rail for rail in found if rail.known]
    if not known:
        return found
    dearest = max(known, key=lambda rail: rail.fee.amount)
    return [_cheaper(rail, dearest, rates, table) if rail.known else rail for rail in found]


def _cheaper(rail: Rail, dearest: Rail, rates: Rates, table: FeeTable) -> Rail:
    """As it was where nothing is given, or the rail would not carry the smaller amount."""
    basket = discounted(rail.basket, mine=rail.charges, dearest=dearest.charges, rates=rates)
    if basket is rail.basket or basket.total is None:
        return rail
    cheaper = _sound_rail(rail.processor, basket, basket.total, rates, table)
    return rail if cheaper is None else cheaper


def balance_words(payer: User | None, amount: Money) -> str:
    """What the owner of a sales balance in this currency reads: how much it has, or why it cannot pay."""
    if SLUG not in settings.PROCESSORS or payer is None:
        return ""
    there = available(payer, amount.currency)
    if not there:
        return ""
    return problem(payer, amount) or _("Your sales balance has %(there)s.") % {"there": there}


def _sound_rail(processor: Processor, basket: Basket, amount: Money, rates: Rates, table: FeeTable) -> Rail | None:
    """None also for a plug-in that breaks when it is asked: the other ways to pay stay."""
    try:
        return rail_of(processor, basket, amount, rates, table)
    except DatabaseError:
        raise
    except Exception:
        if processor.slug in BUILT_IN:
            raise
        log.exception("Processor %s cannot say whether it takes %s. It is not offered.", processor.slug, amount)
        return None


def rail_of(processor: Processor, basket: Basket, amount: Money, rates: Rates, table: FeeTable) -> Rail | None:
    if not processor.takes_payments:
        return None
    if processor.lifetime is not None and not _without_exchange(basket, amount.currency):
        return None
    pay_currency = processor.pay_currency(amount.currency)
    try:
        pay = amount
        if pay_currency != amount.currency:
            pay = rates.convert(amount, pay_currency, bps=settings.COIN_SPREAD_BPS, up=True)
        estimate = _in(amount.currency, table.estimate(processor, pay, basket.country), rates)
    except RateMissing:
        return None
    if not processor.accepts(pay, basket.country):
        return None
    costs = _costs(basket, estimate, rates)
    for parcel, cost in zip(basket.parcels, costs, strict=True):
        assert parcel.shipping is not None
        if parcel.goods_target + parcel.shipping.price <= cost.commission + cost.processing:
            return None  # the fee would eat the whole sale
    label = _(processor.label)
    sheets = [
        fee_sheet(parcel, cost, estimate, processor_label=label, rates=rates, spread_bps=settings.SPREAD_BPS)
        for parcel, cost in zip(basket.parcels, costs, strict=True)
    ]
    fee = estimate.fee + estimate.network
    return Rail(processor, amount, pay, fee, costs, sheets, basket, estimate.known)


def _in(currency: str, estimate: Estimate, rates: Rates) -> Estimate:
    """A coin's estimate in the money of the order, rounded up."""
    if estimate.fee.currency == currency:
        return estimate
    fee, network = (rates.convert(money, currency, up=True) for money in (estimate.fee, estimate.network))
    return replace(estimate, fee=fee, network=network)


def _costs(basket: Basket, estimate: Estimate, rates: Rates) -> list[Charges]:
    """Of each parcel: its share of the estimate by what is paid for it."""
    weights = [parcel.due_now.amount for parcel in basket.parcels if parcel.due_now is not None]
    shares = zip(basket.parcels, estimate.fee.split(*weights), estimate.network.split(*weights), strict=True)
    return [
        charges(parcel, fee=fee, network=network, commission_bps=settings.COMMISSION_BPS, rates=rates)
        for parcel, fee, network in shares
    ]


def _without_exchange(basket: Basket, currency: str) -> bool:
    """Whether shops and schemes all get what the buyer pays in."""
    taken = [part for parcel in basket.parcels if parcel.landed is not None for part in collected(parcel.landed)]
    wanted = {(part.scheme_amount or part.amount) for part in taken}
    return {parcel.shop.currency for parcel in basket.parcels} | {
        money.currency for money in wanted if money is not None
    } == {currency}
