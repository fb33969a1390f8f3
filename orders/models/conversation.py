"""What buyer and seller tell each other: threads, messages with pictures, and offers that may end a dispute.

Rows are added and never changed: the database refuses it, and refuses to add to a case that is decided.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings.models import Listing
from marketplace.lib.clock import now
from marketplace.models import User


class Thread(models.Model):
    """One conversation: about a listing before an order, or about an order."""

    listing = models.ForeignKey(Listing, null=True, blank=True, on_delete=models.PROTECT, related_name="threads")
    order = models.OneToOneField("orders.Order", null=True, blank=True, on_delete=models.PROTECT, related_name="thread")
    begun_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(listing__isnull=False) | models.Q(order__isnull=False), name="thread_about_something"
            )
        ]


class Message(models.Model):
    """Who said what, when. `by` is empty for a guest; with a `dispute` it is evidence of that case."""

    class Role(models.TextChoices):
        BUYER = "buyer", _("Buyer")
        SELLER = "seller", _("Seller")
        STAFF = "staff", _("Moderator")

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    dispute = models.ForeignKey(
        "orders.Dispute", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    role = models.CharField(max_length=8, choices=Role)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    text = models.TextField(max_length=2000)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]


class MessagePicture(models.Model):
    """A picture in a message: our own WebP, kept in the database, shown to those of the conversation alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="pictures")
    position = models.PositiveSmallIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    webp = models.BinaryField()

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="message_picture_once"),
            models.CheckConstraint(condition=models.Q(position__lt=5), name="message_picture_at_most_five"),
        ]


class DisputeOffer(models.Model):
    """The seller offers to end a dispute: `back` of what is held goes back, all or a part. One stands at a time."""

    dispute = models.ForeignKey("orders.Dispute", on_delete=models.PROTECT, related_name="offers")
    back_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)  # accepted, declined, or replaced by another
    accepted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], condition=models.Q(ended_at=None), name="dispute_offer_one_stands"
            ),
            models.CheckConstraint(condition=models.Q(back_minor__gt=0), name="dispute_offer_positive"),
            models.CheckConstraint(
                condition=models.Q(accepted=False) | models.Q(ended_at__isnull=False),
                name="dispute_offer_accepted_ends",
            ),
        ]

    @property
    def back(self) -> Money:
        return Money(self.back_minor, self.currency)
