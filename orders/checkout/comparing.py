"""What each way to pay costs, and the plain sentence that compares it with the dearest; for pages and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.format import format_money, format_points
from fx.money import Money, total
from orders.checkout.feesheet import FeeLine, FeeSheet
from orders.models import QuotedBasket

RAIL_KINDS = {"processor", "network"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one way to pay. `theirs` is the same in the sellers' money when that is one other currency.

    `known` is false where no price list was in force: then it is compared with nothing. `left` is what the sellers keep
    in both moneys; `given`: what their discounts take off the price of the goods.
    """

    quoted: QuotedBasket
    label: str
    money: Money
    theirs: Money | None
    known: bool
    left: Money
    left_theirs: Money | None
    given: Money

    @property
    def price(self) -> Money:
        return self.quoted.quote.amount

    def words(self, language: str) -> str:
        if not self.known:
            return _("What %(rail)s costs is not known; the platform bears it.") % {"rail": self.label}
        if not self.money:
            return _("Costs the seller nothing.")
        return _("Costs the seller %(fee)s.") % {"fee": _both(self.money, self.theirs, language)}


def cost_of(quoted: QuotedBasket, label: str) -> Cost:
    """By the lines of the quote's own sheets: what is charged to the sellers for this way to pay."""
    currency = quoted.quote.currency
    sheets = [FeeSheet.from_json(parcel["fee_sheet"], currency) for parcel in quoted.parcels]
    lines = [line for sheet in sheets for line in sheet.lines if line.kind in RAIL_KINDS]
    own = {parcel["currency"] for parcel in quoted.parcels}
    other = next(iter(own)) if len(own) == 1 and own != {currency} else ""
    kept = [line for sheet in sheets for line in sheet.lines if line.kind == "seller"]
    return Cost(
        quoted=quoted,
        label=label,
        money=total((line.amount for line in lines), currency),
        theirs=_theirs(lines, other) if other else None,
        known=all(line.certainty != "unknown" for line in lines),
        left=total((line.amount for line in kept), currency),
        left_theirs=_theirs(kept, other) if other else None,
        given=Money(sum(parcel.get("less", 0) for parcel in quoted.parcels), currency),
    )


def sentence(cost: Cost, others: Sequence[Cost], language: str) -> str:
    """“Paying with USDC leaves the seller €1.12 more than Card; the price for you is the same.” Else empty."""
    dearest = max((other for other in others if other.known), key=lambda other: other.money.amount, default=cost)
    if not cost.known or cost.money >= dearest.money:
        return ""
    if cost.given:
        return _with_discount(cost, dearest, language)
    named = {
        "rail": cost.label,
        "more": _more(cost, dearest, language),
        "other": dearest.label,
    }
    words = _("Paying with %(rail)s leaves the seller %(more)s more than %(other)s; the price for you is the same.")
    said = [words % named]
    if cost.quoted.quote.coin_spread_bps:
        said.append(_into_coin(cost, language))
    return " ".join(said)


def _with_discount(cost: Cost, dearest: Cost, language: str) -> str:
    """“€1.12 less when you pay with USDC, from the seller.” And what else that makes of the price."""
    named = {"rail": cost.label, "less": format_money(cost.given, language), "other": dearest.label}
    said = [_("%(less)s less when you pay with %(rail)s, from the seller.") % named]
    border = dearest.price - cost.price - cost.given
    if border.amount > 0:
        said.append(_("Duty and tax are %(less)s less with it.") % {"less": format_money(border, language)})
    if cost.left > dearest.left:
        more = {"more": _more(cost, dearest, language), "other": dearest.label}
        said.append(_("The seller still gets %(more)s more than with %(other)s.") % more)
    if cost.quoted.quote.coin_spread_bps:
        said.append(_into_coin(cost, language))
    return " ".join(said)


def _into_coin(cost: Cost, language: str) -> str:
    percent = format_points(cost.quoted.quote.coin_spread_bps, language)
    return _("The exchange into the coin costs you %(percent)s %%.") % {"percent": percent}


def _more(cost: Cost, dearest: Cost, language: str) -> str:
    """What the sellers have more of, in both moneys."""
    theirs = None
    if cost.left_theirs is not None and dearest.left_theirs is not None:
        theirs = cost.left_theirs - dearest.left_theirs
    return _both(cost.left - dearest.left, theirs, language)


def _theirs(lines: Sequence[FeeLine], currency: str) -> Money:
    return Money(sum(line.seller_minor or 0 for line in lines), currency)


def _both(money: Money, theirs: Money | None, language: str) -> str:
    shown = format_money(money, language)
    return shown if theirs is None else f"{shown} ({format_money(theirs, language)})"
