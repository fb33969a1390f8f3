"""The ECB's rates by day: fetched a few times a day, kept for a year and a month, read by the charts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from fx.models import DailyRate
from fx.providers.base import BadRates
from fx.providers.history import Days, of_the_ecb, of_the_package
from fx.services.visits import is_due, note_visit
from marketplace.lib.clock import today
from marketplace.lib.locks import singleton

log = logging.getLogger(__name__)
HISTORY = "history"  # in RateFetch, beside the providers
EVERY = timedelta(hours=6)
KEEP, SHOWN = timedelta(days=400), timedelta(days=92)
Past = Mapping[str, Sequence[tuple[date, Decimal]]]


def history_source() -> Callable[[], Days] | None:
    """The ECB itself when one of its rates is used, else the file of the demo, else nobody."""
    if {"ecb", "frankfurter"} & set(settings.RATE_PROVIDERS):
        return of_the_ecb
    return of_the_package if "embedded" in settings.RATE_PROVIDERS else None


def refresh_history(*, force: bool = False) -> int:
    """Fetch the past days when it is time, or with `force`; how many rates are written. What fails changes nothing."""
    source = history_source()
    if source is None or not (force or is_due(HISTORY)):
        return 0
    with singleton("refresh history") as alone:
        return _refresh(source) if alone else 0


def past_days(currency: str = "") -> Past:
    """The days before and with the newest one, oldest first, by currency; of all without `currency`."""
    newest = DailyRate.objects.order_by("-day").values_list("day", flat=True).first()
    if newest is None:
        return {}
    rows = DailyRate.objects.filter(day__gt=newest - SHOWN).order_by("day")
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for code, day, per_eur in (rows.filter(currency=currency) if currency else rows).values_list(
        "currency", "day", "per_eur"
    ):
        found.setdefault(code, []).append((day, per_eur))
    return found


def _refresh(source: Callable[[], Days]) -> int:
    try:
        days = source()
    except BadRates as error:
        log.warning("Past rates: %s", error)
        note_visit(HISTORY, every=EVERY, ok=False, problems=[str(error)], wait=error.wait)
        return 0
    return _store(days)


@transaction.atomic
def _store(days: Days) -> int:
    rows = [
        DailyRate(currency=code, day=day, per_eur=rate) for day, rates in days.items() for code, rate in rates.items()
    ]
    DailyRate.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["currency", "day"], update_fields=["per_eur"]
    )
    DailyRate.objects.filter(day__lt=today() - KEEP).delete()
    note_visit(HISTORY, every=EVERY, ok=True)
    return len(rows)
