"""The rates that may price something now."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from fx.models import Quote, Rate, RateSet
from fx.rates import NO_RATES, Rates


def active_set() -> RateSet | None:
    """The latest active set, with its rates."""
    active = RateSet.objects.filter(state=RateSet.State.ACTIVE).prefetch_related("rates")
    return active.order_by("-effective_at", "-id").first()


def current_rates() -> Rates:
    """The latest active set without what is stale or disputed; that is missing: RateMissing."""
    latest = active_set()
    if latest is None:
        return NO_RATES
    return _rates(latest.pk, [rate for rate in latest.rates.all() if rate.is_open])


def rates_of(quote: Quote) -> Rates:
    """The rates that `quote` stands on, whatever became of them since: what was promised is kept until it ends."""
    if quote.rate_set_id is None:
        return NO_RATES
    return _rates(quote.rate_set_id, list(Rate.objects.filter(rate_set=quote.rate_set_id)))


def _rates(set_id: int, rates: Iterable[Rate]) -> Rates:
    return Rates(
        id=set_id,
        per_eur={rate.currency: Fraction(rate.per_eur) for rate in rates},
        as_of={rate.currency: rate.as_of for rate in rates},
        source={rate.currency: rate.source for rate in rates},
    )
