"""What the review page shows: parcels as quoted, every rail with its plain sentence and its fee sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from fx.format import format_points
from fx.models import Quote
from fx.money import COINS, Money
from listings.customs.landed_cost import LandedCost
from listings.models import Shop
from marketplace.lib.clock import now
from orders.checkout import addresses
from orders.checkout.comparing import Cost, cost_of, sentence
from orders.checkout.feesheet import FeeSheet
from orders.checkout.overmid import over_words


def review_page(draft: dict[str, Any], offers: Sequence[dict[str, Any]], language: str) -> dict[str, Any]:
    """`offers` come from the quotes of one basket: their parcels differ by discounts only, and by who takes what.

    The parcels are shown without a discount: the dearest way to pay never has one.
    """
    plain = max(offers, key=lambda offer: offer["quote"].amount_minor)
    quote = plain["quote"]
    expires_at = min(offer["quote"].expires_at for offer in offers)
    costs = {offer["quote"].pk: cost_of(offer["quoted"], _(offer["processor"].label)) for offer in offers}
    shown_rails = [_rail(offer, costs, language) for offer in offers]
    shown = [parcel_page(parcel, quote.currency) for parcel in plain["quoted"].parcels]
    return {
        "address_lines": addresses.lines(draft["address"]),
        "email": draft["email"],
        "parcels": shown,
        "quote": quote,
        "one_price": all(offer["quote"].amount_minor == quote.amount_minor for offer in offers),
        "markups": over_words(quote, language),
        "complete": all(parcel["landed"].complete for parcel in shown),
        "usual": next((offer for offer in offers if offer["quote"].pay_currency not in COINS), offers[0])[
            "processor"
        ].slug,
        "rails": shown_rails,
        "coins": [rail for rail in shown_rails if rail["is_coin"]],
        "expires_at": expires_at,
        "seconds_left": max(0, int((expires_at - now()).total_seconds())),
        "expired": not all(offer["quote"].is_live for offer in offers),
    }


def parcel_page(parcel: dict[str, Any], currency: str) -> dict[str, Any]:
    """One parcel of a snapshot with its shop and its landed cost as objects."""
    return {
        "shop": Shop.objects.get(pk=parcel["shop"]),
        "lines": [with_money(line, parcel["currency"], currency) for line in parcel["lines"]],
        "landed": LandedCost.from_json(parcel["landed"]),
        "shipping": parcel["shipping"],
        "due": Money(parcel["due"], currency),
        "sheet": FeeSheet.from_json(parcel["fee_sheet"], currency),
    }


def with_money(line: dict[str, Any], own: str, currency: str) -> dict[str, Any]:
    """A kept line with money for its minor units: `unit` in the shop's `own`, `asked` in the buyer's, or none."""
    asked = line.get("asked")
    return line | {
        "unit": Money(line["unit"], own),
        "asked": None if asked is None else Money(asked, currency),
        "how": line.get("how", ""),
    }


def _rail(offer: dict[str, Any], costs: Mapping[Any, Cost], language: str) -> dict[str, Any]:
    mine = costs[offer["quote"].pk]
    return {
        "slug": offer["processor"].slug,
        "label": mine.label,
        "amount": offer["quote"].amount,
        "pay": offer["quote"].pay,
        "is_coin": offer["quote"].pay_currency in COINS,
        "window_hours": offer["processor"].refund_window_hours,
        "sheets": list(zip(offer["quoted"].parcels, offer["sheets"], strict=True)),
        "cost": mine.words(language),
        "sentence": sentence(mine, list(costs.values()), language),
        "note": " ".join(filter(None, [offer["processor"].note, _coin_note(offer["quote"], language)])),
    }


def _coin_note(quote: Quote, language: str) -> str:
    if quote.pay_currency not in COINS:
        return ""
    percent = format_points(quote.coin_spread_bps, language)
    return _("At mid-market + %(percent)s %%, locked. Your wallet adds the network’s fee.") % {"percent": percent}
