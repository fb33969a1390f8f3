"""Orders that end by silence do so in sets; each row that this writes is the one that one after the other would."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from fx.models import Conversion
from fx.money import Money
from listings.models import Listing
from listings.services import set_reserve, set_stock
from marketplace.lib.clock import now, shifted
from marketplace.models import Letter, User
from orders import deadlines, services, silence, work
from orders.models import Checkout, Order, OrderEvent
from orders.returns import withdrawal
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Reserve
from tests.chaos.test_deaths import dies_in
from tests.conftest import make_user
from tests.doubles import StripeDouble
from tests.orders.racing import race
from tests.orders.test_chargebacks import taken
from tests.orders.world import (
    World,
    broken,
    delivered_order,
    make_listing,
    make_shop,
    pay_by_card,
    place,
    send_coins,
    shipped_order,
)

pytestmark = pytest.mark.django_db
Status = Order.Status
DUE = 60  # days later all of them are due
BOOKS = """
select j.key, j.kind, j.ref, e.line, a.code, e.currency, e.amount,
  j.fingerprint = md5((array_agg(e.account_id) over w)::text || (array_agg(e.amount) over w)::text)::uuid
from ledger_journal j join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id
window w as (partition by j.id order by e.line rows between unbounded preceding and unbounded following)
order by j.key, e.line"""
BALANCES = """
select a.code, sum(b.amount) from ledger_balance b join ledger_account a on a.id = b.account_id group by 1 order by 1"""
CLOCK = {"id", "at", "completed_at", "created_at", "run_at", "kept_at"}


def deliver(checkout: Checkout, *, delivered: bool = True) -> None:
    """Each parcel of it arrives; or nobody knows, and the buyer was asked."""
    for order in checkout.orders.select_related("shop__owner"):
        number = "EE123456785IN" if order.tracked else ""
        services.mark_shipped(order.number, by=order.shop.owner, carrier="Post", tracking_number=number)
        if delivered:
            services.mark_delivered(order.number, by=None)
        else:
            with shifted(days=27):
                services.ask_if_arrived(order.number)


def by_card(world: World, double: StripeDouble, *listings: Listing, user: User | None = None) -> Checkout:
    checkout = place(user or world.bob, *listings, currency="EUR" if user is None else user.currency)
    pay_by_card(checkout, double)
    return checkout


def by_coin(world: World) -> Checkout:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=5):
        work.poll_chains()
    return checkout


def by_balance(world: World, double: StripeDouble) -> Checkout:
    """Carmen pays for a bowl in pesos with what a vase brought her."""
    sold = by_card(world, double, world.vase)
    deliver(sold)
    services.confirm(sold.orders.get().number, by=world.bob)
    diego = make_user("diego@example.com", country="MX", currency="MXN", name="Diego")
    bowl = make_listing(
        make_shop(diego, "Barro Rojo", "MX", "Puebla", "MXN", "10"), world.moderator, "Bowl", "20", "691390", 300
    )
    return place(world.carmen, bowl, rail="balance", currency="MXN")


def give_back(world: World, checkout: Checkout, *, sent: bool) -> None:
    order = checkout.orders.get()
    goods, shipping = Money(30_007, "INR"), Money(0, "INR")
    services.refund_amount(order.number, by=world.alice, why="A thread is loose.", goods=goods, shipping=shipping)
    if sent:
        work.drain_operations()


@pytest.fixture
def many(world: World, stripe_double: StripeDouble, settings: Settings) -> World:
    """Due: every way to pay, one parcel and two, a part given back, a reserve, a debt, a buyer who did not answer."""
    settings.PROCESSORS = settings.PROCESSORS | {"balance": {}}
    for listing in (world.scarf, world.vase):
        set_stock(listing, stock=30, by=listing.shop.owner)
    paid = [by_card(world, stripe_double, world.scarf) for _ in range(5)]
    paid += [by_card(world, stripe_double, world.scarf, world.vase), by_card(world, stripe_double, world.vase)]
    paid += [by_coin(world), by_balance(world, stripe_double)]
    for checkout in paid:
        deliver(checkout)
    silent = by_card(world, stripe_double, world.scarf)
    deliver(silent, delivered=False)
    give_back(world, paid[1], sent=True)
    give_back(world, paid[2], sent=False)
    Checkout.objects.filter(pk__in=[paid[3].pk, silent.pk]).update(language="de")
    set_reserve(world.scarf.shop, bps=1_000, days=30, by=world.moderator, reason="New shop.")
    debt = 250_000  # more than one scarf brings, less than two do
    post("owed", "test", "", [(codes.seller_debt(world.alice.pk, "INR"), debt), (codes.income("bank", "INR"), -debt)])
    return world


def one_by_one() -> None:
    while numbers := deadlines.due():
        for number in numbers:
            deadlines.meet(number)


def in_sets() -> None:
    work.meet_deadlines()


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def written(sweep: Callable[[], None]) -> dict[str, Any]:
    """Every row that the sweep leaves, but for its number and the moment."""
    with undone(), shifted(days=DUE):
        sweep()
        with connection.cursor() as cursor:
            cursor.execute(BOOKS)
            books = cursor.fetchall()
            cursor.execute(BALANCES)
            sums = cursor.fetchall()
        assert broken() == []
        return {
            "books": books,
            "balances": sums,
            "orders": rows(Order.objects.order_by("number")),
            "events": rows(OrderEvent.objects.order_by("order__number", "seq")),
            "letters": rows(Letter.objects.order_by("key")),
            "reserves": [
                (row["ref"], row["amount_minor"], row["until"].date()) for row in rows(Reserve.objects.order_by("ref"))
            ],
            "conversions": rows(Conversion.objects.order_by("journal_key")),
        }


def rows(found: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in model_to_dict(row).items() if name not in CLOCK} for row in found]


def shuffle_deadlines(seed: int) -> None:
    """A seller's debt is paid by whichever order is due first."""
    ids = list(Order.objects.exclude(due_at=None).order_by("pk").values_list("pk", flat=True))
    random.Random(seed).shuffle(ids)
    for second, pk in enumerate(ids):
        Order.objects.filter(pk=pk).update(due_at=now() + dt.timedelta(days=1, seconds=second))


@pytest.mark.parametrize("at_once", [500, 3])
def test_a_set_writes_to_the_byte_what_one_after_the_other_writes(
    many: World, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    shuffle_deadlines(at_once)
    alone = written(one_by_one)
    monkeypatch.setattr(deadlines, "BATCH", at_once)
    together = written(in_sets)
    for name, left in alone.items():
        assert together[name] == left, name
    assert all(row[-1] for row in together["books"]), "a fingerprint is not that of its legs"
    released = {row[0]: row[4] for row in together["books"] if row[1] == "release"}
    assert len(released) == 12
    assert {row["status"] for row in together["orders"]} == {Status.COMPLETED}
    assert {row["language"] for row in together["letters"]} == {"en", "de"}
    assert len(together["reserves"]) > 0
    assert dict(together["balances"])[f"seller:{many.alice.pk}:INR:debt"] == 0


def test_ten_orders_take_no_more_statements_than_two(world: World, stripe_double: StripeDouble) -> None:
    counts = []
    set_stock(world.scarf, stock=12, by=world.alice)
    for count in (2, 10):
        orders = [delivered_order(world, stripe_double) for _ in range(count)]
        with shifted(days=DUE), CaptureQueriesContext(connection) as asked:
            assert silence.end([order.number for order in orders]) == []
        counts.append(len(asked))
        assert not Order.objects.filter(status=Status.DELIVERED).exists()
    assert counts[1] <= counts[0] <= 42  # the first release opens the accounts


def test_what_is_out_of_the_ordinary_is_left_for_a_look_of_its_own(world: World, stripe_double: StripeDouble) -> None:
    usual, returning, contested, disputed = [delivered_order(world, stripe_double) for _ in range(4)]
    asked = shipped_order(world, stripe_double)
    taken(contested, stripe_double)
    withdrawal.withdraw(returning.number, by=world.bob, items={returning.lines.get().pk: 1}, name="Bob")
    services.open_dispute(disputed.number, by=world.bob, reason="It is torn.")
    numbers = [order.number for order in (usual, asked, returning, contested, disputed)]
    with shifted(days=DUE):
        assert silence.end(numbers) == [asked.number, returning.number, contested.number, disputed.number]
    assert dict(Order.objects.values_list("number", "status")) == {
        usual.number: "completed",
        asked.number: "shipped",
        returning.number: "delivered",
        contested.number: "delivered",
        disputed.number: "disputed",
    }
    assert Order.objects.get(pk=asked.pk).asked_at is None
    assert balance(codes.seller(world.alice.pk, "INR")) == usual.net
    assert broken() == []


def test_one_that_is_not_due_or_ended_before_is_not_touched(world: World, stripe_double: StripeDouble) -> None:
    early, ended = [delivered_order(world, stripe_double) for _ in range(2)]
    services.confirm(ended.number, by=world.bob)
    assert silence.end([early.number, ended.number]) == [early.number, ended.number]
    with shifted(days=DUE):
        work.meet_deadlines()
    assert OrderEvent.objects.filter(to_status=Status.COMPLETED).count() == 2
    assert OrderEvent.objects.get(order=ended, to_status=Status.COMPLETED).by == world.bob
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_killed_halfway_none_of_a_set_is_released_and_the_next_sweep_releases_all(
    world: World, stripe_double: StripeDouble
) -> None:
    orders = [delivered_order(world, stripe_double) for _ in range(3)]
    letters = Letter.objects.count()
    with shifted(days=DUE):
        dies_in(work.meet_deadlines, "journal posted", "release")
        assert [balance(codes.hold(order.number, "INR")) for order in orders] == [order.held for order in orders]
        assert set(Order.objects.values_list("status", flat=True)) == {Status.DELIVERED}
        assert (Letter.objects.count(), broken()) == (letters, [])
        assert work.meet_deadlines() == 3
    assert balance(codes.seller(world.alice.pk, "INR")) == orders[0].net + orders[1].net + orders[2].net
    assert Letter.objects.count() == letters + 6
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_release_each_order_once(
    world: World, stripe_double: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some sets overlap: what one worker has locked, the others leave to it."""
    set_stock(world.scarf, stock=12, by=world.alice)
    orders = [delivered_order(world, stripe_double) for _ in range(12)]
    monkeypatch.setattr(deadlines, "BATCH", 5)
    with shifted(days=DUE):
        race([work.meet_deadlines] * 6)
        work.meet_deadlines()
    assert OrderEvent.objects.filter(to_status=Status.COMPLETED).count() == 12
    net = sum((order.net for order in orders[1:]), orders[0].net)
    assert balance(codes.seller(world.alice.pk, "INR")) == net
    assert broken() == []
