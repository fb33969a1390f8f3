"""Held money becomes the seller's."""

from __future__ import annotations

from django.db import transaction

from fx.money import Money
from marketplace.models import User
from payments import booking
from payments.errors import ReleaseRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import Leg, post, posted
from payments.models import Payment, Refund
from payments.sellers import lock_seller


@transaction.atomic
def release(
    *,
    ref: str,
    payment: Payment,
    seller: User,
    held: Money,
    commission: Money,
    processing: Money,
) -> None:
    """Give the seller what is held for the order `ref`, less commission and the quoted processor fee.

    All amounts in the seller's currency. An open debt of the seller is paid first. `processing` goes
    to the processor's expense in the payment's currency, at the rate of the payment. Harmless when
    repeated. ReleaseRefused when `held` is not what is held, or goes back to the buyer.
    """
    key = f"release:{ref}"
    payment = Payment.objects.select_for_update(of=("self",)).select_related("quote").get(pk=payment.pk)
    if posted(key) is not None:
        return
    if payment.refunds.filter(ref=ref).exclude(state=Refund.State.FAILED).exists():
        raise ReleaseRefused(f"What was paid for {ref} goes back to the buyer.")
    lock_seller(seller.pk)
    there = balance(codes.hold(ref, held.currency))
    if there != held:
        raise ReleaseRefused(f"For {ref} {there} is held, not {held}.")
    covered = at_payment_rate(payment, ref, processing)
    legs: list[Leg] = [
        (codes.hold(ref, held.currency), held.amount),
        (codes.income("commission", held.currency), -commission.amount),
        *booking.across(processing, covered),
        (codes.expense(payment.processor, covered.currency), -covered.amount),
        *_to_seller(seller, held - commission - processing),
    ]
    post(key, "release", ref, legs)
    if covered.currency != processing.currency and processing:
        crossing = booking.Crossing(ref, processing, covered, seller)
        booking.record(key, payment, [crossing])


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


def _to_seller(seller: User, net: Money) -> list[Leg]:
    """Debt first; a sale that costs more than it brings becomes debt."""
    debt_code = codes.seller_debt(seller.pk, net.currency)
    debt = balance(debt_code)
    if net.amount < 0:
        return [(debt_code, -net.amount)]
    repaid = min(debt, net)
    payable = codes.seller(seller.pk, net.currency)
    return [(debt_code, -repaid.amount), (payable, -(net - repaid).amount)]
