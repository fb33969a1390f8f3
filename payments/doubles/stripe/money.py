"""What the double's Stripe knows of money: decimals, limits, fees. Written apart from the adapter's tables.

Amounts are Stripe's minor units. Sources: docs.stripe.com/currencies and stripe.com/de/pricing, as of 2026-11.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from payments.doubles.stripe.errors import invalid

_ZERO = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_TWO = """
    aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf
    cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr
    ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr
    mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle
    sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer zar zmw
"""
ZERO = frozenset(_ZERO.split())
WHOLE = frozenset({"isk", "ugx"})  # two decimals on the wire, which have to be 00
THREE = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})  # the last digit has to be 0
TWO = frozenset(_TWO.split())
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA = frozenset(_EEA.split())


def _amounts(text: str) -> dict[str, int]:
    """eur:50 gbp:30 as a dictionary, in minor units."""
    return {pair[:3]: int(pair[4:]) for pair in text.split()}


MINIMUM = _amounts(
    "aed:200 aud:50 bgn:100 brl:50 cad:50 chf:50 czk:1500 dkk:250 eur:50 gbp:30 hkd:400 huf:17500 "
    "inr:50 jpy:50 mxn:1000 myr:200 nok:300 nzd:50 pln:200 ron:200 sek:300 sgd:50 thb:1000 usd:50"
)
MAXIMUM = 99_999_999
FIXED = _amounts(
    "eur:25 usd:30 gbp:20 chf:30 cad:30 aud:30 nzd:30 sgd:50 hkd:235 dkk:180 sek:180 nok:200 "
    "pln:100 czk:650 huf:8500 ron:100 bgn:50 mxn:300 brl:39 myr:100 thb:1000 aed:100"
)
DISPUTE_FEE = {"eur": 2000, "usd": 1500, "gbp": 2000}


def exponent(currency: str) -> int:
    return 0 if currency in ZERO else 3 if currency in THREE else 2


def check_amount(amount: int, currency: str) -> None:
    """Refuse what Stripe would: unknown money, too small, too large, decimals that the currency cannot have."""
    if currency not in ZERO | WHOLE | THREE | TWO:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < MINIMUM.get(currency, 1):
        raise invalid(
            f"Amount must be at least {MINIMUM.get(currency, 1)} {currency}",
            code="amount_too_small",
            param="amount",
        )
    if amount > MAXIMUM:
        raise invalid(
            f"Amount must be no more than {MAXIMUM} {currency}",
            code="amount_too_large",
            param="amount",
        )
    check_digits(amount, currency)


def check_digits(amount: int, currency: str) -> None:
    if currency in WHOLE and amount % 100:
        raise invalid(
            f"Invalid amount. {currency} amounts must be evenly divisible by 100.",
            code="invalid_charge_amount_no_decimal_compatible",
            param="amount",
        )
    if currency in THREE and amount % 10:
        raise invalid(f"Invalid amount. The last digit of {currency} amounts must be 0.", param="amount")


def fee(amount: int, currency: str, card_country: str) -> int:
    """1.5 % for cards of the EEA, 2.5 % for British ones, 3.25 % for all others, and a fixed part; half up."""
    bps = 150 if card_country in EEA else 250 if card_country == "GB" else 325
    share = (Decimal(amount) * bps / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    return int(share) + FIXED.get(currency, 0)


def converted(amount: int, currency: str, rate: Decimal) -> int:
    """`amount` of `currency` in cents of EUR at `rate` EUR for one unit, rounded half up."""
    cents = Decimal(amount).scaleb(2 - exponent(currency)) * rate
    return int(cents.quantize(Decimal(1), ROUND_HALF_UP))


def shown(amount: int, currency: str) -> str:
    """For the test pages: 17.78 EUR."""
    places = exponent(currency)
    return f"{Decimal(amount).scaleb(-places):.{places}f} {currency.upper()}"
