"""Buyers buy while everything is killed with -9 around them, in an order that a seed decides.

`CHAOS_KILLS=200 CHAOS_SEED=7 python3 manage.py test tests/chaos/test_kills.py` for more of it.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marketplace.lib.failpoints import POINTS
from marketplace.run.places import BASE, make_folder
from marketplace.run.processes import wait_until
from tests.chaos import verdict
from tests.chaos.buyers import Buyer
from tests.chaos.site import Site

pytestmark = pytest.mark.chaos

BUYERS = 6
KILLS = int(os.environ.get("CHAOS_KILLS", "24"))
SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
LOGS = BASE / ".data-test" / "chaos"  # of the last run
DRAINED = 120  # seconds after the last kill
WAYS: dict[str, Callable[[Site, random.Random], None]] = {
    "web process": lambda site, chance: site.kill_child("web", chance),
    "task process": lambda site, chance: site.kill_child("worker", chance),
    "processes in a call": lambda site, chance: site.kill_in_a_call(),
    "postgres backend": lambda site, chance: site.kill_backend(chance),
    "postgres": lambda site, chance: site.kill_postgres(whole=False),
    "postgres, all of it": lambda site, chance: site.kill_postgres(whole=True),
    "valkey": lambda site, chance: site.kill_valkey(wiped=False),
    "valkey and its data": lambda site, chance: site.kill_valkey(wiped=True),
    "web": lambda site, chance: site.supervisor.children["web"].kill(),
    "worker": lambda site, chance: site.supervisor.children["worker"].kill(),
    "beat": lambda site, chance: site.supervisor.children["beat"].kill(),
    "double": lambda site, chance: site.supervisor.children["double"].kill(),
}
QUICK = list(WAYS)[:8]  # what is back within a second


@pytest.fixture
def site() -> Iterator[Site]:
    folder = make_folder(Path(tempfile.mkdtemp(prefix="entrepot-chaos-")))
    site = Site(folder / "data")
    try:
        site.start_servers()
        yield site
    finally:
        shutil.copytree(site.supervisor.logs, LOGS, dirs_exist_ok=True)
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_whatever_is_killed_each_paid_order_is_charged_once(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(SEED)
    goods, buyers, enough = open_for_business(site, chance)
    killed = kill(site, chance)
    enough.set()
    site.heal()
    healed = time.monotonic()
    drained = attend(site, lambda: not any(buyer.is_alive() for buyer in buyers) and site.waiting() == 0)
    seconds = time.monotonic() - healed

    audit, audits = site.manage("audit"), site.audits()
    books, stripe = site.world("books()"), verdict.Stripe.read(site.folder / "double.json")
    story = [bought for buyer in buyers for bought in buyer.story]
    told = Counter(bought.told for bought in story)
    answers = sum((buyer.answers for buyer in buyers), Counter())
    with capsys.disabled():
        print(f"\nchaos | seed {SEED}: {killed.total()} kills: {said(killed)}")
        print(f"chaos | {len(site.last_words())} deaths at a step: {said(Counter(site.last_words()))}")
        print(f"chaos | {len(story)} tries to buy: {said(told)}; {sum(map(len, stripe.charges.values()))} charges")
        print(f"chaos | answers: {said(answers)}")
        print(f"chaos | drained {seconds:.1f} s after the last kill; {len(audits)} audits meanwhile")
    assert [buyer.broken for buyer in buyers if buyer.broken] == []
    assert drained, f"{site.waiting()} rows still wait"
    assert seconds < DRAINED
    assert verdict.wrong(books, stripe, story, rare=goods[2]) == []
    assert audit.returncode == 0, audit.stdout
    assert audits
    assert [broken for broken in audits if broken] == []
    assert not [answer for answer in answers if answer.startswith("500")]
    assert told["captured"] >= BUYERS // 2


def open_for_business(site: Site, chance: random.Random) -> tuple[list[int], list[Buyer], threading.Event]:
    """The goods, the buyers who buy already, and what makes them stop."""
    world, enough = site.world(f"begin({BUYERS})"), threading.Event()
    site.start_programs(fail_at=",".join(f"{point}:{chance.randint(2, 6)}" for point in POINTS))
    where = (site.port, site.stripe)
    buyers = [Buyer(where, token, world["goods"], chance.randrange(10**6), enough) for token in world["tokens"]]
    for buyer in buyers:
        buyer.start()
    return world["goods"], buyers, enough


def kill(site: Site, chance: random.Random) -> Counter[str]:
    """Each way once, then more of the quick ones; how often each."""
    ways = chance.sample(list(WAYS), min(KILLS, len(WAYS)))
    ways += chance.choices(QUICK, k=max(0, KILLS - len(ways)))
    for way in ways:
        attend(site, lambda: False, chance.uniform(0.5, 3.0))
        WAYS[way](site, chance)
    return Counter(ways)


def attend(site: Site, done: Callable[[], bool], seconds: float = 2.0 * DRAINED) -> bool:
    """Keep the site alive until it is `done`, or for so long."""

    def looked() -> bool:
        site.look_after()
        return done()

    return wait_until(looked, seconds)


def said(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "none"
