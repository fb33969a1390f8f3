"""What every page knows. Wiring, like urls: it may look into any app."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from fx.format import format_points
from marketplace.lib.places import country_name, language_name
from marketplace.visitors import owner_key, visitor_of
from orders.checkout import carts


def site(request: HttpRequest) -> dict[str, Any]:
    """`market`: the visitor with names to read, what is in the basket, what the exchange costs."""
    return {"market": SimpleLazyObject(lambda: _market(request))}


def _market(request: HttpRequest) -> dict[str, Any]:
    visitor = getattr(request, "visitor", None) or visitor_of(request)
    owner = owner_key(request)
    return {
        "visitor": visitor,
        "country_name": country_name(visitor.country, visitor.language),
        "language_name": language_name(visitor.language),
        "basket_count": carts.count(owner) if owner else 0,
        "spread": percent(settings.SPREAD_BPS),
        "demo": settings.DEMO,
    }


def percent(bps: int) -> str:
    """40 is "0.40", as the reader's language writes it."""
    return format_points(bps, get_language() or "en")
