"""What Stripe keeps of a payment: an estimate for the fee sheet; the actual fee comes with the payment.

Source: the public price list of stripe.com for accounts in the euro area, as remembered 2026-11, not
negotiated, confidence medium: an operator with other terms changes this table.
"""

from __future__ import annotations

from fx.money import Money

_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA = frozenset(_EEA.split())
EEA_BPS, UK_BPS, OTHER_BPS = 150, 250, 325

# The fixed part is 0.25 EUR. In another currency it is Stripe's own round amount for it, never a
# conversion of ours; where none is listed, the estimate is the percentage alone. Our minor units.
FIXED: dict[str, int] = {
    **{"EUR": 25, "USD": 30, "GBP": 20, "CHF": 30, "CAD": 30, "AUD": 30, "NZD": 30, "SGD": 50},
    **{"HKD": 235, "DKK": 180, "SEK": 180, "NOK": 200, "PLN": 100, "CZK": 650, "HUF": 8500},
    **{"RON": 100, "BGN": 50, "MXN": 300, "BRL": 39, "MYR": 100, "THB": 1000, "AED": 100},
}


def estimate(money: Money, country: str) -> Money:
    """The fee for a card of `country` (ISO 3166 alpha-2), in `money`'s currency, rounded up."""
    bps = EEA_BPS if country in EEA else UK_BPS if country == "GB" else OTHER_BPS
    return money.bps(bps, up=True) + Money(FIXED.get(money.currency, 0), money.currency)
