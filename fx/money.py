"""Money: an integer count of minor units and a currency. No floats, no silent rounding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

# Digits after the point: ISO 4217's, plus coins by their protocol.
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN
        BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
        GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KYD KZT LAK LBP
        LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
        NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD
        YER ZAR ZMW
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    6: "USDC",
    8: "BTC",
}
EXPONENT = {code: digits for digits, codes in _CODES.items() for code in codes.split()}
COINS = frozenset({"BTC", "USDC"})
BIGINT_MAX = 2**63 - 1
_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]+))?", re.ASCII)


class MoneyError(ValueError):
    """An amount or currency that cannot be; the message names it and says what would be right."""


class CurrencyMismatch(MoneyError):
    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} cannot be mixed. Convert one with a quote first.")


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units of `currency`: Money(1000, "EUR") is ten euros."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise MoneyError(f"{self.amount!r} is not a whole number of minor units. Use Money.parse for text.")
        if self.currency not in EXPONENT:
            raise unknown(self.currency)
        if abs(self.amount) > BIGINT_MAX:
            raise MoneyError(f"{self.amount} minor units of {self.currency} are more than the books can hold.")

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """`10`, `10.5` or `10.50`: ASCII digits and a point, no sign, no decimals too many."""
        exponent = exponent_of(currency)
        match = _AMOUNT.fullmatch(str(text))  # a number out of JSON must come as text too
        if match is None or not isinstance(text, str):
            raise MoneyError(
                f"{str(text)[:40]!r} is not an amount. Write digits and a point, like {example(currency)}."
            )
        whole, fraction = match[1], match[2] or ""
        if len(fraction) > exponent:
            raise MoneyError(
                f"{text[:40]} has {len(fraction)} decimals; {currency} has {exponent}. "
                f"Write it like {example(currency)}."
            )
        return cls(int(whole + fraction.ljust(exponent, "0")), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.amount).scaleb(-EXPONENT[self.currency])

    def __str__(self) -> str:
        return f"{self.decimal:.{EXPONENT[self.currency]}f} {self.currency}"

    def json(self) -> dict[str, str]:
        """{"amount": "10.00", "currency": "EUR"}"""
        return {"amount": f"{self.decimal:.{EXPONENT[self.currency]}f}", "currency": self.currency}

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other).amount

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other).amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def times(self, numerator: int, denominator: int = 1, *, up: bool = False) -> Money:
        """amount * numerator / denominator, rounded down, or up when `up`. Integers only."""
        if type(numerator) is not int or type(denominator) is not int:
            raise MoneyError(f"{numerator!r}/{denominator!r} is not a ratio of whole numbers.")
        product = self.amount * numerator
        return Money(-(-product // denominator) if up else product // denominator, self.currency)

    def bps(self, points: int, *, up: bool = False) -> Money:
        """`points` hundredths of a percent of this, rounded down, or up when `up`."""
        return self.times(points, 10_000, up=up)

    def split(self, *weights: int) -> list[Money]:
        """Shares in proportion to `weights`: each floor or ceil of its ideal, the sum exact."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise MoneyError(f"Weights {weights} share nothing. Give whole numbers from 0 with a positive sum.")
        shares, seen = [], 0
        for weight in weights:
            upto, before = self.amount * (seen + weight) // total, self.amount * seen // total
            shares.append(Money(upto - before, self.currency))
            seen += weight
        return shares

    def _same(self, other: Money) -> Money:
        if not isinstance(other, Money):
            raise MoneyError(f"{other!r} is not Money.")
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other


def exponent_of(currency: str) -> int:
    """Digits after the point of `currency`; MoneyError when it is unknown."""
    try:
        return EXPONENT[currency]
    except (KeyError, TypeError):
        raise unknown(currency) from None


def unknown(currency: object) -> MoneyError:
    return MoneyError(f"Currency {str(currency)[:12]!r} is unknown. Use an ISO 4217 code, BTC or USDC.")


def example(currency: str) -> str:
    exponent = exponent_of(currency)
    return "1900" if exponent == 0 else "19." + "5".ljust(exponent, "0")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, all in `currency`; zero for none."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
