"""Held money becomes the seller's."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum

from fx.money import Money
from marketplace.models import User
from payments import booking
from payments.chargebacks.claims import is_with_the_bank
from payments.errors import ReleaseRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import Leg, post, posted
from payments.models import Payment, Refund, RefundLine
from payments.sellers.payable import lock_seller
from payments.sellers.reserves import keep


@dataclass(frozen=True, slots=True)
class KeepBack:
    """A shop's rolling reserve: `bps` of what would be payable, for `days`."""

    bps: int
    days: int


@transaction.atomic
def release(
    *,
    ref: str,
    payment: Payment,
    seller: User,
    held: Money,
    commission: Money,
    processing: Money,
    keep_back: KeepBack | None = None,
) -> None:
    """Give the seller what is held for the order `ref`, less commission and the quoted processor fee.

    All amounts in the seller's currency; `held` is what does not go back to the buyer. An open debt of
    the seller is paid first, then `keep_back` takes its part. `processing` goes to the processor's
    expense in the payment's currency, at the rate of the payment. Harmless when repeated. ReleaseRefused
    when `held` is not what is held.
    """
    key = f"release:{ref}"
    payment = Payment.objects.select_for_update(of=("self",)).select_related("quote").get(pk=payment.pk)
    if posted(key) is not None:
        return
    if is_with_the_bank(payment):
        raise ReleaseRefused(f"The bank of the buyer has the money of {ref}: nothing is released before it decides.")
    lock_seller(seller.pk)
    there = balance(codes.hold(ref, held.currency)) - _going_back(payment, ref, held.currency)
    if there != held or not held:
        raise ReleaseRefused(f"For {ref} {there} is held, not {held}.")
    covered = at_payment_rate(payment, ref, processing)
    legs: list[Leg] = [
        (codes.hold(ref, held.currency), held.amount),
        (codes.income("commission", held.currency), -commission.amount),
        *booking.across(processing, covered),
        (codes.expense(payment.processor, covered.currency), -covered.amount),
        *_to_seller(ref, seller, held - commission - processing, keep_back),
    ]
    post(key, "release", ref, legs)
    if covered.currency != processing.currency and processing:
        crossing = booking.Crossing(ref, processing, covered, seller)
        booking.record(key, payment, [crossing])


def _going_back(payment: Payment, ref: str, currency: str) -> Money:
    """Held money that is promised to the buyer and has not left yet; also what failed and is tried again."""
    waiting = (Refund.State.REQUESTED, Refund.State.NEEDS_ADDRESS, Refund.State.FAILED)
    lines = RefundLine.objects.filter(refund__payment=payment, refund__ref=ref, refund__state__in=waiting)
    minor = lines.filter(account=codes.hold(ref, currency).code).aggregate(sum=Sum("target_minor"))["sum"]
    return Money(int(minor or 0), currency)


def at_payment_rate(payment: Payment, ref: str, money: Money) -> Money:
    """`money` of the held currency in the payment's, at the rate of `ref`'s own lines, rounded down."""
    lines = [line for line in payment.lines.filter(ref=ref) if line.account.startswith("hold:")]
    target = sum(line.target_minor for line in lines)
    if not target:
        raise ReleaseRefused(f"Payment {payment.pk} holds nothing for {ref}.")
    if payment.currency == money.currency:
        return money
    paid = Money(sum(line.pay_minor for line in lines), payment.currency)
    return paid.times(money.amount, target)


def _to_seller(ref: str, seller: User, net: Money, keep_back: KeepBack | None) -> list[Leg]:
    """Debt first, then the reserve; a sale that costs more than it brings becomes debt."""
    debt_code = codes.seller_debt(seller.pk, net.currency)
    debt = balance(debt_code)
    if net.amount < 0:
        return [(debt_code, -net.amount)]
    repaid = min(debt, net)
    kept = keep(ref, seller, (net - repaid).bps(keep_back.bps), keep_back.days) if keep_back else net.times(0)
    return [
        (debt_code, -repaid.amount),
        (codes.seller_reserve(seller.pk, net.currency), -kept.amount),
        (codes.seller(seller.pk, net.currency), -(net - repaid - kept).amount),
    ]
