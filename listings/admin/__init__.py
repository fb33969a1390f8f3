"""What staff see of shops and listings, and the few decisions that they make. All of them are services."""

from __future__ import annotations

from listings.admin import numbers, registrations, restrictions, review, rules, shops, stock

__all__ = ["numbers", "registrations", "restrictions", "review", "rules", "shops", "stock"]
