"""Pieces that go back: refunded, or on their way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders.models.order import Order, OrderLine
from payments.models import Refund


class RefundedItem(models.Model):
    """Pieces of a line that a refund gave back; `restocked` ones are on sale again."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refunded")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="items")
    quantity = models.PositiveIntegerField()
    restocked = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "refund"], name="refunded_item_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="refunded_item_of_something"),
        ]


class Return(models.Model):
    """Goods on their way back to the seller, and for them money to the buyer. One at a time per order."""

    class Kind(models.TextChoices):
        WITHDRAWAL = "withdrawal", _("Withdrawal")
        AGREED = "agreed", _("Return by agreement")

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for the seller")
        AUTHORIZED = "authorized", _("To be sent back")
        SENT = "sent", _("On its way back")
        CONTESTED = "contested", _("With a moderator")
        REFUNDED = "refunded", _("Back and refunded")
        REFUSED = "refused", _("Refused")
        LAPSED = "lapsed", _("Not sent back")

    class Payer(models.TextChoices):
        BUYER = "buyer", _("the buyer")
        SELLER = "seller", _("the seller")

    # The whole life of a return. What is not listed here cannot happen.
    NEXT: ClassVar[dict[str, set[str]]] = {
        State.ASKED: {State.AUTHORIZED, State.REFUSED, State.REFUNDED, State.LAPSED},
        State.AUTHORIZED: {State.SENT, State.LAPSED, State.REFUNDED},
        State.SENT: {State.REFUNDED, State.CONTESTED},
        State.CONTESTED: {State.REFUNDED, State.REFUSED},
        State.REFUNDED: set(),
        State.REFUSED: set(),
        State.LAPSED: set(),
    }
    LIVE: ClassVar[tuple[str, ...]] = (State.ASKED, State.AUTHORIZED, State.SENT, State.CONTESTED)

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    reason = models.TextField(max_length=2000, blank=True)
    payer = models.CharField(max_length=6, choices=Payer, default=Payer.BUYER)  # of the way back
    send_to = models.TextField(max_length=500, blank=True)  # the seller's address for returns, with instructions
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=40, blank=True)
    answer = models.TextField(max_length=2000, blank=True)  # why refused or contested
    decision = models.TextField(max_length=2000, blank=True)  # a moderator's reason
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    refund = models.ForeignKey(Refund, null=True, blank=True, on_delete=models.PROTECT)
    asked_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # when the default of this state happens

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(state__in=["asked", "authorized", "sent", "contested"]),
                name="return_one_live_per_order",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "authorized", "sent", "contested"])
                & models.Q(due_at__isnull=False, ended_at=None)
                | models.Q(state__in=["refunded", "refused", "lapsed"], due_at=None, ended_at__isnull=False),
                name="return_live_is_due",
            ),
        ]
        # Read by the sweep that meets returns' deadlines.
        indexes = [models.Index(fields=["due_at"], name="return_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class ReturnItem(models.Model):
    """Pieces of a line that come back."""

    back = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="items")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["back", "line"], name="return_item_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="return_item_of_something"),
        ]
