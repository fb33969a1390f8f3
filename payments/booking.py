"""The journals of money that comes in and goes back. Pure: rows in, drafts out; `post_all` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fx.models import Conversion
from fx.money import COINS, Money
from fx.services import record_conversion, record_conversions
from marketplace.models import User
from payments.chain.invoice import TOLERANCE_BPS, TOLERANCE_SAT
from payments.ledger import codes
from payments.ledger.posting import Draft, Leg
from payments.models import Payment, PaymentLine, Refund, RefundLine
from payments.netting.held import counting, counts

# Coin over the amount due that is not worth sending back, in minor units.
DUST = {"BTC": 1_000, "USDC": 10_000}


@dataclass(frozen=True, slots=True)
class Crossing:
    """Money that crosses the platform's position: `sell` comes in, `buy` is owed."""

    ref: str
    sell: Money
    buy: Money
    seller: User | None

    def joined(self, other: Crossing) -> Crossing:
        return Crossing(self.ref, self.sell + other.sell, self.buy + other.buy, other.seller or self.seller)

    @property
    def back(self) -> Crossing:
        return Crossing(self.ref, self.buy, self.sell, self.seller)


def capture(payment: Payment, lines: Sequence[PaymentLine], received: Money) -> Draft:
    """Received money becomes what each line says; more than the amount is the buyer's or suspense."""
    legs: list[Leg] = [(codes.clearing(payment.processor, payment.currency), received.amount)]
    for line in lines:
        pay = Money(line.pay_minor, payment.currency)
        legs += across(pay, line.target)
        legs.append((codes.parse(line.account, line.target_currency), -line.target_minor))
    legs += _difference(payment, received - payment.amount)
    return Draft(f"capture:{payment.pk}", "capture", payment.ref, legs)


def more(payment: Payment, received: Money) -> Draft:
    """After the capture even more arrived: `received` is the new whole."""
    legs: list[Leg] = [
        (codes.clearing(payment.processor, payment.currency), received.amount - payment.received_minor),
        (_excess(payment), payment.received_minor - received.amount),
    ]
    return Draft(f"more:{payment.pk}:{received.amount}", "more", payment.ref, legs)


def set_aside(payment: Payment, received: Money) -> Draft:
    """Money out of time waits in suspense; `received` is the whole, what was booked before is left out."""
    fresh = received.amount - payment.received_minor
    legs: list[Leg] = [
        (codes.clearing(payment.processor, payment.currency), fresh),
        (codes.suspense(payment.processor, payment.currency), -fresh),
    ]
    return Draft(f"suspense:{payment.pk}:{received.amount}", "suspense", payment.ref, legs)


def fee(payment: Payment, kept: Money) -> Draft:
    """What the processor kept of it."""
    legs: list[Leg] = [
        (codes.expense(payment.processor, kept.currency), kept.amount),
        (codes.clearing(payment.processor, kept.currency), -kept.amount),
    ]
    return Draft(f"fee:{payment.pk}", "fee", payment.ref, legs)


def refund(refund: Refund, lines: Sequence[RefundLine]) -> Draft:
    """Each line back from where its money is now, at the capture's own rate; without lines it leaves suspense.

    Owed by value it crosses back at the rate of its price: the position gets the held money and gives the coins that
    leave. What a bank took by itself left clearing before: it is on `disputed:` until it is lost.
    """
    payment = refund.payment
    there = codes.clearing if refund.chargeback_id is None else codes.disputed
    legs: list[Leg] = [(there(payment.processor, payment.currency), -refund.sends.amount)]
    for line, leaves in zip(lines, _leaving(refund, lines), strict=True):
        legs.append((codes.parse(line.account, line.line.target_currency), line.target_minor))
        legs += across(line.target, leaves)
    if lines and refund.value_minor is None and refund.sends != refund.amount:  # that much was missing at capture
        legs.append((codes.expense("rounding", payment.currency), (refund.sends - refund.amount).amount))
    if not lines:
        suspense = codes.suspense(payment.processor, payment.currency)
        legs.append((suspense, refund.amount_minor))
    return Draft(refund_key(refund), "refund", refund.ref or payment.ref, legs + _commission_back(refund, lines))


def _leaving(refund: Refund, lines: Sequence[RefundLine]) -> list[Money]:
    """What crosses the position for each line: its share of what was paid, or of the coins that leave for its value."""
    paid = [Money(line.pay_minor, refund.payment.currency) for line in lines]
    if refund.value_minor is None or not lines:
        return paid
    return refund.sends.split(*(one.amount for one in paid))


def _commission_back(refund: Refund, lines: Sequence[RefundLine]) -> list[Leg]:
    """The platform earns nothing on what was taken back after release: the seller's debt is smaller by that."""
    if not refund.commission_minor:
        return []
    debt = next(line for line in lines if line.account.endswith(":debt"))
    currency = debt.line.target_currency
    return [
        (codes.income("commission", currency), refund.commission_minor),
        (codes.parse(debt.account, currency), -refund.commission_minor),
    ]


def reverse(draft: Draft) -> Draft:
    return Draft(f"{draft.key}:reversed", "reversal", draft.ref, [(code, -amount) for code, amount in draft.legs])


def refund_key(refund: Refund) -> str:
    return f"refund:{refund.pk}:{refund.attempt}"


def across(sell: Money, buy: Money) -> list[Leg]:
    """Legs on the platform's position: none within one currency."""
    if sell.currency == buy.currency:
        return []
    return [(codes.fx(sell.currency), -sell.amount), (codes.fx(buy.currency), buy.amount)]


def crossings(payment: Payment, lines: Iterable[PaymentLine]) -> list[Crossing]:
    """One per order and target currency, from the payment's currency."""
    return _summed(
        Crossing(line.ref, Money(line.pay_minor, payment.currency), line.target, line.seller) for line in lines
    )


def crossings_back(refund: Refund, lines: Sequence[RefundLine]) -> list[Crossing]:
    """What a refund takes back across the position."""
    leaving = zip(lines, _leaving(refund, lines), strict=True)
    return _summed(Crossing(refund.ref, line.target, leaves, line.line.seller) for line, leaves in leaving)


def _summed(found: Iterable[Crossing]) -> list[Crossing]:
    sums: dict[tuple[str, str, str], Crossing] = {}
    for one in found:
        key = (one.ref, one.sell.currency, one.buy.currency)
        if one.sell.currency == one.buy.currency:
            continue
        seen = sums.get(key)
        sums[key] = one if seen is None else one.joined(seen)
    return [one for one in sums.values() if one.sell or one.buy]


def record(key: str, payment: Payment, found: Iterable[Crossing]) -> None:
    """Rows for the netting window, one per crossing of the journal `key`."""
    found = list(found)
    counted = counts(key, payment, [(one.sell.currency, one.buy.currency) for one in found])
    for crossing in found:
        record_conversion(
            journal_key=key,
            ref=crossing.ref,
            quote=payment.quote,
            sell=crossing.sell,
            buy=crossing.buy,
            seller=crossing.seller,
            counted=counted,
        )


def record_following(found: Iterable[tuple[str, Payment, Crossing]]) -> None:
    """Like `record`, for one crossing of each of many journals that follow a capture and are new."""
    found = list(found)
    counted = counting({payment.pk: payment for _key, payment, _crossing in found}.values())
    record_conversions(
        Conversion(
            journal_key=key,
            ref=crossing.ref,
            quote_id=payment.quote_id,
            sell_currency=crossing.sell.currency,
            sell_minor=crossing.sell.amount,
            buy_currency=crossing.buy.currency,
            buy_minor=crossing.buy.amount,
            seller=crossing.seller,
            counted=payment.pk in counted,
        )
        for key, payment, crossing in found
    )


def missing_allowed(due: Money) -> Money:
    """How much of a coin may be missing: wallets round. Nothing of any other money."""
    if due.currency not in COINS:
        return Money(0, due.currency)
    return max(due.bps(TOLERANCE_BPS), Money(TOLERANCE_SAT, due.currency))


def _difference(payment: Payment, over: Money) -> list[Leg]:
    if over.amount < 0:
        return [(codes.expense("rounding", over.currency), -over.amount)]
    if over.amount <= DUST.get(over.currency, 0):
        return [(codes.income("rounding", over.currency), -over.amount)]
    return [(_excess(payment), -over.amount)]


def excess(payment: Payment) -> Money:
    """What a paid payment received beyond its amount and is the buyer's; dust is not."""
    over = payment.received - payment.amount
    return over if over.amount > DUST.get(over.currency, 0) else Money(0, over.currency)


def _excess(payment: Payment) -> codes.Code:
    if payment.user_id is None:
        return codes.suspense(payment.processor, payment.currency)
    return codes.buyer(payment.user_id, payment.currency)
