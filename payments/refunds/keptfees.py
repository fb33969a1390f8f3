"""The fee that a processor keeps of a payment that goes back because of the seller is the seller's debt."""

from __future__ import annotations

from fx.money import Money
from payments import booking
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import Payment
from payments.sellers.payable import lock_seller

SELLERS_FAULT = frozenset({"never_shipped", "seller_canceled"})


def charge_kept_fees(payment: Payment) -> None:
    """Orders that were never shipped: their share of the processor's fee is the seller's debt."""
    if not payment.fee_minor:
        return
    shares = shares_of(payment, payment.fee_minor)
    for ref in (
        payment.refunds.filter(reason__in=SELLERS_FAULT).order_by("ref").values_list("ref", flat=True).distinct()
    ):
        _charge(payment, ref, shares[ref])


def _charge(payment: Payment, ref: str, kept: Money) -> None:
    lines = [line for line in payment.lines.filter(ref=ref) if line.account.startswith("hold:")]
    pay, target = sum(line.pay_minor for line in lines), sum(line.target_minor for line in lines)
    seller_id = lines[0].seller_id if lines else None
    owed = Money(kept.amount * target // pay, lines[0].target_currency) if pay else None
    if seller_id is None or not owed or not kept:
        return
    lock_seller(seller_id)
    key = f"kept:{payment.pk}:{ref}"
    post(
        key,
        "kept_fee",
        ref,
        [
            (codes.seller_debt(seller_id, owed.currency), owed.amount),
            *booking.across(owed, kept),
            (codes.expense(payment.processor, kept.currency), -kept.amount),
        ],
    )
    if owed.currency != kept.currency:
        seller = lines[0].seller
        booking.record(key, payment, [booking.Crossing(ref, owed, kept, seller)])


def shares_of(payment: Payment, fee_minor: int) -> dict[str, Money]:
    """The fee by order, in proportion to what was paid for each."""
    paid: dict[str, int] = {}
    for line in sorted(payment.lines.all(), key=lambda line: (line.ref, line.pk)):
        paid[line.ref] = paid.get(line.ref, 0) + line.pay_minor
    shares = Money(fee_minor, payment.currency).split(*paid.values())
    return dict(zip(paid, shares, strict=True))
