"""The fee sheet: who takes what of an order, the same for buyer and seller, summing to the payment to the unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fx.format import format_money, format_points
from fx.money import Money, total
from fx.rates import Rates
from listings.customs.landed_cost import Component, LandedCost, Payer
from orders.checkout.pricing import Parcel
from payments.feetables.estimates import Estimate


@dataclass(frozen=True, slots=True)
class FeeLine:
    """`amount` in the order's currency; `seller_amount` in the shop's: what is booked, or else at the quote's mid rate.

    `kind` is seller, carrier, duty, tax, fee, exchange, platform, processor, network, rebate or difference (of the
    quoted and the actual fee: the platform's). `certainty` is exact or estimate, actual once the processor's statement
    says it, and unknown where no price list was in force. `source`: the rule, price list, rates or statement.
    """

    kind: str
    taker: str
    why: str
    minor: int
    currency: str
    seller_minor: int | None
    seller_currency: str
    bps: int
    certainty: str
    source: str

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def seller_amount(self) -> Money | None:
        return None if self.seller_minor is None else Money(self.seller_minor, self.seller_currency)

    @property
    def label(self) -> str:
        return self.taker

    @property
    def note(self) -> str:
        return self.why

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FeeSheet:
    lines: Sequence[FeeLine]
    currency: str

    @property
    def total(self) -> Money:
        return total((line.amount for line in self.lines), self.currency)

    @property
    def seller_total(self) -> Money | None:
        """The same in the shop's money; none for a sheet from before every line had both."""
        amounts = [line.seller_amount for line in self.lines]
        known = [amount for amount in amounts if amount is not None]
        return total(known, known[0].currency) if known and len(known) == len(amounts) else None

    def json(self) -> list[dict[str, Any]]:
        return [line.json() for line in self.lines]

    @classmethod
    def from_json(cls, data: Iterable[dict[str, Any]], currency: str) -> FeeSheet:
        return cls([FeeLine(**line) for line in data], currency)


@dataclass(frozen=True, slots=True)
class Charges:
    """What the seller is charged at release, in the shop's currency, and the same as quoted in the buyer's.

    `processing` is the processor's fee with `network`, what a chain or bank takes on the way.
    """

    commission: Money
    processing: Money
    processing_buyer: Money
    network: Money
    network_buyer: Money


def charges(parcel: Parcel, *, fee: Money, network: Money, commission_bps: int, rates: Rates) -> Charges:
    """`fee` and `network` are this order's share of the estimate, in the buyer's currency."""
    shop_currency = parcel.goods_target.currency
    own_fee, own_network = (rates.convert(money, shop_currency, up=True) for money in (fee, network))
    commission = parcel.goods_target.bps(commission_bps)
    return Charges(commission, own_fee + own_network, fee + network, own_network, network)


def fee_sheet(
    parcel: Parcel, of: Charges, estimate: Estimate, *, processor_label: str, rates: Rates, spread_bps: int
) -> FeeSheet:
    """The estimated sheet of one parcel. Its lines sum to what is paid, and in the shop's money to that at mid-market.

    The seller's line is what is left in the buyer's money, exchange what is left in the shop's.
    """
    assert parcel.landed is not None
    assert parcel.shipping is not None
    pen = _Pen(parcel.landed.due_now, parcel.goods_target.currency, rates)
    net = parcel.goods_target - of.commission - of.processing
    carrier, commission = pen.mid(parcel.shipping.price), pen.mid(of.commission)
    border = [pen.border(part) for part in collected(parcel.landed)]
    goods = pen.mid(parcel.goods_target + parcel.shipping.price)
    taken = total((row.amount for row in border), pen.due.currency)
    left = goods - carrier - commission - of.processing_buyer
    before = [
        pen.line("seller", parcel.shop.name, _held(parcel), left, net),
        pen.line(
            "carrier", parcel.shipping.name, _("postage, passed on to the seller"), carrier, parcel.shipping.price
        ),
        *border,
    ]
    after = [
        pen.line("platform", "Entrepôt", _("commission on the goods"), commission, of.commission, source=_terms()),
        *_rail_lines(pen, of, estimate, processor_label),
    ]
    exchange = pen.exchange(pen.due - goods - taken, [*before, *after], spread_bps)
    return FeeSheet([row for row in (*before, exchange, *after) if _shown(row)], pen.due.currency)


def _rail_lines(pen: _Pen, of: Charges, estimate: Estimate, label: str) -> list[FeeLine]:
    certainty = "estimate" if estimate.known else "unknown"
    fee, own = of.processing_buyer - of.network_buyer, of.processing - of.network
    words = _("what the network takes on the way")
    return [
        pen.line("processor", label, estimate.words, fee, own, certainty, estimate.source),
        pen.line("network", _("Network"), words, of.network_buyer, of.network, "estimate", estimate.network_source),
    ]


def _shown(row: FeeLine) -> bool:
    """A line of nothing says nothing, unless nothing is all that is known."""
    return bool(row.minor or row.seller_minor or row.kind == "seller" or row.certainty == "unknown")


def collected(landed: LandedCost) -> list[Component]:
    """Duty, tax and government fees that are exact and therefore paid at checkout."""
    return [part for part in landed.components if part.kind in BORDER and part.payer == Payer.CHECKOUT and part.amount]


BORDER = {"duty", "tax", "fee"}


def _held(parcel: Parcel) -> str:
    """With what the seller gives up for this way to pay, or gets on top where a price ends like their own."""
    language = get_language() or "en"
    if parcel.discount is not None:
        less = format_money(parcel.discount.less, language)
        return _("held until you have the goods; %(less)s less, for this way to pay") % {"less": less}
    if parcel.lifted:
        more = format_money(parcel.lifted, language)
        return _("held until you have the goods; %(more)s more, as a price ends like the seller’s own") % {"more": more}
    return _("held until you have the goods")


def _over_mid(spread_bps: int) -> str:
    return _("%(percent)s %% over mid-market") % {"percent": format_points(spread_bps, get_language() or "en")}


def _terms() -> str:
    return _("the platform’s terms")


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes the lines of a sheet over `due`, in both moneys at mid-market: the mark-up has a line of its own."""

    due: Money
    shop_currency: str
    rates: Rates

    def mid(self, money: Money) -> Money:
        return self.rates.convert(money, self.due.currency)

    def border(self, part: Component) -> FeeLine:
        assert part.amount is not None
        amount = part.amount if part.scheme_amount is None else self.mid(part.scheme_amount)
        theirs = self.rates.convert(amount, self.shop_currency)
        return self.line(str(part.kind), part.label, part.why, amount, theirs, str(part.certainty), part.source)

    def exchange(self, amount: Money, others: Iterable[FeeLine], spread_bps: int) -> FeeLine:
        """What is left, in each of both moneys."""
        written = sum(row.seller_minor or 0 for row in others)
        theirs = self.rates.convert(self.due, self.shop_currency) - Money(written, self.shop_currency)
        words = _over_mid(spread_bps) if amount else _("rounding")
        return self.line("exchange", _("Exchange"), words, amount, theirs, source=self._rates_said())

    def _rates_said(self) -> str:
        """`kraken, 2026-11-28 14:00 UTC`, of each currency but the hub."""
        mine = dict.fromkeys(code for code in (self.due.currency, self.shop_currency) if code in self.rates.source)
        said = {f"{self.rates.source[code]}, {self.rates.as_of[code]:%Y-%m-%d %H:%M} UTC" for code in mine}
        return "; ".join(sorted(said))

    def line(
        self,
        kind: str,
        taker: str,
        why: str,
        amount: Money,
        theirs: Money,
        certainty: str = "exact",
        source: str = "",
    ) -> FeeLine:
        bps = 0 if not self.due.amount else amount.amount * 10_000 // self.due.amount
        figures = (amount.amount, self.due.currency, theirs.amount, self.shop_currency)
        return FeeLine(kind, taker, why, *figures, bps, certainty, source)
