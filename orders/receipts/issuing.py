"""When a receipt is written: once a checkout is paid, and anew whenever money of it has come back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation

from orders.models import Checkout, Order
from orders.receipts.body import body
from orders.receipts.document import write
from payments.models import Paper, Payment, Refund, Series
from payments.papers import issuing

RECEIPT = Series.Kind.RECEIPT
AT_ONCE = 200


def due() -> list[int]:
    """Checkouts with money that no receipt names: paid, or given back after the first receipt."""
    unsaid = Refund.objects.filter(payment=OuterRef("payment"), state=Refund.State.SUCCEEDED, said_on=None).exclude(
        ref=""
    )
    paid = Exists(Order.objects.filter(checkout=OuterRef("pk"), paid_at__isnull=False))
    waiting = Checkout.objects.filter(Q(payment__said_on=None) | Exists(unsaid), paid)
    captured = waiting.filter(payment__state=Payment.State.CAPTURED)
    return list(captured.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def issue(checkout_id: int) -> Paper | None:
    """The next receipt; none when there is nothing new to say. Harmless when repeated, and in two places at once."""
    checkout = Checkout.objects.select_for_update().get(pk=checkout_id)
    payment = Payment.objects.select_related("quote").get(pk=checkout.payment_id)
    if payment.state != Payment.State.CAPTURED or not checkout.orders.filter(paid_at__isnull=False).exists():
        return None
    back = list(_given_back(payment))
    says: list[Payment | Refund] = [*_unsaid(payment), *(refund for refund in back if not hasattr(refund, "said_on"))]
    if not says:
        return None
    with translation.override(checkout.language):
        said = body(checkout, payment, back)
    return issuing.issue(
        kind=RECEIPT,
        ref=checkout.public_id,
        body=said,
        write=lambda number, at, before: write(said, number=number, at=at, before=before, language=checkout.language),
        says=says,
    )


def of_checkout(checkout: Checkout) -> list[Paper]:
    """All receipts, the one that counts first."""
    return list(Paper.objects.filter(kind=RECEIPT, ref=checkout.public_id).defer("pdf").order_by("-version"))


def _given_back(payment: Payment) -> list[Refund]:
    refunds = payment.refunds.filter(state=Refund.State.SUCCEEDED).exclude(ref="")
    return list(refunds.select_related("said_on").order_by("succeeded_at", "pk"))


def _unsaid(payment: Payment) -> list[Payment]:
    return [] if hasattr(payment, "said_on") else [payment]
