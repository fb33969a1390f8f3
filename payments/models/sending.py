"""Coins that leave by a transaction of ours: made here without keys, signed outside, found again on the chain."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models.payment import Refund


class CoinSending(models.Model):
    """One unsigned transaction for refunds in coin. `txid` is fixed by the PSBT until a wallet raises its fee."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for a signature")
        SENT = "sent", _("Sent, not final")
        FINAL = "final", _("Final")
        DISCARDED = "discarded", _("Discarded")
        LOST = "lost", _("Never confirmed")

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.OPEN: {State.SENT, State.DISCARDED},
        State.DISCARDED: {State.SENT},  # somebody sent it all the same
        State.SENT: {State.FINAL, State.LOST},
        State.LOST: {State.SENT},
        State.FINAL: set(),
    }
    LIVE: ClassVar[set[str]] = {State.OPEN, State.SENT}

    processor = models.CharField(max_length=32)
    chain = models.CharField(max_length=80)
    currency = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    psbt = models.TextField()
    txid = models.CharField(max_length=66)
    fee_rate = models.PositiveIntegerField()  # satoshi per virtual byte, as it was made
    fee_minor = models.BigIntegerField()  # what the network keeps; of the transaction on the chain once that is final
    change_index = models.PositiveIntegerField()  # our change address, at 1/index
    change_minor = models.BigIntegerField()
    change_vout = models.PositiveIntegerField(null=True, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=now)
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)  # none while it is open; no person: the chain showed it
    final_at = models.DateTimeField(null=True, blank=True)
    look_at = models.DateTimeField(null=True, blank=True, default=now)  # when to ask the chain next

    class Meta:
        verbose_name = _("transaction in coin")
        verbose_name_plural = _("transactions in coin")
        constraints = [
            models.UniqueConstraint(fields=["chain", "change_index"], name="coin_sending_change_once"),
            models.CheckConstraint(
                condition=models.Q(fee_minor__gte=0, change_minor__gte=0), name="coin_sending_not_negative"
            ),
        ]
        # Read by payments.refunds.sendings.due.
        indexes = [models.Index(fields=["look_at"], name="coin_sending_due")]

    def __str__(self) -> str:
        return self.txid

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def change(self) -> Money:
        return Money(self.change_minor, self.currency)


class CoinInput(models.Model):
    """An output of ours that a sending spends: at `branch/index`. `live` unless that was discarded or never came."""

    sending = models.ForeignKey(CoinSending, on_delete=models.PROTECT, related_name="inputs")
    chain = models.CharField(max_length=80)
    txid = models.CharField(max_length=66)
    vout = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    branch = models.PositiveSmallIntegerField()
    index = models.PositiveIntegerField()
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            # The same output is never in two transactions that may both be signed.
            models.UniqueConstraint(
                fields=["chain", "txid", "vout"], condition=models.Q(live=True), name="coin_input_once"
            ),
        ]

    @property
    def place(self) -> tuple[str, int]:
        return self.txid, self.vout


class CoinOutput(models.Model):
    """What a sending pays for one refund, in the order of its outputs."""

    sending = models.ForeignKey(CoinSending, on_delete=models.PROTECT, related_name="outputs")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="sendings")
    destination = models.CharField(max_length=128)
    amount_minor = models.BigIntegerField()
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund"], condition=models.Q(live=True), name="coin_output_once"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="coin_output_positive"),
        ]
