"""The buyer's bank asks for money back, or takes it; and what is kept from a seller meanwhile."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models.payment import Payment

# What the banks' reasons mean, by the names that processors give them; others are shown as they are.
REASONS = {
    "fraudulent": _("somebody else used the card"),
    "unrecognized": _("the buyer does not know the payment"),
    "product_not_received": _("nothing arrived"),
    "product_unacceptable": _("not as described, damaged or counterfeit"),
    "credit_not_processed": _("a refund that was due did not come"),
    "duplicate": _("paid twice for the same"),
    "general": _("no reason given"),
}


class Chargeback(models.Model):
    """What a buyer's bank asks back of one payment. Only `payments.chargebacks` changes it, by the processor's news.

    It is unsettled, and the payment's orders stand still, until `settled_at`: then every order has what became of it.
    """

    class Kind(models.TextChoices):
        INQUIRY = "inquiry", _("Inquiry")  # the bank asks; no money moved
        CHARGEBACK = "chargeback", _("Chargeback")

    class State(models.TextChoices):
        OPENED = "opened", _("Needs an answer")
        SUBMITTED = "submitted", _("The bank decides")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", _("Withdrawn")  # by the buyer or the bank, without a decision

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.OPENED: {State.SUBMITTED, State.WON, State.LOST, State.ACCEPTED, State.CLOSED},
        State.SUBMITTED: {State.WON, State.LOST, State.ACCEPTED, State.CLOSED},
        State.WON: set(),
        State.LOST: set(),
        State.ACCEPTED: set(),
        State.CLOSED: set(),
    }
    OPEN: ClassVar[set[str]] = {State.OPENED, State.SUBMITTED}
    # Where it may go when the bank has moved money once more: an inquiry that became real, a decision that was revised.
    AGAIN: ClassVar[dict[str, set[str]]] = {
        State.OPENED: set(),
        State.SUBMITTED: {State.OPENED},
        State.WON: {State.OPENED, State.SUBMITTED, State.LOST},
        State.CLOSED: {State.OPENED, State.SUBMITTED, State.WON, State.LOST},
        State.ACCEPTED: {State.OPENED, State.SUBMITTED, State.WON, State.LOST},
        State.LOST: {State.WON},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="chargebacks")
    processor = models.CharField(max_length=32)
    processor_ref = models.CharField(max_length=128)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.OPENED)
    reason = models.CharField(max_length=64, blank=True)  # the bank's, as the processor words it
    currency = models.CharField(max_length=8)  # the payment's
    amount_minor = models.BigIntegerField()
    withdrawn_minor = models.BigIntegerField(default=0)  # with the bank now
    moves = models.PositiveSmallIntegerField(default=0)  # how often the bank moved money; tells old news
    fee_minor = models.BigIntegerField(default=0)
    fee_currency = models.CharField(max_length=8, blank=True)
    loss_minor = models.BigIntegerField(default=0)  # lost, and nobody's: the platform's expense
    due_at = models.DateTimeField(null=True, blank=True)  # until then the bank takes our answer
    opened_at = models.DateTimeField(default=now)
    taken_at = models.DateTimeField(null=True, blank=True)  # when money left, the last time
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    accepted_why = models.TextField(max_length=2000, blank=True)

    class Meta:
        verbose_name = _("chargeback")
        verbose_name_plural = _("chargebacks")
        constraints = [
            models.UniqueConstraint(fields=["processor", "processor_ref"], name="chargeback_processor_ref_once"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, withdrawn_minor__gte=0, loss_minor__gte=0, fee_minor__gte=0),
                name="chargeback_not_negative",
            ),
        ]
        indexes = [
            # Read by the guards of refund and release, the sweep that settles, and the queue.
            models.Index(fields=["payment"], condition=models.Q(settled_at=None), name="chargeback_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.processor_ref}: {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def withdrawn(self) -> Money:
        return Money(self.withdrawn_minor, self.currency)

    @property
    def fee(self) -> Money | None:
        return Money(self.fee_minor, self.fee_currency) if self.fee_currency else None

    @property
    def reason_in_words(self) -> str:
        return str(REASONS.get(self.reason) or self.reason.replace("_", " ") or REASONS["general"])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class ContestedMoney(models.Model):
    """What was payable of a released order that a chargeback asks for: on `seller:…:contested` until it ends."""

    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="contested")
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contested_money")
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    contested_at = models.DateTimeField(default=now)
    freed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chargeback", "seller", "currency"],
                condition=models.Q(freed_at=None),
                name="contested_money_once",
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="contested_money_positive"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class EvidencePack(models.Model):
    """Our answer to the bank: one document and what its form asks for. A draft until it is sent; then it stays.

    Its id makes the key of the call that sends it. `refused`: the processor would not have it, and surely does not.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="packs")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    facts = models.JSONField(default=dict)  # under the names of `payments.processors.base.FACTS`
    made_at = models.DateTimeField(default=now)
    made_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # none: the deadline
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    refused = models.TextField(blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering: ClassVar[list[str]] = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["chargeback"], condition=models.Q(sent_at=None), name="evidence_one_draft"),
            models.CheckConstraint(
                condition=models.Q(refused="") | models.Q(sent_at__isnull=False), name="evidence_refused_was_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chargeback.processor_ref}, {self.made_at:%Y-%m-%d %H:%M} UTC"

    @property
    def key(self) -> str:
        """Of the call that sends it."""
        return f"evidence:{self.pk}"

    @property
    def size(self) -> int:
        return len(self.pdf)
