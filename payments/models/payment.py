"""A payment is one attempt to collect one amount through one processor; a refund sends some of it back."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.models import Quote, RateSet
from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User


class RefundTerms(models.TextChoices):
    """What a refund of a payment gives back; agreed before paying and never changed."""

    ORIGINAL = "original", _("What was paid")
    VALUE = "value", _("Its value in the order's currency")
    COIN = "coin", _("The coins themselves until their window closes, then their value")


class Payment(models.Model):
    """`ref` is the caller's opaque reference (a checkout's public id). Only `payments.machine` changes `state`."""

    class State(models.TextChoices):
        CREATED = "created", _("Being prepared")
        PENDING = "pending", _("Waiting for you")
        ACTION = "action", _("Waiting for your confirmation")
        PARTIAL = "partial", _("Partly paid")
        SEEN = "seen", _("Seen, waiting for confirmations")
        AUTHORIZED = "authorized", _("Authorized")
        CAPTURED = "captured", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")
        UNDERPAID = "underpaid", _("Underpaid")
        LATE = "late", _("Paid too late")
        RETURNING = "returning", _("Being returned")
        RETURNED = "returned", _("Returned")

    # What the processor can still say about a payment that nobody paid so far.
    NEWS = {"seen", "partial", "authorized", "captured", "failed", "canceled", "expired", "underpaid", "late"}
    # The whole life of a payment. What is not listed here cannot happen.
    # LATE is also where money ends that comes after another payment of the same ref was captured.
    NEXT: ClassVar[dict[str, set[str]]] = {
        State.CREATED: {"pending", "action", *NEWS},
        State.PENDING: {"action", *NEWS},
        State.ACTION: {"pending", *NEWS},
        # Back to waiting: a reorganisation of the chain.
        State.PARTIAL: {"pending", "action", "seen", "captured", "underpaid", "expired", "late"},
        State.SEEN: {"pending", "action", "partial", "captured", "underpaid", "expired", "late"},
        State.AUTHORIZED: {"captured", "canceled", "expired", "failed", "late"},
        # Not the end: another card pays the same intent.
        State.FAILED: {"pending", "action", "authorized", "captured", "canceled", "expired", "late"},
        State.EXPIRED: {"late"},
        State.CANCELED: {"late"},
        State.LATE: {"returning"},
        State.UNDERPAID: {"returning", "late"},
        State.RETURNING: {"returned"},
        State.CAPTURED: set(),
        State.RETURNED: set(),
    }
    OPEN: ClassVar[set[str]] = {
        State.CREATED,
        State.PENDING,
        State.ACTION,
        State.PARTIAL,
        State.SEEN,
        State.AUTHORIZED,
        State.FAILED,
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)  # none: a guest
    ref = models.CharField(max_length=64)
    processor = models.CharField(max_length=32)
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    received_minor = models.BigIntegerField(default=0)  # confirmed so far; after capture at least the amount
    fee_minor = models.BigIntegerField(null=True, blank=True)  # the processor's actual fee, in `currency`
    state = models.CharField(max_length=12, choices=State, default=State.CREATED)
    # Fixed when the payment is opened, by a trigger too: payments/sql/refund_terms.sql.
    refund_terms = models.CharField(max_length=10, choices=RefundTerms, default=RefundTerms.ORIGINAL)
    coin_window_hours = models.PositiveSmallIntegerField(default=0)  # after capture; with the terms "coin" alone
    processor_ref = models.CharField(max_length=128, blank=True)
    client = models.JSONField(default=dict, blank=True)  # what the browser needs: client_secret, address, URI
    problem = models.TextField(blank=True)  # what the processor said when it declined, for the buyer
    return_url = models.URLField(max_length=500)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    monitor_until = models.DateTimeField()  # money that comes later than this is for the reconciliation
    captured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, received_minor__gte=0),
                name="payment_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(refund_terms="coin", coin_window_hours__gt=0)
                | ~models.Q(refund_terms="coin") & models.Q(coin_window_hours=0),
                name="payment_coin_window",
            ),
            models.UniqueConstraint(
                fields=["processor", "processor_ref"],
                condition=~models.Q(processor_ref=""),
                name="payment_processor_ref_once",
            ),
            models.UniqueConstraint(
                fields=["ref"],
                condition=models.Q(state="captured"),
                name="payment_captured_once_per_ref",
            ),
        ]
        indexes = [models.Index(fields=["processor", "state"], name="payment_open")]  # chain polls and sweeps

    def __str__(self) -> str:
        return f"{self.ref} {self.amount} by {self.processor}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def received(self) -> Money:
        return Money(self.received_minor, self.currency)

    @property
    def coin_until(self) -> dt.datetime | None:
        """Until then the coins themselves go back; none where that was not agreed, or nothing is paid yet."""
        if self.refund_terms != RefundTerms.COIN or self.captured_at is None:
            return None
        return self.captured_at + dt.timedelta(hours=self.coin_window_hours)

    @property
    def goes_back_by_value(self) -> bool:
        """Whether a refund that is asked for now is owed in the order's currency."""
        until = self.coin_until
        return self.refund_terms != RefundTerms.ORIGINAL and (until is None or now() >= until)


class PaymentLine(models.Model):
    """One component of one order in a payment: `pay_minor` of the payment's currency becomes `target` on `account`.

    `account` is the code that is credited at capture, as `payments.ledger.codes` builds it: a hold, tax or duty.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="lines")
    ref = models.CharField(max_length=32)  # the order's number
    component = models.CharField(max_length=10)
    seller = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    account = models.CharField(max_length=120)
    target_currency = models.CharField(max_length=8)
    target_minor = models.BigIntegerField()
    pay_minor = models.BigIntegerField()
    value_minor = models.BigIntegerField(default=0)  # what it is of the quote's amount, in the quote's currency

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "ref", "component"], name="payment_line_once"),
            models.CheckConstraint(
                condition=models.Q(target_minor__gte=0, pay_minor__gte=0, value_minor__gte=0),
                name="payment_line_not_negative",
            ),
        ]

    @property
    def target(self) -> Money:
        return Money(self.target_minor, self.target_currency)


class Refund(models.Model):
    """Money on its way back to the buyer, for one order. Together they are never more than was received.

    One that failed is still owed: it is tried again or sent by hand, and counts against what is left.
    `amount` is its share of what was paid. Owed by value, another amount of coin leaves for it: `sends`, once it is
    priced (`payments.refunds.prices`).
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        NEEDS_ADDRESS = "needs_address", _("Needs an address from the buyer")
        SENT = "sent", _("Sent")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.NEEDS_ADDRESS: {State.REQUESTED},
        State.REQUESTED: {State.SENT, State.SUCCEEDED, State.FAILED},
        State.SENT: {State.SUCCEEDED, State.FAILED},
        State.FAILED: {State.REQUESTED},
        State.SUCCEEDED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    ref = models.CharField(max_length=32)  # the order's number; empty: money that never became an order
    reason = models.CharField(max_length=40)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    # The platform's commission that goes back to the seller with it, in the held currency: after release only.
    commission_minor = models.BigIntegerField(default=0)
    # What is owed for it in the order's currency; none: what was paid goes back.
    value_currency = models.CharField(max_length=8, blank=True)
    value_minor = models.BigIntegerField(null=True, blank=True)
    sends_minor = models.BigIntegerField(null=True, blank=True)  # the coin that leaves for it, where that differs
    state = models.CharField(max_length=16, choices=State, default=State.REQUESTED)
    # The buyer's bank has taken this money by itself: nothing is sent.
    chargeback = models.ForeignKey(
        "payments.Chargeback", null=True, blank=True, on_delete=models.PROTECT, related_name="refunds"
    )
    destination = models.CharField(max_length=128, blank=True)  # coin only: the buyer's address
    processor_ref = models.CharField(max_length=128, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)  # each try has its own operation and journal
    problem = models.TextField(blank=True)
    # None: a deadline or the machine.
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=now)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)  # coin only: when the buyer is asked for an address again

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, commission_minor__gte=0), name="refund_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(value_minor=None, value_currency="")
                | models.Q(value_minor__gt=0) & ~models.Q(value_currency=""),
                name="refund_value",
            ),
            models.CheckConstraint(
                condition=models.Q(sends_minor=None) | models.Q(sends_minor__gt=0), name="refund_sends"
            ),
            models.UniqueConstraint(
                fields=["payment", "processor_ref"],
                condition=~models.Q(processor_ref=""),
                name="refund_processor_ref_once",
            ),
        ]
        indexes = [
            # Read by orders.returns.coinletters: whose address is missing.
            models.Index(fields=["remind_at"], condition=models.Q(state="needs_address"), name="refund_remind"),
        ]

    def __str__(self) -> str:
        return f"{self.owed} for {self.ref or self.payment_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def owed(self) -> Money:
        """What the buyer is told: the value where that is owed, else what goes back of what was paid."""
        if self.value_minor is not None:
            return Money(self.value_minor, self.value_currency)
        return self.amount if self.sends_minor is None else self.sends

    @property
    def sends(self) -> Money:
        """What leaves for it. Of a refund by value only once it is priced."""
        return Money(self.amount_minor if self.sends_minor is None else self.sends_minor, self.currency)

    @property
    def is_priced(self) -> bool:
        """Whether it is known how much leaves."""
        return self.value_minor is None or self.sends_minor is not None


class RefundLine(models.Model):
    """What a refund takes of one line of its payment: `target_minor` out of `account`, `pay_minor` to the buyer.

    `account` is the line's own while the money is held, the seller's debt once it was released.
    """

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(PaymentLine, on_delete=models.PROTECT, related_name="refund_lines")
    account = models.CharField(max_length=120)
    target_minor = models.BigIntegerField()
    pay_minor = models.BigIntegerField()
    value_minor = models.BigIntegerField(default=0)  # the same of the line's value

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="refund_line_once"),
            models.CheckConstraint(
                condition=models.Q(target_minor__gte=0, pay_minor__gte=0, value_minor__gte=0),
                name="refund_line_not_negative",
            ),
        ]

    @property
    def target(self) -> Money:
        return Money(self.target_minor, self.line.target_currency)


class RefundPrice(models.Model):
    """What the value of a refund was in coin at one moment: so much leaves for it until `expires_at`.

    The latest one counts. Earlier ones stay: what was sent in time at their amount is that refund, too.
    """

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="prices")
    value_currency = models.CharField(max_length=8)
    value_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    sends_minor = models.BigIntegerField()
    rate_set = models.ForeignKey(RateSet, on_delete=models.PROTECT)
    rate = models.CharField(max_length=40)  # units of the order's currency for one coin, to be shown
    source = models.CharField(max_length=130)
    locked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value_minor__gt=0, sends_minor__gt=0), name="refund_price_positive"
            )
        ]

    @property
    def sends(self) -> Money:
        return Money(self.sends_minor, self.currency)

    @property
    def is_live(self) -> bool:
        return now() < self.expires_at
