"""Whatever the basket, the currencies and the rail: the lines of the sheets sum to the payment, in both moneys."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from django.test import override_settings
from hypothesis import assume, given
from hypothesis import strategies as st

from fx.money import Money, total
from fx.rates import Rates
from listings.asking import with_spread
from listings.customs.result import Certainty, Component, Kind, LandedCost, Payer
from listings.shipping import Shipping
from orders.checkout.pricing import Basket, Parcel
from orders.checkout.rails import rail_of
from orders.checkout.settling import rebated, settled
from payments.feetables.estimates import FeeTable
from payments.models import FeeRow
from tests.payments.pocket import FarEnd, Pocket

DAY = dt.date(2026, 11, 28)
AT = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
CURRENCIES = ["EUR", "INR", "JPY", "KWD", "USD", "BTC", "USDC"]  # 2, 2, 0, 3, 2, 8 and 6 digits
RATES = {"INR": "106.084", "JPY": "174.2", "KWD": "0.3551", "USD": "1.1603", "BTC": "0.0000105", "USDC": "1.159"}


class AnyCoin(Pocket):
    slug = "anycoin"

    def __init__(self, coin: str) -> None:
        super().__init__({"far": FarEnd()})
        self.coin = coin

    def pay_currency(self, currency: str) -> str:
        return self.coin or currency

    def accepts(self, money: Money, country: str) -> bool:
        return True


@st.composite
def rates(draw: st.DrawFn) -> Rates:
    wobble = {code: Fraction(draw(st.integers(500, 2000)), 1000) for code in RATES}
    per_eur = {code: Fraction(rate) * wobble[code] for code, rate in RATES.items()}
    return Rates(1, per_eur, dict.fromkeys(per_eur, AT), dict.fromkeys(per_eur, "test"))


def amounts(least: int = 0, most: int = 10**9) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(least, max(least, 300)), st.integers(least, most))


@st.composite
def parcels(draw: st.DrawFn, mine: str, vector: Rates) -> Parcel:
    own = draw(st.sampled_from(CURRENCIES))
    goods, post = Money(draw(amounts(1)), own), Money(draw(amounts()), own)
    parts = [_part(Kind.GOODS, with_spread(vector, goods, mine)), _part(Kind.SHIPPING, with_spread(vector, post, mine))]
    for kind in (Kind.DUTY, Kind.TAX, Kind.FEE):
        if draw(st.booleans()):
            scheme = Money(draw(amounts()), draw(st.sampled_from(CURRENCIES)))
            parts.append(_part(kind, with_spread(vector, scheme, mine), scheme))
    if draw(st.booleans()):
        parts.append(Component(Kind.TAX, "Tax", None, "", Certainty.UNKNOWN, Payer.DELIVERY))
    nothing: Any = None
    landed = LandedCost(nothing, tuple(parts), mine, DAY, "DDP")
    shop: Any = SimpleNamespace(name="Chaya Prints", currency=own)
    way = Shipping(1, "Post", post, tracked=True, min_days=3, max_days=9)
    return Parcel(shop, [], goods, way, parts[0].amount, parts[1].amount, landed, [])


def _part(kind: Kind, amount: Money, scheme: Money | None = None) -> Component:
    return Component(kind, kind, amount, "", Certainty.EXACT, Payer.CHECKOUT, scheme_amount=scheme)


def _table(bps: int, fixed: int, network: int) -> FeeTable:
    terms: dict[str, Any] = {"processor": "anycoin", "valid_from": DAY, "source": "A list"}
    parts = [FeeRow(part="percent", bps=bps, **terms)]
    for code in CURRENCIES:
        parts += [FeeRow(part="fixed", currency=code, minor=fixed, **terms)]
        parts += [FeeRow(part="network", currency=code, minor=network, **terms)]
    return FeeTable(parts, DAY)


@given(data=st.data(), vector=rates(), mine=st.sampled_from(CURRENCIES), coin=st.sampled_from(["", "BTC", "USDC"]))
def test_the_lines_of_all_sheets_sum_to_the_payment_to_the_unit(
    data: st.DataObject, vector: Rates, mine: str, coin: str
) -> None:
    """Over baskets of one to four shops, with duty, tax and fees in schemes' currencies, spreads and price lists."""
    found = data.draw(st.lists(parcels(mine, vector), min_size=1, max_size=4))
    terms = {name: data.draw(st.integers(0, most)) for name, most in (("bps", 900), ("fixed", 500), ("network", 90))}
    bps = {name: data.draw(st.integers(0, 400)) for name in ("SPREAD_BPS", "COIN_SPREAD_BPS", "COMMISSION_BPS")}
    basket = Basket(found, "DE", mine)
    assert basket.total is not None
    assume(basket.total)
    with override_settings(**bps):
        rail = rail_of(AnyCoin(coin), basket, basket.total, vector, _table(**terms))
    assume(rail is not None)
    assert rail is not None
    assert total((sheet.total for sheet in rail.sheets), mine) == basket.total
    for parcel, sheet, cost in zip(found, rail.sheets, rail.charges, strict=True):
        own = parcel.goods_target.currency
        assert sheet.total == parcel.due_now
        shares = [line.seller_amount for line in sheet.lines]
        assert total((share for share in shares if share is not None), own) == vector.convert(sheet.total, own)
        told = {line.kind: line for line in sheet.lines}
        assert told["seller"].seller_amount == parcel.goods_target - cost.commission - cost.processing
        taken = [told[kind].minor for kind in ("processor", "network") if kind in told]
        assert sum(taken) == cost.processing_buyer.amount


@given(data=st.data(), vector=rates(), mine=st.sampled_from(CURRENCIES))
def test_what_is_known_after_the_sale_changes_no_sum(data: st.DataObject, vector: Rates, mine: str) -> None:
    """Whatever the processor kept, more or less than quoted or nothing, and whatever rebate the seller got."""
    basket = Basket([data.draw(parcels(mine, vector))], "DE", mine)
    assert basket.total is not None
    assume(basket.total)
    with override_settings(SPREAD_BPS=40, COIN_SPREAD_BPS=50, COMMISSION_BPS=100):
        rail = rail_of(AnyCoin(""), basket, basket.total, vector, _table(*data.draw(st.tuples(*[amounts(0, 400)] * 3))))
    assume(rail is not None)
    assert rail is not None
    [quoted] = rail.sheets
    own, kept = basket.parcels[0].goods_target.currency, Money(data.draw(amounts()), mine)
    sheet = settled(quoted, kept, taker="Card", line="txn_1", at=AT)
    rebate = Money(data.draw(amounts(1)), own)
    if quoted.seller_total:
        sheet = rebated(sheet, rebate)
    assert (sheet.total, sheet.seller_total) == (quoted.total, quoted.seller_total)
    told = {line.kind: line for line in sheet.lines}
    was = {line.kind: line for line in quoted.lines}
    assert len(told) == len(sheet.lines)
    assert ("processor" in told, told["seller"]) == (bool(kept), was["seller"])
    if "difference" in told:
        assert told["difference"].minor == (was["processor"].minor if "processor" in was else 0) - kept.amount
    if quoted.seller_total:
        assert told["rebate"].seller_amount == rebate
        assert told["rebate"].certainty == "actual"


@given(data=st.data(), vector=rates())
def test_without_a_price_list_the_sheet_still_sums_and_says_that_it_is_not_known(
    data: st.DataObject, vector: Rates
) -> None:
    basket = Basket([data.draw(parcels("EUR", vector))], "DE", "EUR")
    assert basket.total is not None
    assume(basket.total)
    ended = FeeRow(processor="anycoin", part="percent", bps=150, valid_from=AT.date(), valid_until=DAY, source="A list")
    with override_settings(SPREAD_BPS=40, COIN_SPREAD_BPS=50, COMMISSION_BPS=100):
        rail = rail_of(AnyCoin(""), basket, basket.total, vector, FeeTable([ended], DAY))
    assume(rail is not None)
    assert rail is not None
    [sheet] = rail.sheets
    [line] = [line for line in sheet.lines if line.kind == "processor"]
    assert (rail.known, rail.fee, sheet.total) == (False, Money(0, "EUR"), basket.total)
    assert (line.minor, line.certainty) == (0, "unknown")
    assert "ended before 2026-11-28" in line.why
