"""What a chain shows: addresses given to payments and receipts seen on them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from payments.models.payment import Payment


class ChainAddress(models.Model):
    """An address of one payment, derived from the operator's xpub at `index`; never given out twice."""

    chain = models.CharField(max_length=32)  # bitcoin:main, bitcoin:regtest
    index = models.PositiveIntegerField()
    address = models.CharField(max_length=100, unique=True)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="chain_address")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "index"], name="chain_address_index_once")]


class ChainReceipt(models.Model):
    """One output that pays one of our addresses. A replaced transaction pays the same address with another txid."""

    class State(models.TextChoices):
        SEEN = "seen", _("Seen")
        MINED = "mined", _("In a block")
        FINAL = "final", _("Confirmed")
        GONE = "gone", _("Gone")

    address = models.ForeignKey(ChainAddress, on_delete=models.PROTECT, related_name="receipts")
    txid = models.CharField(max_length=64)
    vout = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    height = models.PositiveIntegerField(null=True, blank=True)
    block_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SEEN)
    first_seen = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "txid", "vout"], name="chain_receipt_once")]
