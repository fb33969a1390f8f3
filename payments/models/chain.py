"""What a chain shows: addresses given to payments and receipts seen on them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from payments.models.payment import Payment


class ChainAddress(models.Model):
    """An address of one payment, derived from the operator's xpub at `index`; never given out twice."""

    chain = models.CharField(max_length=80)  # bitcoin:main; of a token CAIP-19, eip155:1/erc20:0x…
    index = models.PositiveIntegerField()
    address = models.CharField(max_length=100, unique=True)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="chain_address")
    confirmations = models.PositiveSmallIntegerField()  # the depth that its value asks for
    born_height = models.PositiveIntegerField()  # nothing can have paid it in an earlier block
    look_at = models.DateTimeField(null=True, default=now)  # when to ask the chain next; none: never again
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "index"], name="chain_address_index_once")]
        # Read by payments.chain.watch: addresses that are due.
        indexes = [models.Index(fields=["chain", "look_at"], name="chain_address_due")]

    def __str__(self) -> str:
        return self.address


class ChainReceipt(models.Model):
    """One output, or one event of a token, that pays one of our addresses. A replaced transaction pays the same
    address with another txid."""

    class State(models.TextChoices):
        SEEN = "seen", _("Seen")
        MINED = "mined", _("In a block")
        FINAL = "final", _("Confirmed")
        GONE = "gone", _("Gone")

    address = models.ForeignKey(ChainAddress, on_delete=models.PROTECT, related_name="receipts")
    txid = models.CharField(max_length=66)
    vout = models.PositiveIntegerField()  # the output's number in the transaction, the event's in the block
    amount_minor = models.BigIntegerField()  # what counts
    claimed_minor = models.BigIntegerField()  # what the chain says was sent; more counts never
    height = models.PositiveIntegerField(null=True, blank=True)
    block_hash = models.CharField(max_length=66, blank=True)
    depth = models.PositiveIntegerField(default=0)  # blocks on top, its own included, at the latest look
    state = models.CharField(max_length=10, choices=State, default=State.SEEN)
    first_seen = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "txid", "vout"], name="chain_receipt_once"),
            models.CheckConstraint(
                condition=models.Q(claimed_minor__gt=0, amount_minor__range=(0, models.F("claimed_minor"))),
                name="chain_receipt_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.txid}:{self.vout}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.address.payment.currency)

    @property
    def claimed(self) -> Money:
        return Money(self.claimed_minor, self.address.payment.currency)


class DemoTransfer(models.Model):
    """Play money that the demo chain shows. Empty outside the demo and tests, see payments.chain.demo."""

    address = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField()
    sent_at = models.DateTimeField(default=now)

    class Meta:
        # Read by the demo chain: what an address got.
        indexes = [models.Index(fields=["address"], name="demo_transfer_address")]

    def __str__(self) -> str:
        return f"{self.amount_minor} → {self.address}"
