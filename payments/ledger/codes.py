"""Account codes: the only place that builds or reads them.

`Code` carries what opening the account needs. Guarded accounts (one per held order, a seller's payable, a
seller's debt and reserve, a buyer's credit) have one balance that never crosses zero; system accounts are striped.
"""

from __future__ import annotations

from dataclasses import dataclass

from fx.money import Money, exponent_of

STRIPES = 16


class CodeError(ValueError):
    """A text that is no account code; the message names it."""


@dataclass(frozen=True, slots=True)
class Code:
    """`kind` says the normal side: asset and expense debit, liability, income and trading credit."""

    code: str
    currency: str
    kind: str
    guarded: bool = False

    @property
    def stripes(self) -> int:
        return 1 if self.guarded else STRIPES

    @property
    def sign(self) -> int:
        """+1 when a debit balance is the normal one, -1 for credit."""
        return 1 if self.kind in {"asset", "expense"} else -1

    def natural(self, amount: int) -> Money:
        """`amount`, debit positive, as money that is positive on the normal side."""
        return Money(amount * self.sign, self.currency)


def hold(ref: str, currency: str) -> Code:
    """Captured money that is not yet the seller's, one account per order."""
    return _code("liability", ["hold", ref], currency, guarded=True, suffix=False)


def seller(user_id: int, currency: str) -> Code:
    """What the platform owes a seller."""
    return _code("liability", ["seller", str(user_id)], currency, guarded=True)


def seller_debt(user_id: int, currency: str) -> Code:
    """What a seller owes the platform."""
    exponent_of(currency)
    return Code(f"seller:{_part(str(user_id))}:{currency}:debt", currency, "asset", guarded=True)


def seller_reserve(user_id: int, currency: str) -> Code:
    """What is the seller's but kept back for a while: a shop's rolling reserve."""
    exponent_of(currency)
    return Code(f"seller:{_part(str(user_id))}:{currency}:reserve", currency, "liability", guarded=True)


def seller_contested(user_id: int, currency: str) -> Code:
    """What is the seller's but may have to go back: an open chargeback asks for it."""
    exponent_of(currency)
    return Code(f"seller:{_part(str(user_id))}:{currency}:contested", currency, "liability", guarded=True)


def disputed(processor: str, currency: str) -> Code:
    """Money that buyers' banks took for now: ours again when we win, the buyers' when we lose."""
    return _code("asset", ["disputed", processor], currency)


def buyer(user_id: int, currency: str) -> Code:
    """What a buyer paid too much and may have back."""
    return _code("liability", ["buyer", str(user_id)], currency, guarded=True)


def payouts(currency: str) -> Code:
    """Payouts that were requested and are not yet paid."""
    return _code("liability", ["payouts"], currency)


def drawn(currency: str) -> Code:
    """What the operator took out of the platform's income: its own money, on the debit side."""
    return _code("equity", ["drawn"], currency)


def drawings(currency: str) -> Code:
    """What the operator may take out and the bank has not sent yet."""
    return _code("liability", ["drawings"], currency)


def clearing(processor: str, currency: str) -> Code:
    """What a processor, or the platform's bank, holds for us."""
    return _code("asset", ["clearing", processor], currency)


def fx(currency: str) -> Code:
    """The platform's open position in a currency."""
    return _code("trading", ["fx"], currency)


def income(kind: str, currency: str) -> Code:
    """`kind`: commission, spread, rounding, bank (interest and the platform's own money)."""
    return _code("income", ["income", kind], currency)


def expense(kind: str, currency: str) -> Code:
    """`kind`: a processor's slug, rebate, loss, rounding, spread (a window that lost)."""
    return _code("expense", ["expense", kind], currency)


def tax(scheme: str, country: str, currency: str) -> Code:
    """Import tax that was collected under `scheme` for `country`; of `commission`: the tax inside our own fee."""
    return _code("liability", ["tax", scheme, country], currency)


def duty(declarant: str, currency: str) -> Code:
    """Duty that was collected for the one who declares the goods."""
    return _code("liability", ["duty", declarant], currency)


def suspense(processor: str, currency: str) -> Code:
    """Money that arrived and belongs to nobody yet: too late, too little, too much."""
    return _code("liability", ["suspense", processor], currency)


def parse(text: str, currency: str = "") -> Code:
    """The code as it was built. A hold's text does not name its currency: give it. CodeError on anything else."""
    head, *rest = text.split(":")
    match (head, rest):
        case "hold", [ref]:
            return hold(ref, currency)
        case "seller", [user, ccy, "debt"]:
            return seller_debt(_user(user, text), ccy)
        case "seller", [user, ccy, "reserve"]:
            return seller_reserve(_user(user, text), ccy)
        case "seller", [user, ccy, "contested"]:
            return seller_contested(_user(user, text), ccy)
        case "seller" | "buyer", [user, ccy]:
            return (seller if head == "seller" else buyer)(_user(user, text), ccy)
        case "payouts" | "fx" | "drawn" | "drawings", [ccy]:
            return {"payouts": payouts, "fx": fx, "drawn": drawn, "drawings": drawings}[head](ccy)
        case "tax", [scheme, country, ccy]:
            return tax(scheme, country, ccy)
        case "clearing" | "income" | "expense" | "duty" | "suspense" | "disputed", [name, ccy]:
            makers = {"clearing": clearing, "income": income, "expense": expense, "disputed": disputed}
            return (makers | {"duty": duty, "suspense": suspense})[head](name, ccy)
    raise CodeError(f"{text!r} is not an account's code. See payments/ledger/codes.py for those there are.")


def _code(kind: str, parts: list[str], currency: str, *, guarded: bool = False, suffix: bool = True) -> Code:
    exponent_of(currency)
    code = ":".join([_part(part) for part in parts] + [currency] * suffix)
    return Code(code, currency, kind, guarded)


def _part(part: str) -> str:
    if not part or ":" in part or part != part.strip():
        raise CodeError(f"{part!r} cannot be a part of an account's code: no colon, no blank, not empty.")
    return part


def _user(text: str, code: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise CodeError(f"{code!r} names no user: {text!r} is not a number.")
    return int(text)
