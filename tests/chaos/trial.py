"""One trial: a site under load, kills in an order that a seed decides, healing, and what was found after it."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from marketplace.run.outside import find_bitcoind
from marketplace.run.places import BASE, make_folder
from marketplace.run.processes import wait_until
from payments.doubles.stripe.store import Store
from tests.chaos.bank import Bank
from tests.chaos.buyers import Buyer, Market
from tests.chaos.finance import Finance
from tests.chaos.killing import QUICK, ways
from tests.chaos.lives import Deck
from tests.chaos.people import ACKNOWLEDGED
from tests.chaos.site import Site
from tests.chaos.verdict import Finding, Outside, judge

LOGS = BASE / ".data-test" / "chaos"  # of the last run
DRAINED = 120  # seconds after the last kill
BUYERS = 8
LIFE = 2  # acknowledged intents between two kills, so that there is something to lose
STANDSTILL = 20.0  # seconds without them after which the next kill comes all the same
AGAIN = 0.2  # how often a kill lays a trap once more at a point where somebody died already


def seed() -> int:
    """CHAOS_SEED, or a new one."""
    return int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))


@contextmanager
def site_for(name: str, **env: str) -> Iterator[Site]:
    """A site whose logs are kept under `name`; its servers run, its programs do not yet. `env` is added to theirs."""
    folder = make_folder(Path(tempfile.mkdtemp(prefix="entrepot-chaos-")))
    site = Site(folder / "data", bitcoind=find_bitcoind(), env=env)
    try:
        site.start_servers()
        yield site
    finally:
        shutil.rmtree(LOGS / name, ignore_errors=True)
        shutil.copytree(site.supervisor.logs, LOGS / name)
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Report:
    """What a trial did and found. `broken`: what the audit, looping, ever found."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    effects: int = 0
    audits: int = 0
    broken: list[str] = field(default_factory=list)
    last_audit: str = ""  # empty when all holds
    waiting: int = 0
    drained: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # named points at which nobody died although a trap lay there
    errors: list[Exception] = field(default_factory=list)  # of people whom the site told nonsense

    def count(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)

    def lines(self) -> list[str]:
        return [
            f"chaos | {self.kills.total()} kills at random: {said(self.kills)}",
            f"chaos | {self.deaths.total()} deaths at a named point: {said(self.deaths)}",
            *(f"chaos | nobody died at: {name}" for name in self.missed),
            f"chaos | payments: {said(self.told)}; then: {said(self.fates)}",
            f"chaos | answers: {said(self.answers)}",
            f"chaos | {self.audits} audits meanwhile; broken: {', '.join(sorted(set(self.broken))) or 'nothing'}",
            *(f"chaos | found {finding}" for finding in self.findings),
            *(f"chaos | somebody was told nonsense: {error}" for error in self.errors),
            self.verdict,
        ]

    @property
    def verdict(self) -> str:
        return (
            f"kills {self.kills.total() + self.deaths.total()}  orders {self.orders}  effects {self.effects}  "
            f"losses {self.count('loss')}  doubles {self.count('double')}  "
            f"drained in {self.drained:.0f} s  seed {self.seed}"
        )


class Trial:
    """Buyers buy, sellers are paid, and all dies: by `kill`, `until_everybody_died` or `die`, and then `finish`."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.chance, self.report = site, random.Random(seed), Report(seed)
        self.enough = threading.Event()

    def finish(self) -> Report:
        """No more faults: everything that was begun ends, and is looked at."""
        self.enough.set()
        self.site.heal()
        healed = time.monotonic()
        self._attend(self._is_quiet, 2.0 * DRAINED)
        self.report.drained, self.report.waiting = time.monotonic() - healed, self.site.waiting()
        self._look()
        return self.report

    def open(self, traps: Sequence[str] = ()) -> None:
        """People and goods; then the load begins, and traps lie at these named points."""
        site, chance, bank = self.site, self.chance, Bank()
        world = site.world(f"begin({BUYERS})")
        self.wanted = set(traps)
        site.traps.lay(traps)
        site.start_programs()
        goods = {int(pk): currency for pk, currency in world["goods"].items()}
        rails = ("stripe", "transfer", *(("bitcoin",) if site.network else ()))
        deck = Deck(random.Random(chance.randrange(10**6)), rails)
        market = Market(site.port, site.stripe, goods, world["sellers"], bank, site.network, deck, site.hurry)
        self.buyers = [Buyer(market, token, chance.randrange(10**6), self.enough) for token in world["buyers"]]
        self.finance = Finance(site, world, bank, self.enough, self._buys)
        for person in (*self.buyers, self.finance):
            person.start()

    def kill(self, kills: int, *, seconds: float) -> None:
        """So many at random, for so long at most: each way once, then more of the quick ones."""
        known, begun = ways(self.site), time.monotonic()
        first, often = self.chance.sample(list(known), len(known)), [3 if way in QUICK else 1 for way in known]
        while self.report.kills.total() < kills:
            way = first.pop() if first else self.chance.choices(list(known), often)[0]
            if time.monotonic() - begun > seconds or self._broken():
                return
            self._see_life()
            try:
                known[way](self.site, self.chance)
            except psutil.NoSuchProcess:
                continue  # it died by itself a moment ago: that is no kill of ours
            self.report.kills[way] += 1
            if self.chance.random() < AGAIN and (sprung := sorted(self.wanted - self.site.traps.waiting())):
                self.site.traps.lay([self.chance.choice(sprung)])

    def until_everybody_died(self, seconds: float) -> None:
        """The load goes on until somebody died at each point; the report says where nobody did in all that time. A trap
        that was laid again may stay: some points are reached once a day."""
        self._attend(lambda: not self._missed() or bool(self._broken()), seconds)
        self.report.missed = sorted(self._missed())

    def _missed(self) -> set[str]:
        return self.wanted - set(self.site.last_words())

    def die(self, point: str, deaths: int, *, seconds: float) -> None:
        """So many processes there, one after the other."""
        for _time in range(deaths):
            self.site.traps.lay([point])
            self._attend(lambda: not self.site.traps.waiting(), seconds)

    def _see_life(self) -> None:
        before = self._acknowledged()
        self._attend(lambda: False, self.chance.uniform(0.2, 1.0))
        self._attend(lambda: self._acknowledged() >= before + LIFE, STANDSTILL)

    def _acknowledged(self) -> int:
        return sum(buyer.answers[ACKNOWLEDGED] for buyer in self.buyers)

    def _broken(self) -> list[Exception]:
        """Whoever was told nonsense has stopped; more kills would show nothing more."""
        people: list[Buyer | Finance] = [*self.buyers, self.finance]
        return [person.broken for person in people if person.broken]

    def _buys(self) -> bool:
        return any(buyer.is_alive() for buyer in self.buyers)

    def _attend(self, done: Callable[[], bool], seconds: float) -> bool:
        """Keep the site alive until it is `done`, or for so long."""

        def looked() -> bool:
            self.site.look_after()
            return done()

        return wait_until(looked, seconds)

    def _is_quiet(self) -> bool:
        return not self._buys() and not self.finance.is_alive() and self.site.waiting() == 0

    def _look(self) -> None:
        """Everything that the site, Stripe, the chain, the bank and the people know now."""
        site, report = self.site, self.report
        site.manage("reconcile")  # as every night
        audit, audits = site.manage("audit"), site.audits()
        report.last_audit = audit.stdout + audit.stderr if audit.returncode else ""
        report.audits, report.broken = len(audits), [name for names in audits for name in names]
        report.deaths = Counter(site.last_words())
        people: list[Buyer | Finance] = [*self.buyers, self.finance]
        report.errors = self._broken()
        report.answers = sum((person.answers for person in people), Counter())
        story = [bought for buyer in self.buyers for bought in buyer.story]
        report.told = Counter(f"{bought.rail} {bought.told or 'unfinished'}" for bought in story)
        report.fates = Counter(bought.life.fate for bought in story if bought.life)
        report.orders = sum(len(bought.orders) for bought in story)
        coins = site.network.paid() if site.network else {}
        outside = Outside.of(Store(site.double), coins, self.finance.bank)
        report.effects = outside.effects
        report.findings = judge(site.world("books()"), outside, story, self.finance)


def said(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "none"
