"""Rebates of many orders at once: the same rows as one after the other, each once, in as many statements as for one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from fx.models import Conversion, Window, WindowShare
from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from payments.holds import Release, release_all
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Journal, Rebate
from payments.netting import rebates
from payments.netting.windows import close_window
from payments.services import request_refund
from tests.chaos.test_deaths import dies_in
from tests.conftest import make_user
from tests.orders.racing import race
from tests.orders.test_silence import BALANCES, BOOKS
from tests.payments.netting import broken, known
from tests.payments.pocket import FarEnd
from tests.payments.sales import opposite, sold
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
MID = {"INR": "105"}


@pytest.fixture(autouse=True)
def live(settings: Settings, far: FarEnd) -> None:
    settings.NETTING_MODE = "live"
    settings.PROCESSORS["pocket"]["settlement_currencies"] = ["EUR"]


@pytest.fixture
def sellers(alice: User) -> list[User]:
    return [alice, *(make_user(f"seller{n}@example.com", country="IN", currency="INR") for n in range(2))]


@pytest.fixture
def sales(sellers: list[User], bob: User) -> Callable[[int], list[Release]]:
    """So many orders in a closed live window, no price twice, all of their money matched."""

    def make(count: int) -> list[Release]:
        releases = sold([Money(100_000 + 7_919 * n, "INR") for n in range(count)], sellers, buyer=bob)
        opposite(Money(sum(one.held.amount for one in releases), "INR"), sellers[0])
        return releases

    return make


def close() -> Window:
    known(MID)
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window


def late(sales: Callable[[int], list[Release]], count: int) -> list[Release]:
    """Their orders were completed before the window closed: the sweep owes their rebates."""
    releases = sales(count)
    release_all(releases)
    close()
    return releases


def give_back(one: Release, minor: int) -> None:
    parts = {"goods": Money(minor, "INR")}
    request_refund(payment=one.payment, ref=one.ref, reason="agreement", parts=parts)


def journals() -> int:
    return Journal.objects.filter(kind="rebate").count()


def written(do: Callable[[], object]) -> dict[str, Any]:
    """What it leaves, taken back at once."""
    with undone(), connection.cursor() as cursor:
        do()
        cursor.execute(BOOKS)
        books = cursor.fetchall()
        cursor.execute(BALANCES)
        assert broken() == []
        fields = ("conversion", "seller", "currency", "most_minor", "booked_minor", "hub_minor", "journals")
        crossed = Conversion.objects.filter(journal_key__startswith="rebate:").order_by("journal_key")
        return {
            "books": books,
            "balances": cursor.fetchall(),
            "rebates": list(Rebate.objects.order_by("conversion").values_list(*fields)),
            "crossed": list(
                crossed.values_list("journal_key", "sell_minor", "buy_minor", "seller", "quote", "counted")
            ),
        }


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def one_by_one() -> None:
    for conversion in rebates.due_rebates():
        rebates.pay_rebate(conversion)


@pytest.mark.parametrize("size", [500, 4])
def test_a_set_writes_to_the_byte_what_one_after_the_other_writes(
    sales: Callable[[int], list[Release]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Debts are open, some is given back, some of it all."""
    releases = late(sales, 12)
    for one, minor in zip(releases, (100, 33_333, releases[2].held.amount), strict=False):
        give_back(one, minor)
    monkeypatch.setattr(rebates, "SET", size)
    alone, together = written(one_by_one), written(work.pay_rebates)
    for name, left in alone.items():
        assert together[name] == left, name
    assert (len(alone["rebates"]), len(alone["crossed"])) == (12, 11)
    assert all(row[-1] for row in together["books"]), "a fingerprint is not that of its legs"


def test_they_sum_to_the_unit_in_both_moneys(sales: Callable[[int], list[Release]], sellers: list[User]) -> None:
    releases = late(sales, 50)
    before = [balance(codes.seller(seller.pk, "INR")) for seller in sellers]
    assert work.pay_rebates() == 50
    shares = WindowShare.objects.filter(conversion__ref__startswith="S")
    booked = {rebate.ref: rebate.booked_minor for rebate in Rebate.objects.all()}
    # Half of the share's cents, at 105 rupees for a euro, rounded down.
    assert booked == {share.conversion.ref: share.saving_minor * 50 * 105 // 100 for share in shares}
    assert booked.keys() == {one.ref for one in releases}
    after = [balance(codes.seller(seller.pk, "INR")) for seller in sellers]
    given = sum((new - old).amount for new, old in zip(after, before, strict=True))
    assert given == sum(booked.values()) == -balance(codes.fx("INR")).amount - _others("INR")
    assert balance(codes.expense("rebate", "EUR")).amount == sum(-(-share.saving_minor // 2) for share in shares)
    assert broken() == []


def _others(currency: str) -> int:
    """What all but rebates did to the position."""
    entries = Journal.objects.exclude(kind="rebate").filter(entries__account__code=f"fx:{currency}")
    return -sum(entries.values_list("entries__amount", flat=True))


def test_fifty_take_no_more_statements_than_one(sales: Callable[[int], list[Release]]) -> None:
    late(sales, 52)
    due = rebates.due_rebates()
    assert len(due) == 52
    rebates.pay_rebate(due[0])  # it opens the accounts
    counts = []
    for some in ([due[1]], due[2:]):
        with CaptureQueriesContext(connection) as asked:
            assert rebates.pay_rebates(some) == []
        counts.append(len(asked))
    assert counts[1] <= counts[0] <= 24
    assert journals() == 52


def test_a_release_of_fifty_takes_no_more_statements_than_one_with_their_rebates(
    sales: Callable[[int], list[Release]],
) -> None:
    releases = sales(54)
    close()
    release_all(releases[:3])  # each seller's accounts are open
    counts = []
    for some in (releases[3:4], releases[4:]):
        with CaptureQueriesContext(connection) as asked:
            release_all(some)
        counts.append(len(asked))
    assert counts[1] <= counts[0] <= 40
    assert (journals(), rebates.due_rebates(), broken()) == (54, [], [])


def test_one_that_is_refused_takes_none_with_it(
    sales: Callable[[int], list[Release]], caplog: pytest.LogCaptureFixture
) -> None:
    releases = late(sales, 7)
    bad = releases[4]
    legs = [(codes.clearing("bank", "EUR"), 1), (codes.fx("EUR"), -1)]
    post(f"rebate:{bad.payment.pk}:{bad.ref}:1", "fill", "", legs)  # its key has other legs
    assert work.pay_rebates() == 7
    conversion = Conversion.objects.get(ref=bad.ref, journal_key__startswith="capture:")
    assert (rebates.due_rebates(), journals()) == ([conversion.pk], 6)
    assert f"The rebate of conversion {conversion.pk} failed" in caplog.text
    with shifted(hours=2):
        work.pay_rebates()
    assert Window.objects.get().rebated_at is None


def test_a_window_that_is_through_is_not_read_again(sales: Callable[[int], list[Release]]) -> None:
    releases = sales(4)
    release_all(releases[:3])
    window = close()
    assert (work.pay_rebates(), work.pay_rebates()) == (3, 0)
    through = Window.objects.exclude(rebated_at=None)
    assert not through.exists()  # a release that has not seen it may still be on its way
    with shifted(hours=2):
        assert work.pay_rebates() == 0
    assert through.get() == window
    release_all(releases[3:])  # by the release, as before
    assert (journals(), rebates.due_rebates(), broken()) == (4, [], [])


@pytest.mark.django_db(transaction=True)
def test_killed_halfway_each_is_paid_once(
    sales: Callable[[int], list[Release]], monkeypatch: pytest.MonkeyPatch
) -> None:
    late(sales, 9)
    monkeypatch.setattr(rebates, "SET", 4)
    rebates.pay_rebates(rebates.due_rebates()[:4])
    dies_in(work.pay_rebates, "journal posted", "rebate")
    assert (journals(), Rebate.objects.count()) == (4, 4)
    assert work.pay_rebates() == 5
    assert (journals(), Rebate.objects.count(), work.pay_rebates(), broken()) == (9, 9, 0, [])


@pytest.mark.django_db(transaction=True)
def test_killed_in_a_release_neither_orders_nor_rebates_are_half(sales: Callable[[int], list[Release]]) -> None:
    releases = sales(5)
    close()
    dies_in(lambda: release_all(releases), "journal posted", "rebate")
    assert (journals(), Journal.objects.filter(kind="release").count(), Rebate.objects.count()) == (0, 0, 0)
    release_all(releases)
    release_all(releases)
    assert (journals(), Rebate.objects.count(), broken()) == (5, 5, [])


@pytest.mark.django_db(transaction=True)
def test_swept_released_and_given_back_at_once_each_is_paid_once(sales: Callable[[int], list[Release]]) -> None:
    releases = sales(16)
    release_all(releases[:8])
    close()

    def one(number: int) -> None:
        if number < 3:
            work.pay_rebates()
        elif number < 6:
            release_all(releases[8:])
        else:
            give_back(releases[number], 50_000)

    assert in_threads(8, one) == []
    work.pay_rebates()
    assert (journals(), Rebate.objects.count(), broken()) == (16, 16, [])


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_did_not_see_the_window_is_seen_by_the_sweep(sales: Callable[[int], list[Release]]) -> None:
    """The refund began before the window closed and ends after it: the sweep waits for it."""
    [one] = releases = sales(1)
    release_all(releases)
    asked, closed = threading.Event(), threading.Event()

    def refund() -> None:
        with transaction.atomic():
            give_back(one, 50_000)
            asked.set()
            assert closed.wait(20)

    def sweep() -> None:
        assert asked.wait(20)
        close()
        threading.Timer(0.5, closed.set).start()
        work.pay_rebates()

    assert race([refund, sweep]) == [None, None]
    assert Rebate.objects.get().booked_minor == Rebate.objects.get().most_minor // 2
    assert broken() == []
