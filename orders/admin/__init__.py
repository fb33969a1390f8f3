"""The admin of orders, one module per noun; what banks ask back is here, since the answer is about orders."""

from __future__ import annotations

from orders.admin import claims, corridors, disputes, orders, sdr

__all__ = ["claims", "corridors", "disputes", "orders", "sdr"]
