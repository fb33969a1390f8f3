"""Work to do, news that arrived, and what a person has to look at: rows; Celery only rings the bell."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User


class Operation(models.Model):
    """One call to a processor: outbox, idempotency key and recovery point in one row.

    `key` goes to the processor, so a repeated call has one effect. `subject` is the id of what it is about: payment,
    refund, payout, evidence, chargeback.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("Create payment")
        CAPTURE = "capture", _("Capture")
        CANCEL = "cancel", _("Cancel")
        REFUND = "refund", _("Refund")
        PAYOUT = "payout", _("Payout")
        FETCH = "fetch", _("Fetch")
        EVIDENCE = "evidence", _("Send evidence")
        CONCEDE = "concede", _("Accept chargeback")

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        RUNNING = "running", _("Running")
        UNKNOWN = "unknown", _("Outcome unknown")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        DEAD = "dead", _("Needs a person")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    processor = models.CharField(max_length=32)
    key = models.CharField(max_length=120, unique=True)
    subject = models.UUIDField()
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_at = models.DateTimeField(default=now)
    locked_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)  # the first try whose effect is not surely none
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        indexes = [
            # Read by the sweep that runs due operations.
            models.Index(
                fields=["run_at"],
                condition=models.Q(state__in=["ready", "running", "unknown"]),
                name="operation_due",
            ),
            models.Index(fields=["subject"], name="operation_subject"),  # what was tried for one payment or refund
        ]

    def __str__(self) -> str:
        return self.key


class InboxEvent(models.Model):
    """A webhook as it came, once per processor and event id, with a verified signature; a task applies it later.

    `news` lists what it is about, as {"kind", "ref", "key"}; its state is never trusted but fetched.
    """

    processor = models.CharField(max_length=32)
    event_id = models.CharField(max_length=128)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    news = models.JSONField(default=list)
    received_at = models.DateTimeField(default=now)
    processed_at = models.DateTimeField(null=True, blank=True)
    run_at = models.DateTimeField(default=now)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [models.UniqueConstraint(fields=["processor", "event_id"], name="inbox_event_once")]
        indexes = [
            # Read by the sweep that applies events.
            models.Index(
                fields=["run_at"],
                condition=models.Q(processed_at=None, dead_at=None),
                name="inbox_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.processor} {self.event_id}"


class Case(models.Model):
    """Something about money that only a person can settle. One is open per kind and reference; nothing moved."""

    class Kind(models.TextChoices):
        CONTRADICTION = "contradiction", _("The processor contradicts itself")
        AMOUNT = "amount", _("The amount differs")
        CURRENCY = "currency", _("The currency differs")
        BINDING = "binding", _("The reference belongs to another payment")
        STRANGER = "stranger", _("Nothing of ours has this reference")
        REVERSED = "reversed", _("Taken back after it was paid")
        OUT_OF_TIME = "out_of_time", _("Money out of time")
        REFUSED = "refused", _("The processor refused our request")
        SCREENED = "screened", _("The screening has something against it")
        BY_HAND = "by_hand", _("A person has to send it")
        GONE = "gone", _("The chain does not show what we sent")
        BANK_LINE = "bank_line", _("A bank statement shows what nothing explains")
        DEAD = "dead", _("The outcome could not be learnt")

    kind = models.CharField(max_length=16, choices=Kind)
    processor = models.CharField(max_length=32)
    ref = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "processor", "ref"],
                condition=models.Q(closed_at=None),
                name="case_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.processor} {self.ref}"
