"""Shapes of orders that buyers and sellers both read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fx.rest import MoneyField
from listings.customs.result import LandedCost
from listings.rest import LandedOut
from orders import options
from orders.checkout.actualfees import sheet_of, sheets_of
from orders.checkout.overmid import of_order
from orders.models import Dispute, Order, Return, ReturnItem
from orders.pages import waits_for
from orders.returns import withdrawal


class FeeLineOut(serializers.Serializer[Any]):
    """One taker. The lines of an order sum to what its buyer pays; `bps` are hundredths of a percent of that."""

    kind = serializers.CharField()
    taker = serializers.CharField()
    why = serializers.CharField()
    amount = MoneyField()
    seller_amount = MoneyField(allow_null=True)
    bps = serializers.IntegerField()
    certainty = serializers.CharField(help_text="exact, estimate, or actual: by the processor's own statement.")
    source = serializers.CharField(  # type: ignore[assignment]  # a field's own attribute has this name too
        help_text="Where it stands: a rule's source, or the statement's line and day."
    )


class MarkupOut(serializers.Serializer[Any]):
    """Units of the buyer's money for one of `currency`, as text; `ecb` is empty where the ECB publishes no rate."""

    currency = serializers.CharField()
    mid = serializers.CharField()
    rate = serializers.CharField()
    over_mid_bps = serializers.IntegerField()
    ecb = serializers.CharField()
    ecb_day = serializers.CharField()
    over_ecb_bps = serializers.IntegerField(allow_null=True)


class OrdersOut(serializers.ListSerializer[Any]):
    """A page of orders: their fee sheets are read together."""

    def to_representation(self, data: Any) -> Any:
        orders = list(data)
        self._context = {**self.context, "sheets": sheets_of(orders)}
        return super().to_representation(orders)


class OrderLineOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    listing = serializers.IntegerField(source="listing_id")
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    given_back = serializers.IntegerField(help_text="Pieces that were refunded; only the rest is to be sent.")
    unit = MoneyField()
    asked = MoneyField(allow_null=True, help_text="What the buyer paid for a piece, where it was set in their money.")
    how = serializers.CharField(help_text="By what `asked` was set: fixed, or ending.")
    no_withdrawal = serializers.CharField(help_text="Why it cannot be withdrawn from; empty when it can.")
    hs_code = serializers.CharField()
    origin = serializers.CharField()


class ShipmentOut(serializers.Serializer[Any]):
    carrier = serializers.CharField()
    carrier_key = serializers.CharField(help_text="Empty for a carrier of which we know the name alone.")
    tracking_number = serializers.CharField()
    tracking_page = serializers.CharField(help_text="Where the carrier shows it; empty where we know of no such page.")
    shipped_at = serializers.DateTimeField()
    expected_by = serializers.DateField()


class SettlementOfferOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    back = MoneyField(help_text="Of what is held, in the shop's currency.")
    made_at = serializers.DateTimeField()


class DisputeOut(serializers.ModelSerializer[Dispute]):
    outcome = serializers.CharField(help_text="Empty while it is open, else buyer, seller or split.")
    offer = serializers.SerializerMethodField()

    class Meta:
        model = Dispute
        fields = (
            *("kind", "reason", "answer", "opened_at", "answered_at", "offer"),
            *("outcome", "decided_at", "decision_reason"),
        )

    @extend_schema_field(SettlementOfferOut(allow_null=True))
    def get_offer(self, dispute: Dispute) -> Any:
        """What the seller offers to settle it, as long as it stands."""
        offer = next((one for one in dispute.offers.all() if one.ended_at is None), None)
        return None if offer is None else SettlementOfferOut(offer).data


class NextOut(serializers.Serializer[Any]):
    """Whose turn it is, and what happens at `due_at` when nobody acts."""

    who = serializers.CharField()
    what = serializers.CharField()
    otherwise = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)


class ReturnedOut(serializers.Serializer[ReturnItem]):
    line = serializers.IntegerField(source="line_id")
    title = serializers.CharField(source="line.title")
    quantity = serializers.IntegerField()


class ReturnOut(serializers.ModelSerializer[Return]):
    """Goods on their way back. `answer` is why the seller refused or contests it, `decision` a moderator's reason."""

    pieces = ReturnedOut(many=True, source="items")
    payer = serializers.ChoiceField(choices=Return.Payer.choices, help_text="Who pays the way back.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="When `next` of the order happens by default.")

    class Meta:
        model = Return
        fields = (
            "kind", "state", "pieces", "reason", "payer", "send_to", "carrier", "tracking_number", "answer", "decision",
            "asked_at", "sent_at", "ended_at", "due_at",
        )  # fmt: skip


class OrderOut(serializers.Serializer[Order]):
    class Meta:
        list_serializer_class = OrdersOut

    may: ClassVar[Callable[[Order], set[str]]] = options.of_buyer

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Order.Status.choices)
    shop = serializers.CharField(source="shop.slug")
    total = MoneyField(source="buyer_total", help_text="All that the buyer pays for it now.")
    discount = MoneyField(help_text="What the shop gave for the way to pay, in its currency: the goods are less it.")
    held = MoneyField(help_text="Goods and shipping in the shop's currency: held until the buyer is content.")
    refunded = MoneyField(help_text="What goes back of goods and shipping, in the shop's currency.")
    placed_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    withdraw_until = serializers.SerializerMethodField(help_text="The last moment; none before it was shipped.")
    next = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField()
    lines = OrderLineOut(many=True)
    fee_sheet = serializers.SerializerMethodField()
    markups = serializers.SerializerMethodField(help_text="Our rate as quoted; empty where nothing was exchanged.")
    landed = serializers.SerializerMethodField()
    shipment = serializers.SerializerMethodField()
    parcels = ShipmentOut(many=True)
    returns = serializers.SerializerMethodField()
    asked_address = serializers.SerializerMethodField()
    dispute = serializers.SerializerMethodField()

    @extend_schema_field(NextOut(allow_null=True))
    def get_next(self, order: Order) -> Any:
        step, due = waits_for(order)
        return None if step is None else NextOut(asdict(step) | {"due_at": due}).data

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_withdraw_until(self, order: Order) -> str | None:
        end = withdrawal.until(order)
        return None if end is None else str(serializers.DateTimeField().to_representation(end))

    def get_can(self, order: Order) -> list[str]:
        """What the reader may do now: names of operations."""
        return sorted(type(self).may(order))

    @extend_schema_field(FeeLineOut(many=True))
    def get_fee_sheet(self, order: Order) -> Any:
        sheet = self.context.get("sheets", {}).get(order.pk) or sheet_of(order)
        return FeeLineOut(sheet.lines, many=True).data

    @extend_schema_field(MarkupOut(many=True))
    def get_markups(self, order: Order) -> Any:
        return MarkupOut(of_order(order), many=True).data

    @extend_schema_field(LandedOut)
    def get_landed(self, order: Order) -> Any:
        return LandedOut(LandedCost.from_json(order.landed)).data

    @extend_schema_field(ShipmentOut(allow_null=True))
    def get_shipment(self, order: Order) -> Any:
        """The first parcel; `parcels` has them all."""
        parcel = order.parcel
        return None if parcel is None else ShipmentOut(parcel).data

    @extend_schema_field(ReturnOut(many=True))
    def get_returns(self, order: Order) -> Any:
        """The latest first."""
        return ReturnOut(sorted(order.returns.all(), key=lambda back: -back.pk), many=True).data

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_asked_address(self, order: Order) -> Any:
        """Where the buyer would like it to go instead; the seller has not answered."""
        return options.asked_address(order)

    @extend_schema_field(DisputeOut(allow_null=True))
    def get_dispute(self, order: Order) -> Any:
        dispute = getattr(order, "dispute", None)
        return None if dispute is None else DisputeOut(dispute).data


def with_all(orders: Any) -> Any:
    """With what `OrderOut` reads, in a few queries whatever the length."""
    reads = ("lines__refunded", "parcels", "returns__items__line", "address_changes", "dispute__offers")
    found = orders.select_related("shop", "checkout__payment__quote", "checkout__quote", "dispute")
    return found.prefetch_related(*reads).order_by("-pk")
