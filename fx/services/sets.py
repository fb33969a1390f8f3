"""Rows of rate sets: make, hold, let go, forget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import timedelta

from django.db import connection, models
from django.db.models import QuerySet

from fx.models import Rate, RateFetch, RateSet
from fx.rules import Group, Mid, apart, jumps
from marketplace.lib.clock import now

State = RateSet.State
KEEP_SETS, KEEP_FETCHES = timedelta(days=1), timedelta(days=7)
_FIELDS = [field.name for field in fields(Mid)]
_LOCK = 0x7261746573  # "rates": an advisory lock until the transaction ends


def one_writer() -> None:
    """Whoever decides about the active set reads it first: a review and a refresh take turns."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def mids_of(rate_set: RateSet | None) -> dict[str, Mid]:
    if rate_set is None:
        return {}
    return {rate.currency: Mid(**{field: getattr(rate, field) for field in _FIELDS}) for rate in rate_set.rates.all()}


def create_set(mids: Iterable[Mid], *, state: RateSet.State = State.ACTIVE, reason: str = "") -> RateSet:
    rate_set = RateSet.objects.create(state=state, reason=reason)
    add_rates(rate_set, mids)
    return rate_set


def add_rates(rate_set: RateSet, mids: Iterable[Mid]) -> None:
    Rate.objects.bulk_create(Rate(rate_set=rate_set, **asdict(mid)) for mid in mids)


def hold(held: Mapping[str, Mid], moved: Sequence[str], last: Mapping[str, Mid]) -> RateSet:
    """The set that waits for review: the one that waits already when it says much the same."""
    for waiting in _waiting(held):
        if not jumps(held, mids_of(waiting), {}):
            return waiting
        _let_go(waiting, "Replaced by a newer one.")
    reason = "; ".join(_how_far(held[currency], last.get(currency)) for currency in moved)
    return create_set(held.values(), state=State.HELD, reason=reason)


def release_held(good: Mapping[str, Mid]) -> None:
    """What waits is moot once its sources are back within the limits."""
    for waiting in _waiting(good):
        _let_go(waiting, "The sources came back within the limits.")


def prune() -> None:
    """Forget what nothing refers to: a set is made each minute when coins are quoted."""
    referring = [one for one in RateSet._meta.related_objects if one.on_delete is models.PROTECT]
    old = RateSet.objects.filter(state=State.ACTIVE, effective_at__lt=now() - KEEP_SETS)
    old = old.filter(**{f"{one.name}__isnull": True for one in referring})
    latest = RateSet.objects.filter(state=State.ACTIVE).order_by("-effective_at", "-id")[:1]
    old.exclude(pk__in=list(latest.values_list("pk", flat=True))).delete()
    RateFetch.objects.filter(at__lt=now() - KEEP_FETCHES).delete()


def _waiting(mids: Mapping[str, Mid]) -> QuerySet[RateSet]:
    held = RateSet.objects.select_for_update().filter(
        pk__in=RateSet.objects.filter(state=State.HELD, rates__currency__in=list(mids)).values("pk")
    )
    return held.order_by("pk")


def _let_go(rate_set: RateSet, why: str) -> None:
    rate_set.state = State.REJECTED
    rate_set.reason = f"{rate_set.reason}\n{why}"
    rate_set.reviewed_at = now()
    rate_set.save(update_fields=["state", "reason", "reviewed_at"])


def _how_far(mid: Mid, last: Mid | None) -> str:
    if last is None:
        return f"{mid.currency} {mid.per_eur.normalize():f} is far from its last known value"
    times = apart(mid.per_eur, last.per_eur)
    return (
        f"{mid.currency} went from {last.per_eur.normalize():f} to {mid.per_eur.normalize():f}, "
        f"{times:.2f} times; more than {Group.of(mid.currency).limit} needs a person"
    )
