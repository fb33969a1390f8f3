"""When a provider is asked again: its own pace while it answers, growing pauses while it fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fx.models import RateFetch
from marketplace.lib.clock import now

FIRST = timedelta(seconds=55)  # beat rings each minute, never to the second
SHORT, LONG = timedelta(minutes=15), timedelta(hours=1)
MOST = timedelta(hours=6)  # a provider may ask for that much patience; a person may ask before


def is_due(provider: str) -> bool:
    """Whether it is time to ask; one that was never asked is."""
    last = latest_visit(provider)
    return last is None or now() >= last.again_at


def latest_visit(provider: str) -> RateFetch | None:
    return RateFetch.objects.filter(provider=provider).order_by("-at", "-id").first()


def note_visit(
    provider: str, *, every: timedelta, ok: bool, problems: Sequence[str] = (), wait: timedelta | None = None
) -> RateFetch:
    """Keep how a visit went. `wait`: how long the provider wants to be left alone, by its Retry-After."""
    last = None if ok else latest_visit(provider)
    fails = 0 if ok else 1 + (last.fails if last else 0)
    at = now()
    return RateFetch.objects.create(
        provider=provider,
        at=at,
        ok=ok,
        error="; ".join(problems)[:2000],
        fails=fails,
        again_at=_again_at(at, every, fails, wait),
    )


def pause(every: timedelta, fails: int) -> timedelta:
    """After `fails` failures in a row: 55 seconds, twice that, and so on.

    No longer than the provider's own pace, from a quarter of an hour for a market to an hour for a daily file.
    """
    longest = min(max(every, SHORT), LONG)
    doublings = min(fails - 1, 10)
    return min(FIRST * (1 << doublings), longest)


def _again_at(at: datetime, every: timedelta, fails: int, wait: timedelta | None) -> datetime:
    usual = pause(every, fails) if fails else every
    return at + max(usual, min(wait or timedelta(0), MOST))
