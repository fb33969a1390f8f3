"""What was agreed: baskets, checkouts, orders with their whole life, shipments."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.models import Quote
from fx.money import Money
from listings.models import Listing, Shop
from marketplace.lib.clock import now
from marketplace.models import User
from orders.conversation import DisputeOffer as DisputeOffer
from orders.conversation import Message as Message
from orders.conversation import MessagePicture as MessagePicture
from orders.conversation import Thread as Thread
from orders.querysets import OrderQuerySet
from payments.models import Payment, Refund

TONES = {
    "placed": "brass",
    "paid": "brass",
    "shipped": "tide",
    "delivered": "tide",
    "completed": "leaf",
    "disputed": "stamp",
}


class Cart(models.Model):
    """A basket, across shops and currencies. `owner` is `user:<id>` or `visitor:<key>`, as in quotes."""

    owner = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "listing"], name="cart_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="cart_line_of_something"),
        ]


class Checkout(models.Model):
    """What a buyer pays for at once: one quote, one payment, one order per shop.

    `token` is 128 random bits: with it a guest reaches the orders. `address` is a snapshot, see orders.addresses.
    """

    public_id = models.CharField(max_length=32, unique=True)
    token = models.CharField(max_length=32, unique=True)
    owner = models.CharField(max_length=64)
    buyer = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="checkouts")
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")
    address = models.JSONField()
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="checkout")
    created_at = models.DateTimeField(default=now)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


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
    goods_minor = models.BigIntegerField()
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
    def net(self) -> Money:
        """What the seller has of it after the platform's and the processor's quoted fee."""
        return self.held - self.commission - Money(self.processing_minor, self.currency)

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
    currency = models.CharField(max_length=8)
    hs_code = models.CharField(max_length=10)
    origin = models.CharField(max_length=2)
    weight_g = models.PositiveIntegerField()
    no_withdrawal = models.CharField(max_length=10, blank=True)  # why it cannot be withdrawn from, as shown

    @property
    def unit(self) -> Money:
        return Money(self.unit_minor, self.currency)

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


class Shipment(models.Model):
    """A parcel of an order; the first one starts its way, further ones follow."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    carrier = models.CharField(_("carrier"), max_length=60)
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    shipped_at = models.DateTimeField(default=now)
    expected_by = models.DateField()


class Dispute(models.Model):
    """Buyer and seller disagree; silence decides for the buyer."""

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        BUYER = "buyer", _("Decided for the buyer")
        SELLER = "seller", _("Decided for the seller")
        SPLIT = "split", _("Settled in parts")

    class Kind(models.TextChoices):
        NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
        DAMAGED = "damaged", _("Damaged")
        MISSING_PARTS = "missing_parts", _("Parts are missing")
        NEVER_ARRIVED = "never_arrived", _("Never arrived")
        COUNTERFEIT = "counterfeit", _("Counterfeit")
        OTHER = "other", _("Something else")

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="dispute")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    reason = models.TextField(_("what is wrong"), max_length=2000)
    answer = models.TextField(_("the seller's answer"), max_length=2000, blank=True)
    opened_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)


class QuotedBasket(models.Model):
    """What a quote was given for: the parcels with lines, shipping, landed cost and fee sheet, as they were shown.

    Placing takes the money from the quote and everything else from here, so the order is what the buyer saw.
    """

    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, related_name="basket_snapshot")
    processor = models.CharField(max_length=32)
    parcels = models.JSONField()


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


class AddressChange(models.Model):
    """The buyer asks for another address after paying; the seller says yes or no before shipping."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="address_changes")
    address = models.JSONField()
    asked_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(answered_at=None), name="address_change_one_open"
            )
        ]
