"""One trial: a site under load, kills in an order that a seed decides, healing, and what was found after it."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import psutil

from marketplace.lib.failpoints import POINTS
from marketplace.run.outside import find_bitcoind
from marketplace.run.places import BASE, make_folder
from marketplace.run.processes import wait_until
from payments.doubles.stripe.store import Store
from tests.chaos.buyers import Buyer, Market
from tests.chaos.finance import Finance
from tests.chaos.killing import QUICK, ways
from tests.chaos.site import Site
from tests.chaos.verdict import Finding, Outside, judge

LOGS = BASE / ".data-test" / "chaos"  # of the last run
DRAINED = 120  # seconds after the last kill
BUYERS = 6
EACH = 45.0  # seconds for two points to be reached
# The points by who is killed there: at first those that everything survives slowly, at last those that stop it.
IN_WEB = (
    "answer kept",
    "webhook kept",
    "operation stored",
    "operation claimed",
    "order placed",
    "answer ready",
    "order written",
)
IN_WORKER = ("chain seen", "news fetched", "news applied", "journal posted", "operation answered")


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
    errors: list[Exception] = field(default_factory=list)  # of people whom the site told nonsense

    def count(self, kind: str) -> int:
        return sum(finding.kind == kind for finding in self.findings)

    def lines(self) -> list[str]:
        return [
            f"chaos | {self.kills.total()} kills at random: {said(self.kills)}",
            f"chaos | {self.deaths.total()} deaths at a named point: {said(self.deaths)}",
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
    """Buyers buy and sellers are paid, while all dies: by `kill` or `die`, one of them, and then `finish`."""

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

    def open(self, fail_at: str = "") -> None:
        """People and goods; then the load begins. Without `fail_at` every named point is fatal now and then."""
        site, chance = self.site, self.chance
        world = site.world(f"begin({BUYERS})")
        self.fatal = fail_at or ",".join(f"{point}:{chance.randint(2, 6)}" for point in POINTS)
        site.start_programs(self.fatal)
        goods = {int(pk): token for pk, token in world["goods"].items()}
        market = Market(site.port, site.stripe, goods, site.network, site.hurry)
        self.buyers = [Buyer(market, token, chance.randrange(10**6), self.enough) for token in world["buyers"]]
        self.finance = Finance((site.port, site.stripe), world["sellers"], world["staff"], self.enough)
        for person in (*self.buyers, self.finance):
            person.start()

    def kill(self, kills: int, *, pause: tuple[float, float], seconds: float) -> None:
        """So many at random, for so long at most: each way once, then more of the quick ones."""
        known, begun = ways(self.site), time.monotonic()
        order = self.chance.sample(list(known), min(kills, len(known)))
        order += self.chance.choices(list(known), [3 if way in QUICK else 1 for way in known], k=kills)
        for way in order[:kills]:
            if time.monotonic() - begun > seconds:
                return
            self._attend(lambda: False, self.chance.uniform(*pause))
            try:
                known[way](self.site, self.chance)
            except psutil.NoSuchProcess:
                continue  # it died by itself a moment ago
            self.report.kills[way] += 1

    def die_everywhere(self) -> None:
        """At each named point once: web and worker are armed with one each, all others live, until both died of it."""
        for at_web, at_worker in zip_longest(IN_WEB, IN_WORKER):
            armed = {"web": at_web, "worker": at_worker}
            before = Counter(self.site.last_words())
            for program, point in armed.items():
                if point:
                    self._arm(program, f"{point}:1")
            wanted = {point for point in armed.values() if point}
            self._attend(lambda: wanted <= (Counter(self.site.last_words()) - before).keys(), EACH)  # noqa: B023
        for program in armed:
            self._arm(program, self.fatal)

    def _arm(self, program: str, fail_at: str) -> None:
        """Kill it; the next one dies as `fail_at` says."""
        self.site.supervisor.env = self.site.env | {"FAIL_AT": fail_at}
        self.site.supervisor.children[program].kill()
        self.report.kills[program] += 1
        self._attend(lambda: False, 0.2)  # it is started again

    def die(self, deaths: int, *, seconds: float) -> None:
        """Until so many processes died at a named point."""
        self._attend(lambda: len(self.site.last_words()) >= deaths, seconds)

    def _attend(self, done: Callable[[], bool], seconds: float) -> bool:
        """Keep the site alive until it is `done`, or for so long."""

        def looked() -> bool:
            self.site.look_after()
            return done()

        return wait_until(looked, seconds)

    def _is_quiet(self) -> bool:
        return not any(person.is_alive() for person in (*self.buyers, self.finance)) and self.site.waiting() == 0

    def _look(self) -> None:
        """Everything that the site, Stripe, the chain, the bank and the people know now."""
        site, report = self.site, self.report
        audit, audits = site.manage("audit"), site.audits()
        report.last_audit = audit.stdout + audit.stderr if audit.returncode else ""
        report.audits, report.broken = len(audits), [name for names in audits for name in names]
        report.deaths = Counter(site.last_words())
        people: list[Buyer | Finance] = [*self.buyers, self.finance]
        report.errors = [person.broken for person in people if person.broken]
        report.answers = sum((person.answers for person in people), Counter())
        story = [bought for buyer in self.buyers for bought in buyer.story]
        report.told = Counter(f"{bought.rail} {bought.told or 'unfinished'}" for bought in story)
        report.fates = Counter(bought.life.fate for bought in story if bought.life)
        report.orders = sum(len(bought.orders) for bought in story)
        coins = site.network.paid() if site.network else {}
        outside = Outside.of(Store(site.folder / "double.json"), coins, self.finance.bank.transfers())
        report.effects = outside.effects
        report.findings = judge(site.world("books()"), outside, story, self.finance)


def said(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "none"
