"""An order with its whole life: lines and history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings.models import Listing, Shop
from marketplace.lib.clock import now
from marketplace.models import User
from orders.models.checkout import Checkout
from orders.querysets import OrderQuerySet

if TYPE_CHECKING:
    from orders.models.shipping import Shipment

TONES = {
    "placed": "brass",
    "paid": "brass",
    "shipped": "tide",
    "delivered": "tide",
    "completed": "leaf",
    "disputed": "stamp",
}


class Order(models.Model):
    """One shop's part of a checkout. `buyer_minor` is in the checkout's currency, the rest in the shop's."""

    class Status(models.TextChoices):
        PLACED = "placed", _("Waiting for payment")
        PAID = "paid", _("Paid")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        COMPLETED = "completed", _("Completed")
        CANCELED = "canceled", _("Canceled")
        DISPUTED = "disputed", _("Disputed")
        REFUNDED = "refunded", _("Refunded")
        SPLIT = "split", _("Settled in parts")

    # The whole life of an order. What is not listed here cannot happen.
    NEXT: ClassVar[dict[str, set[str]]] = {
        Status.PLACED: {Status.PAID, Status.CANCELED},
        Status.PAID: {Status.SHIPPED, Status.DISPUTED, Status.REFUNDED},
        Status.SHIPPED: {Status.DELIVERED, Status.DISPUTED, Status.REFUNDED, Status.COMPLETED, Status.SPLIT},
        Status.DELIVERED: {Status.COMPLETED, Status.DISPUTED, Status.REFUNDED},
        Status.DISPUTED: {Status.COMPLETED, Status.REFUNDED, Status.SPLIT},
        Status.COMPLETED: {Status.REFUNDED},
        Status.CANCELED: set(),
        Status.REFUNDED: set(),
        Status.SPLIT: {Status.REFUNDED},
    }

    number = models.CharField(max_length=32, unique=True)
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="orders")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=10, choices=Status, default=Status.PLACED)
    due_at = models.DateTimeField(null=True, blank=True)  # when the default of this state happens; none: final
    asked_at = models.DateTimeField(null=True, blank=True)  # when the buyer was asked whether it arrived
    held_until = models.DateTimeField(null=True, blank=True)  # 80 days after capture at most
    currency = models.CharField(max_length=8)  # the shop's
    goods_minor = models.BigIntegerField()  # less the discount
    # What the shop gave for the way to pay, of what that saved it: within the goods' lines.
    discount_minor = models.BigIntegerField(default=0)
    saving_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField()
    commission_minor = models.BigIntegerField()  # charged to the seller at release, in the shop's currency
    processing_minor = models.BigIntegerField()  # the quoted processor fee's share, in the shop's currency
    # What goes back, or went back, to the buyer of goods and shipping, in the shop's currency.
    refunded_goods_minor = models.BigIntegerField(default=0)
    refunded_shipping_minor = models.BigIntegerField(default=0)
    buyer_currency = models.CharField(max_length=8)
    buyer_minor = models.BigIntegerField()  # all that the buyer pays now for this order
    landed = models.JSONField()  # the explained landed cost as quoted: the evidence
    fee_sheet = models.JSONField()  # who takes what, estimated at the quote
    new_address = models.JSONField(null=True, blank=True)  # agreed on after payment, see orders.rerouting
    shipping_name = models.CharField(max_length=60)
    tracked = models.BooleanField(default=True)
    min_days = models.PositiveSmallIntegerField()
    max_days = models.PositiveSmallIntegerField()
    placed_at = models.DateTimeField(default=now)
    paid_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(fields=["checkout", "shop"], name="order_one_per_shop"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_goods_minor__gte=0,
                    refunded_goods_minor__lte=models.F("goods_minor"),
                    refunded_shipping_minor__gte=0,
                    refunded_shipping_minor__lte=models.F("shipping_minor"),
                ),
                name="order_refunded_within_paid",
            ),
            models.CheckConstraint(  # a way to pay is never dearer for the buyer, and no gift of more than it saves
                condition=models.Q(discount_minor__gte=0, discount_minor__lte=models.F("saving_minor")),
                name="order_discount_within_saving",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="order_due"),  # the sweep that meets deadlines
            models.Index(fields=["shop", "status", "-placed_at"], name="order_desk"),  # the seller's desk
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def seller(self) -> User:
        return self.shop.owner

    @property
    def held(self) -> Money:
        """What is the seller's from capture to release: goods and shipping less what goes back, in the shop's money."""
        return Money(self.goods_minor + self.shipping_minor, self.currency) - self.refunded

    @property
    def refunded(self) -> Money:
        """What goes back of goods and shipping, in the shop's currency."""
        return Money(self.refunded_goods_minor + self.refunded_shipping_minor, self.currency)

    @property
    def commission(self) -> Money:
        """The platform's part of goods that stay sold; a refund gives its share back, rounded down."""
        return Money(self.commission_minor, self.currency) - self._commission_back

    @property
    def _commission_back(self) -> Money:
        whole = Money(self.commission_minor, self.currency)
        return whole.times(self.refunded_goods_minor, self.goods_minor) if self.goods_minor else whole.times(0)

    def commission_on(self, goods_minor: int) -> Money:
        """What the platform gives up when so much more of the goods goes back; any number of parts sums exactly."""
        if not self.goods_minor:
            return Money(0, self.currency)
        after = Money(self.commission_minor, self.currency).times(
            self.refunded_goods_minor + goods_minor, self.goods_minor
        )
        return after - self._commission_back

    @property
    def ends_in_silence(self) -> bool:
        """Whether it is completed when its deadline passes: it arrived, or the buyer was asked and did not answer."""
        return self.status == self.Status.DELIVERED or (
            self.status == self.Status.SHIPPED and self.asked_at is not None
        )

    @property
    def net(self) -> Money:
        """What the seller has of it after the platform's and the processor's quoted fee."""
        return self.held - self.commission - Money(self.processing_minor, self.currency)

    @property
    def discount(self) -> Money:
        """What the shop gave for the way to pay; the goods are less it already."""
        return Money(self.discount_minor, self.currency)

    @property
    def saved(self) -> Money:
        """What the way to pay saves the shop against the dearest one that was offered, before its discount."""
        return Money(self.saving_minor, self.currency)

    def paid_of(self, listed_minor: int) -> int:
        """What was paid of goods for so much before the discount, rounded down; of all of them, all."""
        return min(self.goods_minor, listed_minor * self.goods_minor // (self.goods_minor + self.discount_minor))

    @property
    def parcel(self) -> Shipment | None:
        """The first parcel; reads `parcels`, prefetched or not."""
        return next(iter(sorted(self.parcels.all(), key=lambda one: one.pk)), None)

    @property
    def address(self) -> dict[str, str]:
        """Where it goes: as ordered, or as buyer and seller agreed afterwards."""
        found: dict[str, str] = self.new_address or self.checkout.address
        return found

    @property
    def tone(self) -> str:
        """The colour of its status label, see templates/components/status.html."""
        return TONES.get(self.status, "quiet")

    @property
    def route_state(self) -> str:
        """Where the parcel is on the drawn route: waiting, travelling or arrived (empty)."""
        return {"shipped": "travelling", "delivered": "", "completed": ""}.get(self.status, "waiting")

    @property
    def buyer_total(self) -> Money:
        return Money(self.buyer_minor, self.buyer_currency)


class OrderLine(models.Model):
    """A snapshot of what was bought: later edits of the listing change nothing here."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT)
    title = models.CharField(max_length=120)
    photo = models.CharField(max_length=40, blank=True)  # key of the first photo
    quantity = models.PositiveIntegerField()
    unit_minor = models.BigIntegerField()
    # What the buyer paid for a piece, in the order's buyer's currency, where it was set in it (`how`, listings.asking).
    asked_minor = models.BigIntegerField(null=True, blank=True)
    how = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=8)
    hs_code = models.CharField(max_length=10)
    origin = models.CharField(max_length=2)
    weight_g = models.PositiveIntegerField()
    no_withdrawal = models.CharField(max_length=10, blank=True)  # why it cannot be withdrawn from, as shown

    @property
    def unit(self) -> Money:
        return Money(self.unit_minor, self.currency)

    @property
    def asked(self) -> Money | None:
        """What the buyer paid for a piece, where it was set in their money."""
        return None if self.asked_minor is None else Money(self.asked_minor, self.order.buyer_currency)

    @property
    def no_withdrawal_in_words(self) -> str:
        """Why it cannot be withdrawn from, or only while it is sealed; empty when it can."""
        return str(Listing.NoWithdrawal(self.no_withdrawal).label) if self.no_withdrawal else ""

    @property
    def is_excepted(self) -> bool:
        """Whether it cannot be withdrawn from at all; what is excepted once opened can while its seal is whole."""
        return self.no_withdrawal in Listing.EXCEPTED

    @property
    def given_back(self) -> int:
        """How many pieces were given back; reads `refunded`, prefetched or not."""
        return sum(item.quantity for item in self.refunded.all())

    @property
    def left(self) -> int:
        return self.quantity - self.given_back


class OrderEvent(models.Model):
    """A step in an order's life: history for people, outbox for letters. `by` empty: a deadline or a processor."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveSmallIntegerField()
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["seq"]
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="order_event_seq_once")]
