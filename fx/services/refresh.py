"""From the providers to a new set of rates: visit, choose, hold what jumped, keep what is good."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from fx.models import RateSet
from fx.providers.base import BadRates, RateProvider, Reading
from fx.providers.embedded import EmbeddedRates
from fx.providers.registry import active
from fx.rules import Chosen, Group, Mid, choose, jumps
from fx.services.current import active_set
from fx.services.sets import create_set, hold, mids_of, one_writer, prune, release_held
from fx.services.visits import is_due, note_visit
from marketplace.lib.clock import now
from marketplace.lib.locks import singleton

log = logging.getLogger(__name__)
FORGET = timedelta(days=30)  # a currency that no source has had for so long leaves the set


def refresh_rates(*, force: bool = False, only: Collection[str] = ()) -> RateSet | None:
    """Visit the providers that are due, all with `force`, `only` those named, due or not; and store what changed.

    Returns the new active set; else the one that waits for review; None when nothing is new or
    another process is at it. The visits are made outside of any transaction.
    """
    with singleton("refresh rates") as alone:
        if not alone:
            return None
        providers = active()
        wanted = [each for each in providers if (each.name in only if only else force or is_due(each.name))]
        visits = [(each, _visit(each)) for each in wanted]
        with transaction.atomic():
            found = _store(choose(visits), providers)
            prune()
        return found


def _visit(provider: RateProvider) -> Sequence[Reading]:
    """Its readings that are fresh, none when it fails; either way a RateFetch says how it went."""
    wait = None
    try:
        reply = provider.fetch()
        wait = reply.wait
        fresh = [reading for reading in reply.readings if _is_fresh(provider, reading)]
        problems = [*reply.problems, *_stale(reply.readings, fresh)]
    except BadRates as error:
        fresh, problems, wait = [], [str(error)], error.wait
    except Exception as error:  # a plug-in's own mistake must not stop the other providers
        log.exception("The rate provider %s failed.", provider.name)
        fresh, problems = [], [f"{type(error).__name__}: {error}"]
    if problems:
        log.warning("Rates of %s: %s", provider.name, "; ".join(problems))
    note_visit(provider.name, every=provider.every, ok=bool(fresh), problems=problems, wait=wait)
    return fresh


def _is_fresh(provider: RateProvider, reading: Reading) -> bool:
    return provider.max_age is None or now() < reading.as_of + provider.max_age


def _stale(all_readings: Sequence[Reading], fresh: Sequence[Reading]) -> list[str]:
    old = [reading for reading in all_readings if reading not in fresh]
    if not old:
        return []
    names = ", ".join(reading.currency for reading in old)
    return [f"too old: {names} of {min(reading.as_of for reading in old):%Y-%m-%d %H:%M} UTC"]


def _store(chosen: Chosen, providers: Sequence[RateProvider]) -> RateSet | None:
    """A new active set when anything changed, and a held one when anything jumped."""
    one_writer()
    last = mids_of(active_set())
    kept = _keep(last, providers)
    mids = _in_turn(chosen.mids, kept, providers)
    moved = jumps(mids, kept, _past(mids, kept))
    suspect = {Group.of(currency) for currency in moved}
    held = {c: mid for c, mid in mids.items() if Group.of(c) in suspect}
    good = {c: mid for c, mid in mids.items() if c not in held}
    release_held(good)
    waiting = hold(held, moved, kept) if held else None
    new = {**kept, **good, **_dispute(chosen.disputed, kept)}
    return create_set(new.values()) if new != last else waiting


def _keep(last: Mapping[str, Mid], providers: Sequence[RateProvider]) -> dict[str, Mid]:
    """The last rates, stale ones too: they close quoting by their age and measure the next jump.

    A stand-in's never age, so they stay only while it is switched on and still a stand-in.
    """
    stand_ins = {provider.name for provider in providers if provider.max_age is None}
    return {
        currency: mid
        for currency, mid in last.items()
        if (mid.source in stand_ins if mid.good_until is None else now() < mid.good_until + FORGET)
    }


def _in_turn(new: Mapping[str, Mid], kept: Mapping[str, Mid], providers: Sequence[RateProvider]) -> dict[str, Mid]:
    """Without what a provider says of a currency that an earlier one in RATE_PROVIDERS still covers.

    They are not always asked in the same minute. The later one steps in for a rate that would be
    too old before it is asked again.
    """
    turn = {provider.name: position for position, provider in enumerate(providers)}
    soon = {provider.name: now() + provider.every for provider in providers}
    never = len(providers)

    def covered(mid: Mid) -> bool:
        old = kept.get(mid.currency)
        if old is None or turn.get(old.source, never) >= turn.get(mid.source, -1):
            return False
        return old.good_until is None or soon[mid.source] < old.good_until

    return {currency: mid for currency, mid in new.items() if not covered(mid)}


def _dispute(currencies: frozenset[str], kept: Mapping[str, Mid]) -> dict[str, Mid]:
    return {c: replace(kept[c], disputed=True) for c in currencies if c in kept}


def _past(new: Mapping[str, Mid], last: Mapping[str, Mid]) -> dict[str, Decimal]:
    """What the embedded file knows, read only when a currency appears that has no last rate."""
    if new.keys() <= last.keys():
        return {}
    try:
        return {reading.currency: reading.per_eur for reading in EmbeddedRates().fetch().readings}
    except BadRates as error:
        log.warning("No past rates to compare the first ones with: %s", error)
        return {}
