"""The same operations for whoever has the checkout's token: a guest, or a friend who was given the link."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.permissions import AllowAny

from orders.api import conversations
from orders.api.after import AskedAddressView, CallOffView, KeepView, ReturnSentView, ReturnsView
from orders.api.bought import ConfirmView, DeliveredView, DisputeView, OrderView
from orders.api.withdrawing import WithdrawalPreviewView, WithdrawalView


def _named(name: str) -> Any:
    return extend_schema(operation_id=name)


@extend_schema_view(get=_named("checkout_orders_read"))
class GuestOrderView(OrderView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_confirm"))
class GuestConfirmView(ConfirmView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_delivered"))
class GuestDeliveredView(DeliveredView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_dispute"))
class GuestDisputeView(DisputeView):
    permission_classes = [AllowAny]


@extend_schema_view(get=_named("checkout_orders_messages"), post=_named("checkout_orders_say"))
class GuestMessagesView(conversations.MessagesView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_answer_offer"))
class GuestOfferAnswerView(conversations.OfferAnswerView):
    permission_classes = [AllowAny]


@extend_schema_view(get=_named("checkout_orders_picture"))
class GuestPictureView(conversations.PictureView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_cancel"))
class GuestCallOffView(CallOffView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_address"))
class GuestAskedAddressView(AskedAddressView):
    permission_classes = [AllowAny]


@extend_schema_view(get=_named("checkout_orders_withdrawal_read"), post=_named("checkout_orders_withdraw"))
class GuestWithdrawalView(WithdrawalView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_withdrawal_preview"))
class GuestWithdrawalPreviewView(WithdrawalPreviewView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_return"))
class GuestReturnsView(ReturnsView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_return_sent"))
class GuestReturnSentView(ReturnSentView):
    permission_classes = [AllowAny]


@extend_schema_view(post=_named("checkout_orders_return_keep"))
class GuestKeepView(KeepView):
    permission_classes = [AllowAny]
