"""Nothing waits forever: each state's deadline, and what happens at it when nobody acts."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import F

from fx.money import Money
from listings.models import Listing, ShippingRate
from listings.shipping import add_business_days
from marketplace.lib.clock import now, shifted, today
from marketplace.management.commands import worker
from marketplace.models import Letter
from orders import deadlines, services, tasks, work
from orders.models import Dispute, Order, OrderEvent
from payments.doubles.stripe.store import Obj
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Operation, Payment
from tests.doubles import StripeDouble
from tests.orders.world import (
    World,
    broken,
    delivered_order,
    disputed_order,
    paid_order,
    pay_by_card,
    place,
    quotes,
    shipped_order,
)

pytestmark = pytest.mark.django_db
Status = Order.Status
Make = Callable[[World, StripeDouble], Order]


@contextmanager
def at_deadline(order: Order, **more: float) -> Iterator[None]:
    """The clock stands a second past the order's deadline, moved by `more`."""
    assert order.due_at is not None
    wait = order.due_at - now() + dt.timedelta(seconds=1) + dt.timedelta(**more)
    with shifted(seconds=wait.total_seconds()):
        yield


def sweep(order: Order) -> str:
    """What the worker does; the order's status after it."""
    work.meet_deadlines()
    work.drain_operations()
    order.refresh_from_db()
    return order.status


def asked(world: World, double: StripeDouble) -> Order:
    order = shipped_order(world, double)
    with at_deadline(order):
        return services.ask_if_arrived(order.number)


def asked_untracked(world: World, double: StripeDouble) -> Order:
    ShippingRate.objects.update(tracked=False)
    return asked(world, double)


def answered(world: World, double: StripeDouble) -> Order:
    order = disputed_order(world, double)
    return services.answer_dispute(order.number, by=world.alice, answer="It was whole.")


def by_the_shop(order: Order) -> dt.datetime:
    """Two days of handling and three more, Saturdays and Sundays not counted."""
    return add_business_days(order.paid_at or now(), 5)


def after_the_estimate(order: Order) -> dt.datetime:
    return dt.datetime.combine(today() + dt.timedelta(days=12 + 14), dt.time(), dt.UTC)


def days(number: int) -> Callable[[Order], dt.datetime]:
    return lambda order: now() + dt.timedelta(days=number)


def days_after_asking(number: int) -> Callable[[Order], dt.datetime]:
    return lambda order: (order.asked_at or now()) + dt.timedelta(days=number)


# What waits, until when, what it is after that, and to whom the money goes.
ROWS: list[tuple[str, Make, Callable[[Order], dt.datetime], str, str]] = [
    ("paid", paid_order, by_the_shop, Status.REFUNDED, "buyer"),
    ("shipped", shipped_order, after_the_estimate, Status.SHIPPED, "held"),
    ("shipped, asked", asked, days_after_asking(14), Status.COMPLETED, "seller"),
    ("shipped, asked, untracked", asked_untracked, days_after_asking(30), Status.COMPLETED, "seller"),
    ("delivered", delivered_order, days(16), Status.COMPLETED, "seller"),
    ("disputed", disputed_order, days(5), Status.REFUNDED, "buyer"),
    ("disputed, answered", answered, days(7), Status.REFUNDED, "buyer"),
]


@pytest.mark.parametrize(("make", "until", "then", "whose"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_state_waits_until_its_deadline_and_then_its_default_happens(
    world: World,
    stripe_double: StripeDouble,
    make: Make,
    until: Callable[[Order], dt.datetime],
    then: str,
    whose: str,
) -> None:
    order = make(world, stripe_double)
    was, due = order.status, order.due_at
    assert due is not None
    assert abs(due - until(order)) < dt.timedelta(minutes=1)
    with at_deadline(order, minutes=-1):
        assert sweep(order) == was
        assert order.due_at == due
    with at_deadline(order):
        assert sweep(order) == then
    assert money(order, stripe_double) == whose
    assert broken() == []


def money(order: Order, double: StripeDouble) -> str:
    """Where the order's money is: held, the seller's or the buyer's again, and nowhere else at the same time."""
    held = balance(codes.hold(order.number, order.currency))
    earned = balance(codes.seller(order.seller.pk, order.currency))
    back = [refund["amount"] for refund in double.refunds()]
    zero = Money(0, order.currency)
    places = {(order.held, zero, 0): "held", (zero, order.net, 0): "seller", (zero, zero, order.buyer_minor): "buyer"}
    return places[(held, earned, sum(back))]


def test_every_state_that_waits_has_a_row_here() -> None:
    assert {name.split(",")[0] for name, *_ in ROWS} | {"placed"} == set(deadlines.DEFAULTS)
    ends = {status for status, targets in Order.NEXT.items() if not targets} | {Status.COMPLETED, Status.SPLIT}
    assert set(deadlines.DEFAULTS) == set(Status) - ends


# --- placed -----------------------------------------------------------------------------------------


def test_an_unpaid_order_ends_when_the_processor_confirms_and_its_stock_returns(
    world: World, stripe_double: StripeDouble
) -> None:
    checkout = place(world.bob, world.scarf)
    order = checkout.orders.get()
    assert order.due_at == checkout.quote.expires_at
    assert stock(world.scarf) == 4
    with at_deadline(order):
        work.meet_deadlines()
        assert Order.objects.get().status == Status.PLACED
        assert stock(world.scarf) == 4
        work.drain_operations()
    ended = Order.objects.get()
    assert (ended.status, ended.due_at) == (Status.CANCELED, None)
    assert stock(world.scarf) == 5
    assert intent(ended, stripe_double)["status"] == "canceled"
    assert stripe_double.charges() == []
    assert broken() == []


def test_money_that_was_faster_than_the_deadline_pays_the_order(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    order = checkout.orders.get()
    stripe_double.pay(Payment.objects.get().processor_ref)
    with at_deadline(order):
        assert sweep(order) == Status.PAID
    assert stock(world.scarf) == 4
    assert len(stripe_double.charges()) == 1
    assert money(order, stripe_double) == "held"
    assert broken() == []


def test_an_order_waits_for_a_processor_that_cannot_be_reached(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    order = checkout.orders.get()
    stripe_double.fault("drop", path="/v1/payment_intents/.*/cancel", times=50)
    with at_deadline(order):
        assert sweep(order) == Status.PLACED
    assert stock(world.scarf) == 4
    stripe_double.double.faults.clear()
    with at_deadline(order, minutes=10):
        assert sweep(order) == Status.CANCELED
    assert Operation.objects.filter(kind=Operation.Kind.CANCEL).count() == 1
    assert stock(world.scarf) == 5


def test_a_declined_card_does_not_keep_an_order_alive(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double, "pm_card_visa_chargeDeclined")
    order = checkout.orders.get()
    with at_deadline(order):
        assert sweep(order) == Status.CANCELED
    assert stock(world.scarf) == 5
    assert broken() == []


# --- what else a deadline does ----------------------------------------------------------------------


def test_a_seller_who_never_ships_owes_the_fee_that_the_processor_keeps(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    fee = Payment.objects.get().fee_minor
    assert fee
    with at_deadline(order):
        sweep(order)
    goods = order.checkout.payment.lines.filter(component__in=["goods", "shipping"])
    target, paid = sum(line.target_minor for line in goods), sum(line.pay_minor for line in goods)
    assert balance(codes.seller_debt(world.alice.pk, "INR")) == Money(fee * target // paid, "INR")
    assert letters() == ["order_paid", "order_refunded", "sale_paid", "sale_refunded"]


def test_a_buyer_who_is_asked_gets_one_letter_and_can_still_complain(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    with at_deadline(order):
        assert sweep(order) == Status.SHIPPED
        assert sweep(order) == Status.SHIPPED
        assert letters().count("order_arrived") == 1
        services.open_dispute(order.number, by=world.bob, reason="It never came.")
    order.refresh_from_db()
    with at_deadline(order):
        assert sweep(order) == Status.REFUNDED
    assert money(order, stripe_double) == "buyer"


def test_silence_of_both_sides_decides_for_the_buyer(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    with at_deadline(order):
        sweep(order)
    dispute = Dispute.objects.get()
    assert (dispute.outcome, dispute.decided_by) == (Dispute.Outcome.BUYER, None)
    assert dispute.decided_at is not None
    assert order.events.latest("seq").by is None


def test_held_money_ends_after_eighty_days_whatever_was_going_on(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    assert order.paid_at is not None
    assert order.held_until == order.paid_at + dt.timedelta(days=80)
    with shifted(days=70):
        services.mark_delivered(order.number, by=world.bob)
        order.refresh_from_db()
        assert order.due_at == order.held_until
    with shifted(days=78):
        services.open_dispute(order.number, by=world.bob, reason="It is torn.")
        services.answer_dispute(order.number, by=world.alice, answer="It was whole.")
        order.refresh_from_db()
        assert order.due_at == order.held_until
    with at_deadline(order):
        assert sweep(order) == Status.REFUNDED
    assert money(order, stripe_double) == "buyer"


def test_an_asked_buyer_is_not_waited_for_beyond_eighty_days(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    with shifted(days=79):
        services.ask_if_arrived(order.number)
    order.refresh_from_db()
    assert order.due_at == order.held_until
    with at_deadline(order):
        assert sweep(order) == Status.COMPLETED
    assert money(order, stripe_double) == "seller"


# --- checkout refuses what could not end ------------------------------------------------------------


@pytest.mark.parametrize(("handling", "transit", "possible"), [(2, 12, True), (2, 56, True), (2, 64, False)])
def test_checkout_refuses_what_could_not_end_in_eighty_days(
    world: World, handling: int, transit: int, possible: bool
) -> None:
    ShippingRate.objects.filter(shop=world.scarf.shop).update(max_days=transit)
    assert bool(quotes(world.bob, world.scarf)) is possible


def test_a_slow_service_gives_way_to_a_dearer_one_that_ends_in_time(world: World) -> None:
    shop = world.scarf.shop
    ShippingRate.objects.filter(shop=shop).update(max_days=90)
    ShippingRate.objects.create(shop=shop, name="Air", first_minor=150000, next_minor=0, min_days=3, max_days=6)
    [parcel] = quotes(world.bob, world.scarf)["stripe"].parcels
    assert parcel["shipping"]["name"] == "Air"


# --- who does it ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_worker_command_does_what_celery_does(
    world: World, stripe_double: StripeDouble, kept_signals: None
) -> None:
    order = paid_order(world, stripe_double)
    with at_deadline(order):
        call_command("worker", "--once")
        call_command("worker", "--once")
    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert money(order, stripe_double) == "buyer"
    assert not Letter.objects.filter(sent_at=None).exists()


@pytest.fixture
def kept_signals() -> Iterator[None]:
    """The worker takes Ctrl-C for itself; pytest gets it back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_celerys_tasks_do_what_the_worker_does(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    with at_deadline(order):
        for task in (tasks.meet_deadlines, tasks.drain_operations, tasks.drain_inbox, tasks.poll_chains):
            task.apply(throw=True)
    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert money(order, stripe_double) == "buyer"


def test_beat_rings_for_every_sweep_of_the_worker_and_for_nothing_else() -> None:
    rung = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    sweeps = {f"orders.tasks.{sweep.__name__}" for sweep in (*work.SWEEPS, *work.SELDOM)}
    assert {task for task in rung if task.startswith("orders.")} == sweeps
    assert len(rung) == len(work.SWEEPS) + len(["letters", *worker.SLOW])


def test_a_deadline_that_is_met_twice_does_its_work_once(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    with at_deadline(order):
        deadlines.meet(order.number)
        deadlines.meet(order.number)
        sweep(order)
    assert len(stripe_double.refunds()) == 1
    assert OrderEvent.objects.filter(order=order, to_status=Status.REFUNDED).count() == 1


def stock(listing: Listing) -> int:
    return Listing.objects.get(pk=listing.pk).stock


def intent(order: Order, double: StripeDouble) -> Obj:
    return double.double.store.get("payment_intent", order.checkout.payment.processor_ref)


def letters() -> list[str]:
    """Templates of the letters about orders that were written."""
    keys = Letter.objects.filter(key__contains=":").values_list("key", flat=True)
    return sorted(key.split(":")[0] for key in keys if key.startswith(("order_", "sale_", "payment_")))


@pytest.mark.parametrize("at_once", [1, 500])
def test_one_sweep_meets_all_that_are_due_and_one_that_fails_keeps_none_waiting(
    world: World,
    stripe_double: StripeDouble,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    at_once: int,
) -> None:
    good = [delivered_order(world, stripe_double) for _ in range(2)]
    bad = delivered_order(world, stripe_double)
    good.append(delivered_order(world, stripe_double))
    Order.objects.filter(pk=bad.pk).update(goods_minor=F("goods_minor") + 1)  # more than is held for it
    monkeypatch.setattr(deadlines, "BATCH", at_once)
    with at_deadline(good[-1]):
        assert work.meet_deadlines() == 4
        assert deadlines.due() == [bad.number]
    assert f"The deadline {bad.number} failed" in caplog.text
    statuses = Order.objects.filter(pk__in=[order.pk for order in good]).values_list("status", flat=True)
    assert set(statuses) == {Status.COMPLETED}
    assert balance(codes.hold(bad.number, "INR")) == bad.held
