"""What the services behind the operations on orders refuse in words for the caller."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.permissions import AllowAny

from fx.errors import FxError
from listings.errors import ListingError
from marketplace.rest.views import Operation
from orders.errors import OrderRefused
from payments.errors import PaymentError

# A checkout's token as it is written in addresses.
TOKEN = r"(?P<token>[0-9a-f]{32})"  # noqa: S105
PAPER = r"(?P<paper>[IC]-[0-9]{4}-[0-9]{6,9})\.pdf"
PARCEL = r"(?P<parcel>[1-9]|1[0-9]|20)"
NUMBER = r"(?P<number>[0-9A-Z-]{6,32})"


class OrderOperation(Operation):
    refusals: ClassVar[tuple[type[Exception], ...]] = (OrderRefused, FxError, ListingError, PaymentError)


class OpenOperation(OrderOperation):
    """For guests too: the session's basket and quotes, or a checkout's token."""

    permission_classes = [AllowAny]
