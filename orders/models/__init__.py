"""What was agreed: baskets, checkouts, orders with their whole life, shipments, ways back, disputes."""

from __future__ import annotations

from orders.models.basket import Cart, CartLine, QuotedBasket
from orders.models.checkout import Checkout
from orders.models.conversation import DisputeOffer, Message, MessagePicture, Thread
from orders.models.corridor import CorridorCost, PublishedCost
from orders.models.dispute import Dispute
from orders.models.order import Order, OrderEvent, OrderLine
from orders.models.papers import PackedParcel, PrintedPaper, SdrValue
from orders.models.returns import RefundedItem, Return, ReturnItem
from orders.models.shipping import AddressChange, Shipment

__all__ = [
    "AddressChange",
    "Cart",
    "CartLine",
    "Checkout",
    "CorridorCost",
    "Dispute",
    "DisputeOffer",
    "Message",
    "MessagePicture",
    "Order",
    "OrderEvent",
    "OrderLine",
    "PackedParcel",
    "PrintedPaper",
    "PublishedCost",
    "QuotedBasket",
    "RefundedItem",
    "Return",
    "ReturnItem",
    "SdrValue",
    "Shipment",
    "Thread",
]
