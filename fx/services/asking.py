"""A person does not wait until a provider is asked again."""

from __future__ import annotations

from collections.abc import Collection

from fx.models import RateFetch
from fx.services.history import HISTORY, refresh_history
from fx.services.refresh import refresh_rates


def ask_now(names: Collection[str]) -> list[RateFetch]:
    """Visit the providers named, due or not, and the past days by their name; how the visits went.

    A name without a visit is switched off, or another process is at it. The visits are made outside of any transaction.
    """
    before = _newest()
    rates = [name for name in names if name != HISTORY]
    if rates:
        refresh_rates(only=rates)
    if HISTORY in names:
        refresh_history(force=True)
    return list(RateFetch.objects.filter(pk__gt=before, provider__in=names).order_by("pk"))


def _newest() -> int:
    return RateFetch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
