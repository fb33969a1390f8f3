"""The ways to kill a part of the site, all with -9. A way takes the site and chance; nobody there, nothing done."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from typing import Any

import psutil

from marketplace.run.processes import kill_group
from tests.chaos.chain import OURS
from tests.chaos.site import Site
from tests.chaos.wire import FAILED, STRIPE, ask

Way = Callable[[Site, random.Random], None]
CALLS = ("POST /v1/payment_intents", "POST /v1/refunds")
SLOW = {"kind": "slow", "path": "/v1/(payment_intents|refunds)$", "seconds": 0.7}
CALLED_WITHIN = 5.0  # seconds


def leader(name: str) -> Way:
    """Its children live on until the supervisor sees it."""
    return lambda site, chance: site.supervisor.children[name].kill()


def group(name: str) -> Way:
    """All of it at the same moment."""
    return lambda site, chance: kill_group(site.pid(name))


def child(name: str) -> Way:
    """One of the processes that the leader made; it makes another."""

    def way(site: Site, chance: random.Random) -> None:
        children = sorted(psutil.Process(site.pid(name)).children(), key=lambda one: one.pid)
        if children:
            chance.choice(children).kill()

    return way


def backend(site: Site, chance: random.Random) -> None:
    """PostgreSQL then ends every session and recovers by itself."""
    assert site.postgres.child
    children = psutil.Process(site.postgres.child.pid).children()
    serving = [one for one in children if "market market" in " ".join(one.cmdline())]
    if serving:
        chance.choice(serving).kill()


def postgres(*, whole: bool) -> Way:
    def way(site: Site, chance: random.Random) -> None:
        assert site.postgres.child
        family = psutil.Process(site.postgres.child.pid).children() if whole else []
        site.postgres.child.kill()
        for process in family:
            process.kill()
        site.postgres.child.wait()

    return way


def valkey(*, wiped: bool) -> Way:
    def way(site: Site, chance: random.Random) -> None:
        assert site.valkey.child
        site.valkey.child.kill()
        site.valkey.child.wait()
        if wiped:
            shutil.rmtree(site.valkey.data)

    return way


def in_a_call(site: Site, chance: random.Random) -> None:
    """Web and worker, all processes, while Stripe works on a call that one of them made."""
    try:
        before = _requests(site)["count"]
        ask(site.stripe, "POST", "/_double/faults", SLOW, STRIPE)
        end = time.monotonic() + CALLED_WITHIN
        while not _is_asked_since(site, before):
            if time.monotonic() > end:
                return
            site.look_after()
            time.sleep(0.02)
    except FAILED:
        return  # Stripe was killed a moment ago
    for name in ("web", "worker"):
        for one in psutil.Process(site.pid(name)).children():
            one.kill()


def _requests(site: Site) -> Any:
    return ask(site.stripe, "POST", "/_double/requests", {}, STRIPE)[1]


def _is_asked_since(site: Site, before: int) -> bool:
    """Whether the double was asked for a payment or a refund after its first `before` requests."""
    found = _requests(site)
    fresh = found["requests"][before - found["count"] :] if found["count"] > before else []
    return any(call in fresh for call in CALLS)


# What is back within a second, and what takes longer.
QUICK: dict[str, Way] = {
    "web process": child("web"),
    "task process": child("worker"),
    "processes in a call": in_a_call,
    "postgres backend": backend,
    "postgres": postgres(whole=False),
    "postgres, all of it": postgres(whole=True),
    "valkey": valkey(wiped=False),
    "valkey and its data": valkey(wiped=True),
    "double": leader("double"),
}
SLOWER: dict[str, Way] = {
    "web": leader("web"),
    "web, all of it": group("web"),
    "worker": leader("worker"),
    "worker, all of it": group("worker"),
    "beat": leader("beat"),
}
CHAIN: dict[str, Way] = {"node": leader(OURS)}


def ways(site: Site) -> dict[str, Way]:
    return QUICK | SLOWER | (CHAIN if site.network else {})
