"""The naive market of tests/chaos/naive: it is seen to fail, so that passing is worth something.

At the step that hurts it, in processes of its own; with `make chaos` also as a whole site under load.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from django.test import Client

from marketplace.lib.clock import shifted
from marketplace.run.pytest_words import Tell
from orders import work
from orders.models import Checkout
from tests.chaos import people
from tests.chaos.bank import Bank
from tests.chaos.buyers import Bought
from tests.chaos.lives import Life
from tests.chaos.naive import VARIANTS, patches
from tests.chaos.people import Person, Told
from tests.chaos.test_deaths import Purchase, dies_in
from tests.chaos.trial import Report, Trial, seed, site_for
from tests.chaos.verdict import Outside, judge
from tests.chaos.world import believed
from tests.doubles import StripeDouble
from tests.orders.conftest import world as world
from tests.orders.world import World, broken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]


@dataclass(frozen=True)
class Hurt:
    """Where a process of the variant dies, and what is then found; `books`: whether the audit finds something too."""

    variant: str
    step: str
    point: str
    found: dict[str, int]
    books: bool = False


HURTS = [
    Hurt("forgetful", "ask", "operation answered", {"double": 1}),
    Hurt("hasty", "refund", "operation claimed", {"loss": 1}),
    Hurt("trusting", "apply", "news fetched", {}, books=True),
]


class GivenBack(Purchase):
    """Bob buys the scarf, nobody ships it, all goes back."""

    def __init__(self, world: World, double: StripeDouble) -> None:
        super().__init__(world, double)
        self.steps = (*self.steps, self.lapse, self.refund, self.hear)

    def lapse(self) -> None:
        with shifted(days=40):
            work.meet_deadlines()

    def refund(self) -> None:
        for minutes in (0, 5):  # by then what a dead process holds is free
            with shifted(days=40, minutes=minutes):
                work.drain_operations()

    def hear(self) -> None:
        assert set(self.double.deliver(Client())) <= {200}
        with shifted(days=40, minutes=10):
            work.drain_inbox()

    def live(self, *, dies: str, point: str) -> None:
        for step in self.steps:
            if step.__name__ == dies:
                dies_in(step, point)
            step()

    def found(self) -> dict[str, int]:
        """The verdict of the trial, by kind."""
        checkout = Checkout.objects.get()
        bought = Bought(self.world.scarf.pk, token=checkout.token, told="captured")
        bought.orders = list(checkout.orders.values_list("number", flat=True))
        nobody, [number] = Person(0, "", Counter()), bought.orders
        bought.life = Life(number, bought.token, "", nobody, nobody, lambda number: None, refunds=1)
        bought.life.told = [Told(number, "refunded")]
        books = believed() | {"stock": {}, "clearing": {}}  # the trial's shelves are fuller, and nobody reconciles here
        outside = Outside.of(self.double.double.store, {}, Bank())
        return dict(Counter(finding.kind for finding in judge(books, outside, [bought], None)))


@pytest.mark.parametrize("hurt", HURTS, ids=lambda hurt: hurt.variant)
def test_where_it_dies_the_naive_market_is_found_out(
    world: World, stripe_double: StripeDouble, monkeypatch: pytest.MonkeyPatch, hurt: Hurt
) -> None:
    for where, name, by in patches(hurt.variant):
        monkeypatch.setattr(where, name, by)
    story = GivenBack(world, stripe_double)
    story.live(dies=hurt.step, point=hurt.point)
    assert (story.found(), bool(broken())) == (hurt.found, hurt.books)


@pytest.mark.parametrize("hurt", HURTS, ids=lambda hurt: hurt.variant)
def test_where_it_dies_ours_is_not(world: World, stripe_double: StripeDouble, hurt: Hurt) -> None:
    story = GivenBack(world, stripe_double)
    story.live(dies=hurt.step, point=hurt.point)
    assert (story.found(), broken()) == ({}, [])


def test_every_variant_is_hurt() -> None:
    assert [hurt.variant for hurt in HURTS] == list(VARIANTS)


@pytest.mark.long
@pytest.mark.parametrize("hurt", HURTS, ids=lambda hurt: hurt.variant)
def test_under_load_it_is_found_out_within_three_deaths(
    monkeypatch: pytest.MonkeyPatch, tell: Tell, hurt: Hurt
) -> None:
    """Deaths at the point alone; then it has the same time to mend itself as ours."""
    monkeypatch.setattr(people, "PATIENCE", 45.0)  # its people would wait for ever
    with site_for(hurt.variant, DJANGO_SETTINGS_MODULE="tests.chaos.naive.settings", NAIVE=hurt.variant) as site:
        trial = Trial(site, seed())
        trial.open()
        trial.die(hurt.point, 3, seconds=120)
        report = trial.finish()
    tell(f"naive | {hurt.variant}: {what_is_wrong(report)}")
    assert report.deaths[hurt.point] >= 1
    assert report.count("double") + report.count("loss") + len(report.broken) > 0
    if hurt.books:
        assert report.broken


def what_is_wrong(report: Report) -> str:
    broken = ", ".join(sorted(set(report.broken))) or "none"
    return f"losses {report.count('loss')}  doubles {report.count('double')}  invariants broken: {broken}"
