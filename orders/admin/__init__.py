"""The admin of orders, one module per noun."""

from __future__ import annotations

from orders.admin import disputes, orders

__all__ = ["disputes", "orders"]
