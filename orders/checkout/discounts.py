"""A discount for a cheaper way to pay: each shop's own share of what that saves it, so never a surcharge.

A parcel with a price that is set in the buyer's money has none: that is paid exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fx.money import Money
from fx.rates import Rates
from listings.asking import with_spread
from listings.customs.landed_cost import LandedCost
from orders.checkout.feesheet import Charges
from orders.checkout.pricing import Basket, Discount, Parcel, landed_of


def discounted(basket: Basket, *, mine: Sequence[Charges], dearest: Sequence[Charges], rates: Rates) -> Basket:
    """The basket for a rail that costs `mine`, where the dearest one offered costs `dearest`.

    The same basket when no shop gives anything.
    """
    parcels = [
        _discounted(parcel, there.processing - here.processing, basket, rates)
        for parcel, here, there in zip(basket.parcels, mine, dearest, strict=True)
    ]
    return replace(basket, parcels=parcels) if any(parcel.discount for parcel in parcels) else basket


def given_of(saved: Money, percent: int, goods: Money) -> Money:
    """`percent` of what is saved, rounded down; of the goods something stays to be paid."""
    return min(saved.times(percent, 100), goods - Money(1, goods.currency))


def _discounted(parcel: Parcel, saved: Money, basket: Basket, rates: Rates) -> Parcel:
    if saved.amount <= 0 or not parcel.shop.saving_share or parcel.is_set:
        return parcel
    assert parcel.landed is not None
    assert parcel.goods is not None
    given = given_of(saved, parcel.shop.saving_share, parcel.goods_target)
    if given.amount <= 0:
        return parcel
    target = parcel.goods_target - given
    goods = with_spread(rates, target, basket.currency)
    shipment = replace(parcel.landed.shipment, discount=given)
    landed = landed_of(shipment, currency=basket.currency, rates=rates)
    if not _treated_alike(parcel.landed, landed):
        return parcel
    discount = Discount(given=given, saved=saved, less=parcel.goods - goods)
    return replace(parcel, goods_target=target, goods=goods, landed=landed, discount=discount)


def _treated_alike(before: LandedCost | None, after: LandedCost) -> bool:
    """Whether the border asks the same of it for less: over a limit of value a discount would move who pays what."""
    assert before is not None
    was, now = ([(part.kind, part.payer, part.certainty) for part in bill.components] for bill in (before, after))
    cheaper = after.due_now.amount < before.due_now.amount
    return cheaper and was == now and before.incoterm == after.incoterm
