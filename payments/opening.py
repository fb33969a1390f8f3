"""Opening, capturing and closing a payment: rows only, nothing leaves."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from fx.models import Quote
from fx.money import Money, total
from marketplace.models import User
from payments.errors import PaymentRefused
from payments.ledger.codes import Code
from payments.models import Operation, Payment, PaymentLine
from payments.outbox import enqueue
from payments.processors import registry
from payments.spending import SLUG

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
) -> Payment:
    """The payment of `quote.pay`, to be created at the processor by an operation. A quote pays once.

    A second call with the same quote, reference and processor returns the first one's payment.
    """
    Quote.objects.select_for_update().get(pk=quote.pk)
    existing = Payment.objects.filter(quote=quote).first()
    if existing is not None:
        return _same(existing, ref, processor)
    _check(quote, processor, user, lines)
    payment = Payment.objects.create(
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
    PaymentLine.objects.bulk_create(_line(payment, draft) for draft in lines)
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


def _line(payment: Payment, draft: LineDraft) -> PaymentLine:
    return PaymentLine(
        payment=payment,
        ref=draft.ref,
        component=draft.component,
        seller=draft.seller,
        account=draft.account.code,
        target_currency=draft.target.currency,
        target_minor=draft.target.amount,
        pay_minor=draft.pay.amount,
    )
