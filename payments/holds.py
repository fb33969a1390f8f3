"""Held money becomes the seller's: of one order, or of many in one transaction by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from fx.money import Money
from marketplace.models import User
from payments import booking
from payments.chargebacks.claims import with_the_bank
from payments.errors import ReleaseRefused
from payments.ledger import codes
from payments.ledger.balances import balances
from payments.ledger.posting import Draft, Leg, post_all, posted_among
from payments.models import Payment, PaymentLine, Refund, RefundLine, Reserve
from payments.netting import rebates
from payments.sellers.payable import lock_sellers
from payments.sellers.reserves import kept_of

WAITING = (Refund.State.REQUESTED, Refund.State.NEEDS_ADDRESS, Refund.State.FAILED)


@dataclass(frozen=True, slots=True)
class KeepBack:
    """A shop's rolling reserve: `bps` of what would be payable, for `days`."""

    bps: int
    days: int


@dataclass(frozen=True, slots=True)
class Release:
    """Give `seller` what is held for the order `ref`, less commission and the quoted processor fee.

    All amounts in the seller's currency; `held` is what does not go back to the buyer. An open debt of
    the seller is paid first, then `keep_back` takes its part. `processing` goes to the processor's
    expense in the payment's currency, at the rate of the payment.
    """

    ref: str
    payment: Payment
    seller: User
    held: Money
    commission: Money
    processing: Money
    keep_back: KeepBack | None = None

    @property
    def key(self) -> str:
        return f"release:{self.ref}"

    @property
    def hold(self) -> codes.Code:
        return codes.hold(self.ref, self.held.currency)

    @property
    def debt(self) -> codes.Code:
        return codes.seller_debt(self.seller.pk, self.held.currency)


@transaction.atomic
def release_all(asked: Sequence[Release]) -> None:
    """Release each, as if one after the other; all or none. One that was released before is left as it is.

    ReleaseRefused when for one of them `held` is not what is held, or its buyer's bank has the money.
    """
    payments = _locked({one.payment.pk for one in asked})
    done = posted_among([one.key for one in asked])
    fresh = [one for one in asked if one.key not in done]
    if not fresh:
        return
    asking = with_the_bank(payments.values())
    for one in fresh:
        if one.payment.pk in asking:
            raise ReleaseRefused(
                f"The bank of the buyer has the money of {one.ref}: nothing is released before it decides."
            )
    lock_sellers({one.seller.pk for one in fresh})
    books = _Books(fresh, payments)
    post_all([books.draft(one) for one in fresh])
    Reserve.objects.bulk_create(books.kept)
    booking.record_following(books.crossed)
    rebates.follow_all({(one.payment.pk, one.ref) for one in fresh})


class _Books:
    """What a set of releases needs to know, read at once; what a seller owes falls with each draft that repays some."""

    def __init__(self, asked: Sequence[Release], payments: dict[UUID, Payment]) -> None:
        self.payments = payments
        self.kept: list[Reserve] = []
        self.crossed: list[tuple[str, Payment, booking.Crossing]] = []
        self.balances = balances(code for one in asked for code in (one.hold, one.debt))
        self.back = _going_back(asked)
        self.rates = _rates(asked)

    def draft(self, one: Release) -> Draft:
        currency = one.held.currency
        there = self.balances[one.hold.code] - Money(self.back.get((one.payment.pk, one.hold.code), 0), currency)
        if there != one.held or not one.held:
            raise ReleaseRefused(f"For {one.ref} {there} is held, not {one.held}.")
        payment = self.payments[one.payment.pk]
        covered = self._at_payment_rate(payment, one)
        legs: list[Leg] = [
            (one.hold, one.held.amount),
            (codes.income("commission", currency), -one.commission.amount),
            *booking.across(one.processing, covered),
            (codes.expense(payment.processor, covered.currency), -covered.amount),
            *self._to_seller(one),
        ]
        if covered.currency != currency and one.processing:
            self.crossed.append((one.key, payment, booking.Crossing(one.ref, one.processing, covered, one.seller)))
        return Draft(one.key, "release", one.ref, legs)

    def _at_payment_rate(self, payment: Payment, one: Release) -> Money:
        """`processing` in the payment's currency, at the rate of the order's own lines, rounded down."""
        target, paid = self.rates.get((payment.pk, one.ref), (0, 0))
        if not target:
            raise ReleaseRefused(f"Payment {payment.pk} holds nothing for {one.ref}.")
        if payment.currency == one.processing.currency:
            return one.processing
        return Money(paid, payment.currency).times(one.processing.amount, target)

    def _to_seller(self, one: Release) -> list[Leg]:
        """Debt first, then the reserve; a sale that costs more than it brings becomes debt."""
        net = one.held - one.commission - one.processing
        debt = self.balances[one.debt.code]
        if net.amount < 0:
            self.balances[one.debt.code] = debt - net
            return [(one.debt, -net.amount)]
        repaid = min(debt, net)
        self.balances[one.debt.code] = debt - repaid
        kept = self._keep(one, net - repaid)
        return [
            (one.debt, -repaid.amount),
            (codes.seller_reserve(one.seller.pk, net.currency), -kept.amount),
            (codes.seller(one.seller.pk, net.currency), -(net - repaid - kept).amount),
        ]

    def _keep(self, one: Release, left: Money) -> Money:
        back = one.keep_back
        row = kept_of(one.ref, one.seller, left.bps(back.bps), back.days) if back else None
        if row is None:
            return left.times(0)
        self.kept.append(row)
        return row.amount


def _locked(ids: set[UUID]) -> dict[UUID, Payment]:
    """In the one order that keeps two sets from waiting for each other."""
    rows = Payment.objects.select_for_update(of=("self",)).defer("client").filter(pk__in=ids)
    return {payment.pk: payment for payment in rows.order_by("pk")}


def _going_back(asked: Sequence[Release]) -> dict[tuple[UUID, str], int]:
    """Held money that is promised to the buyer and has not left yet, by payment and hold; also what failed and is tried
    again."""
    lines = RefundLine.objects.filter(
        refund__payment__in={one.payment.pk for one in asked},
        refund__ref__in=[one.ref for one in asked],
        refund__state__in=WAITING,
        account__in=[one.hold.code for one in asked],
    )
    sums = lines.values_list("refund__payment", "account").annotate(sum=Sum("target_minor"))
    return {(payment, account): int(minor) for payment, account, minor in sums}


def _rates(asked: Sequence[Release]) -> dict[tuple[UUID, str], tuple[int, int]]:
    """What is held of each order, in its currency and in the payment's, by payment and order."""
    lines = PaymentLine.objects.filter(
        payment__in={one.payment.pk for one in asked}, ref__in=[one.ref for one in asked], account__startswith="hold:"
    )
    sums = lines.values_list("payment", "ref").annotate(Sum("target_minor"), Sum("pay_minor"))
    return {(payment, ref): (int(target), int(paid)) for payment, ref, target, paid in sums}
