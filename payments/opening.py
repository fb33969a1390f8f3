"""Opening, capturing and closing a payment: rows only, nothing leaves."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from fx.models import Quote
from fx.money import COINS, Money, total
from marketplace.models import User
from payments.calls.outbox import enqueue
from payments.errors import PaymentRefused
from payments.ledger.codes import Code
from payments.models import Operation, Payment, PaymentLine, RefundTerms
from payments.processors import registry
from payments.sellers.spending import SLUG

log = logging.getLogger(__name__)
MONITORED = dt.timedelta(days=1)  # coins seen in time are waited for that long
ENDED = {Operation.State.DONE, Operation.State.FAILED, Operation.State.DEAD}


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One component of the order `ref`: `pay` of the payment's currency becomes `target` there."""

    ref: str
    component: str
    seller: User | None
    account: Code
    target: Money
    pay: Money
    value: Money | None = None  # of the quote's amount; none: in proportion to `pay`


@transaction.atomic
def open_payment(
    *,
    quote: Quote,
    user: User | None,
    ref: str,
    processor: str,
    lines: Sequence[LineDraft],
    return_url: str,
    expires_at: dt.datetime,
    refund_terms: str = RefundTerms.VALUE,
) -> Payment:
    """The payment of `quote.pay`, to be created at the processor by an operation. A quote pays once.

    `refund_terms`, the buyer's choice, count where a coin pays what is priced in another currency.
    A second call with the same quote, reference and processor returns the first one's payment.
    """
    Quote.objects.select_for_update().get(pk=quote.pk)
    existing = Payment.objects.filter(quote=quote).first()
    if existing is not None:
        return _same(existing, ref, processor)
    _check(quote, processor, user, lines)
    terms, hours = _terms(quote, processor, refund_terms)
    payment = Payment.objects.create(
        refund_terms=terms,
        coin_window_hours=hours,
        quote=quote,
        user=user,
        ref=ref,
        processor=processor,
        currency=quote.pay_currency,
        amount_minor=quote.pay_minor,
        return_url=return_url,
        expires_at=expires_at,
        monitor_until=expires_at + MONITORED,
    )
    values = _values(quote, lines)
    PaymentLine.objects.bulk_create(_line(payment, *one) for one in zip(lines, values, strict=True))
    enqueue(Operation.Kind.CREATE, processor=processor, key=f"create:{payment.pk}", subject=payment.pk)
    return payment


@transaction.atomic
def capture_payment(payment: Payment) -> Operation:
    """Take what was authorized. PaymentRefused in any other state."""
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state != Payment.State.AUTHORIZED:
        raise PaymentRefused(f"Payment {payment.pk} is {payment.state}; only authorized ones wait.")
    key = f"capture:{payment.pk}"
    return enqueue(Operation.Kind.CAPTURE, processor=payment.processor, key=key, subject=payment.pk)


@transaction.atomic
def close_payment(payment: Payment, *, why: str) -> Operation | None:
    """Ask the processor to end an open payment. None when it is not open any more.

    The payment is closed only when the processor confirms; money that was faster is captured.
    """
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state not in Payment.OPEN:
        return None
    earlier = Operation.objects.filter(kind=Operation.Kind.CANCEL, subject=payment.pk)
    waiting = earlier.exclude(state__in=ENDED).first()
    log.info("Closing payment %s: %s", payment.pk, why)
    return waiting or enqueue(
        Operation.Kind.CANCEL,
        processor=payment.processor,
        key=f"cancel:{payment.pk}:{earlier.count() + 1}",
        subject=payment.pk,
    )


def _same(payment: Payment, ref: str, processor: str) -> Payment:
    if (payment.ref, payment.processor) != (ref, processor):
        raise PaymentRefused(
            f"Quote {payment.quote_id} already pays {payment.ref} by {payment.processor}. "
            f"Ask for a new quote to pay {ref} by {processor}."
        )
    return payment


def _check(quote: Quote, processor: str, user: User | None, lines: Sequence[LineDraft]) -> None:
    if not registry.get(processor).takes_payments:
        raise PaymentRefused(f"{processor} takes no payments.")
    if processor == SLUG and user is None:
        raise PaymentRefused("Nobody's sales balance pays this. Sign in, or choose another way to pay.")
    paid = total((line.pay for line in lines), quote.pay_currency)
    if paid != quote.pay:
        raise PaymentRefused(f"The lines pay {paid}, the quote {quote.pk} says {quote.pay}.")
    for line in lines:
        if line.account.currency != line.target.currency:
            raise PaymentRefused(f"{line.account.code} cannot keep {line.target}.")
        if line.pay.currency == line.target.currency and line.pay != line.target:
            raise PaymentRefused(f"{line.pay} cannot become {line.target} in one currency.")


def _terms(quote: Quote, processor: str, wanted: str) -> tuple[RefundTerms, int]:
    """What was agreed on refunds, and for how many hours after capture the coins themselves go back."""
    if quote.pay_currency not in COINS or quote.pay_currency == quote.currency:
        return RefundTerms.ORIGINAL, 0
    if wanted not in {RefundTerms.VALUE, RefundTerms.COIN}:
        raise PaymentRefused(f"{wanted!r} are no terms of a refund. Choose value or coin.")
    if wanted == RefundTerms.VALUE:
        return RefundTerms.VALUE, 0
    hours = registry.get(processor).refund_window_hours
    if not hours:
        raise PaymentRefused(_("These coins are refunded at their value only. Choose that."))
    return RefundTerms.COIN, hours


def _values(quote: Quote, lines: Sequence[LineDraft]) -> list[Money]:
    given = [line.value for line in lines if line.value is not None]
    if len(given) < len(lines):
        return quote.amount.split(*(line.pay.amount for line in lines))
    if (whole := total(given, quote.currency)) != quote.amount:
        raise PaymentRefused(f"The lines are worth {whole}, the quote {quote.pk} says {quote.amount}.")
    return given


def _line(payment: Payment, draft: LineDraft, value: Money) -> PaymentLine:
    return PaymentLine(
        payment=payment,
        ref=draft.ref,
        component=draft.component,
        seller=draft.seller,
        account=draft.account.code,
        target_currency=draft.target.currency,
        target_minor=draft.target.amount,
        pay_minor=draft.pay.amount,
        value_minor=value.amount,
    )
