"""The fee sheet: who takes what of an order, the same lines for buyer and seller, summing to the payment to the unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from fx.money import Money, total
from fx.rates import Rates
from orders.pricing import Parcel


@dataclass(frozen=True, slots=True)
class FeeLine:
    """`amount` in the order's currency; `seller_amount` the same in the shop's money where the line exists there.

    `kind` is seller, carrier, duty, tax, fee, exchange, platform or processor. `certainty` is exact or estimate.
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

    def json(self) -> list[dict[str, Any]]:
        return [line.json() for line in self.lines]

    @classmethod
    def from_json(cls, data: Iterable[dict[str, Any]], currency: str) -> FeeSheet:
        return cls([FeeLine(**line) for line in data], currency)

    @property
    def seller_gets(self) -> Money | None:
        return next((line.seller_amount for line in self.lines if line.kind == "seller"), None)


@dataclass(frozen=True, slots=True)
class Charges:
    """What the seller is charged at release, in the shop's currency, and the processor's fee as quoted in the buyer's."""

    commission: Money
    processing: Money
    processing_buyer: Money


def charges(parcel: Parcel, *, fee: Money, commission_bps: int, rates: Rates) -> Charges:
    """`fee` is this order's share of the processor's estimated fee, in the buyer's currency."""
    shop_currency = parcel.goods_target.currency
    processing = fee if fee.currency == shop_currency else rates.convert(fee, shop_currency, up=True)
    return Charges(parcel.goods_target.bps(commission_bps), processing, fee)


def fee_sheet(parcel: Parcel, of: Charges, *, processor_label: str, rates: Rates, spread_bps: int) -> FeeSheet:
    """The estimated sheet of one parcel. The seller's line is what is left, so the lines always sum to what is paid."""
    assert parcel.landed is not None
    assert parcel.goods is not None
    assert parcel.shipping is not None
    assert parcel.shipping_cost is not None
    due = parcel.landed.due_now
    currency, shop_currency = due.currency, parcel.goods_target.currency
    held = parcel.goods_target + parcel.shipping.price
    paid = parcel.goods + parcel.shipping_cost

    def mid(money: Money) -> Money:
        return money if money.currency == currency else rates.convert(money, currency)

    spread = paid - mid(held)
    commission = mid(of.commission)
    carrier = mid(parcel.shipping.price)
    seller = paid - spread - commission - of.processing_buyer - carrier
    net = parcel.goods_target - of.commission - of.processing

    def line(
        kind: str,
        taker: str,
        why: str,
        amount: Money,
        theirs: Money | None,
        certainty: str,
        source: str = "",
    ) -> FeeLine:
        bps = 0 if not due.amount else amount.amount * 10_000 // due.amount
        return FeeLine(
            kind,
            taker,
            why,
            amount.amount,
            currency,
            None if theirs is None else theirs.amount,
            shop_currency,
            bps,
            certainty,
            source,
        )

    rows = [
        line("seller", parcel.shop.name, _("held until you have the goods"), seller, net, "exact"),
        line(
            "carrier",
            parcel.shipping.name,
            _("postage, passed on to the seller"),
            carrier,
            parcel.shipping.price,
            "exact",
        ),
    ]
    rows += [
        line(part.kind, part.label, part.why, part.amount, None, str(part.certainty), part.source)
        for part in parcel.landed.components
        if part.kind in {"duty", "tax", "fee"} and part.payer == "checkout" and part.amount
    ]
    if currency != shop_currency:
        why = _("%(percent)s %% over mid-market") % {"percent": f"{spread_bps / 100:.2f}"}
        rows.append(line("exchange", _("Exchange"), why, spread, None, "exact"))
    rows.append(line("platform", "Entrepôt", _("commission on the goods"), commission, of.commission, "exact"))
    rows.append(
        line(
            "processor",
            processor_label,
            _("estimated; the platform bears the difference"),
            of.processing_buyer,
            of.processing,
            "estimate",
        )
    )
    return FeeSheet([row for row in rows if row.minor or row.kind == "seller"], currency)
