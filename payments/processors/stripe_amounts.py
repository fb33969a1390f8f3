"""Stripe's minor units are not always ISO 4217's: the one place where amounts cross.

Source: docs.stripe.com/currencies, 2026-11. Zero decimals include MGA, which has two in ISO; ISK
and UGX have none in ISO and two on the wire, which must be 00; three-decimal amounts must end in 0.
HUF and TWD have two decimals in charges and whole units only in payouts to a bank.
"""

from __future__ import annotations

from fx.money import EXPONENT, Money, MoneyError
from payments.processors.base import Refused

_ZERO = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THREE = "BHD JOD KWD OMR TND"
_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF
    CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR
    ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN
    MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD SAR SBD SCR SEK SGD SHP SLE
    SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD YER ZAR ZMW
"""
WIRE_EXPONENT: dict[str, int] = {
    **dict.fromkeys(_ZERO.split(), 0),
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_THREE.split(), 3),
}

# The least that Stripe charges, in our minor units. A currency that is not listed has no stated one.
MINIMUM: dict[str, int] = {
    **{"AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500},
    **{"DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50},
    **{"MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300},
    **{"SGD": 50, "THB": 1000, "USD": 50},
}
MAXIMUM = 99_999_999  # on the wire


def to_wire(money: Money) -> int:
    """`money` in Stripe's minor units, exactly; Refused when Stripe cannot take just this amount."""
    exponent = WIRE_EXPONENT.get(money.currency)
    if exponent is None:
        raise Refused(f"Stripe takes no {money.currency} ({money}). Offer another way to pay.")
    shift = exponent - EXPONENT[money.currency]
    factor = _ten_to(abs(shift))
    if shift < 0 and money.amount % factor:
        raise Refused(f"Stripe takes {money.currency} in whole units only, not {money}.")
    wire = money.amount * factor if shift >= 0 else money.amount // factor
    if exponent == 3 and wire % 10:
        raise Refused(f"Stripe takes {money.currency} with a last digit of 0 only, not {money}.")
    return wire


def from_wire(amount: int, currency: str) -> Money:
    """What Stripe's `amount` of `currency`, in any case, is to us. Of a fee's part of a unit: up."""
    code = currency.upper()
    exponent = WIRE_EXPONENT.get(code)
    if exponent is None or type(amount) is not int:
        raise Refused(f"Stripe reports {amount!r} {code[:12]!r}, which the books cannot hold.")
    shift = exponent - EXPONENT[code]
    factor = _ten_to(abs(shift))
    return Money(amount * factor if shift < 0 else -(-amount // factor), code)


def _ten_to(power: int) -> int:
    return int(10**power)


def payable(money: Money) -> bool:
    """Whether Stripe would take exactly `money`: known currency, representable, within its limits."""
    try:
        wire = to_wire(money)
    except (Refused, MoneyError):
        return False
    return MINIMUM.get(money.currency, 1) <= money.amount and wire <= MAXIMUM
