"""What competes, on real threads with a connection each: all at once, or one behind the other at one row's lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, transaction

from fx.errors import QuoteError
from listings.errors import ListingError
from orders import deadlines, services
from orders.errors import OrderRefused
from orders.models import Order
from orders.returns import cancellation
from tests.orders.world import World

AT_ONCE = 16  # connections, with the test's own: the development server is shared
REFUSED = (OrderRefused, QuoteError, ListingError)
LONGEST = 120.0  # seconds for one of them, on a machine that does other things too
Verb = Callable[[], Any]
Will = Callable[[Order, World], Verb]


def race(verbs: Sequence[Verb], at_once: int = AT_ONCE) -> list[Any]:
    """Run all, as many as fit at once; what each returned, or how it was refused. Anything else is raised."""
    gate = Barrier(min(at_once, len(verbs)))

    def run(number: int, verb: Verb) -> Any:
        if number < gate.parties:
            gate.wait(30)
        return _alone(verb)

    with ThreadPoolExecutor(gate.parties) as pool:
        return [one.result(LONGEST) for one in [pool.submit(run, n, verb) for n, verb in enumerate(verbs)]]


def in_line(order: Order, verbs: Sequence[Verb]) -> list[Any]:
    """Like `race`, but all begin while the order is locked, and get it in this sequence once it is free."""
    with ThreadPoolExecutor(len(verbs)) as pool:
        with transaction.atomic():
            Order.objects.locked(order.number)
            running: list[Future[Any]] = []
            for verb in verbs:
                running.append(pool.submit(_alone, verb))
                _wait_until_at_the_lock(running)
        return [one.result(LONGEST) for one in running]


def _alone(verb: Verb) -> Any:
    try:
        return verb()
    except REFUSED as error:
        return error
    finally:
        connection.close()


def _wait_until_at_the_lock(running: Sequence[Future[Any]]) -> None:
    """Until each waits for a lock, or needed none."""
    end = time.monotonic() + LONGEST
    while waiting() + sum(one.done() for one in running) < len(running):
        assert time.monotonic() < end, "somebody never came to the lock"
        time.sleep(0.005)


def waiting() -> int:
    """How many sessions of this database wait for a lock now."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")  # what was seen is otherwise kept for the transaction
        cursor.execute(query)
        return int(cursor.fetchone()[0])


# --- what people and deadlines want of one order ----------------------------------------------------


def ship(order: Order, world: World) -> Verb:
    return lambda: services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")


def confirm(order: Order, world: World) -> Verb:
    return lambda: services.confirm(order.number, by=world.bob)


def complain(order: Order, world: World) -> Verb:
    return lambda: services.open_dispute(order.number, by=world.bob, reason="It is torn.")


def give_back(order: Order, world: World) -> Verb:
    return lambda: services.refund(order.number, by=world.moderator, why="by agreement")


def never_shipped(order: Order, world: World) -> Verb:
    return lambda: services.refund(order.number, by=None, why="never shipped", never_shipped=True)


def call_off(order: Order, world: World) -> Verb:
    return lambda: cancellation.cancel_purchase(order.number, by=world.bob)


def call_sale_off(order: Order, world: World) -> Verb:
    return lambda: cancellation.cancel_sale(order.number, by=world.alice, why="The loom broke.", restocked=False)


def for_the_buyer(order: Order, world: World) -> Verb:
    return lambda: services.decide_dispute(order.number, outcome="buyer", by=world.moderator, reason="torn")


def for_the_seller(order: Order, world: World) -> Verb:
    return lambda: services.decide_dispute(order.number, outcome="seller", by=world.moderator, reason="whole")


def deadline(order: Order, world: World) -> Verb:
    return lambda: deadlines.meet(order.number)
