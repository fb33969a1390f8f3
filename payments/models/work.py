"""Work to do and news that arrived. The database is the record; Celery only rings the bell."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now


class Operation(models.Model):
    """One call to a processor: outbox, idempotency key and recovery point in one row.

    `key` goes to the processor, so a repeated call has one effect. `subject` is the id of the payment, refund or payout.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("Create payment")
        CAPTURE = "capture", _("Capture")
        CANCEL = "cancel", _("Cancel")
        REFUND = "refund", _("Refund")
        FETCH = "fetch", _("Fetch")

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
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # Read by the sweep that runs due operations.
            models.Index(fields=["run_at"], condition=models.Q(state__in=["ready", "running", "unknown"]), name="operation_due")
        ]


class InboxEvent(models.Model):
    """A webhook as it came, once per processor and event id, with a verified signature; a task applies it later."""

    processor = models.CharField(max_length=32)
    event_id = models.CharField(max_length=128)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=now)
    processed_at = models.DateTimeField(null=True, blank=True)
    run_at = models.DateTimeField(default=now)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["processor", "event_id"], name="inbox_event_once")]
        indexes = [
            # Read by the sweep that applies events.
            models.Index(fields=["run_at"], condition=models.Q(processed_at=None, dead_at=None), name="inbox_due")
        ]
