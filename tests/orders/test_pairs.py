"""Refund, release, dispute, cancel, ship: each against each, whoever comes first. Who cannot any more is told why.

In a line, so that the outcome is exact for both sequences; then all at once, where it must be one of these.
Two may both win where one is the other's legal next step: shipped and then complained about. One may never come
first: nothing is released that was not shipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from itertools import combinations
from typing import Any

import pytest

from fx.money import Money
from orders import work
from orders.errors import WrongState
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.racing import Verb, Will, call_off, complain, confirm, give_back, in_line, race, ship
from tests.orders.test_deadlines import money
from tests.orders.world import World, broken, delivered_order, paid_order, shipped_order

pytestmark = pytest.mark.django_db(transaction=True)
Status = Order.Status
WILLS: dict[str, Will] = {
    "refund": give_back,
    "release": confirm,
    "dispute": complain,
    "cancel": call_off,
    "ship": ship,
}
ROUNDS = 2


@dataclass(frozen=True)
class Row:
    """`first` and then `second` on an order that `start` made: who wins, what the order is then, whose the money is."""

    start: Callable[[World, StripeDouble], Order]
    first: str
    second: str
    wins: str
    end: str
    whose: str

    def __str__(self) -> str:
        return f"{self.first} then {self.second}"


ROWS = [
    Row(delivered_order, "refund", "release", "first", Status.REFUNDED, "buyer"),
    Row(delivered_order, "release", "refund", "both", Status.REFUNDED, "buyer, owed by the seller"),
    Row(delivered_order, "refund", "dispute", "first", Status.REFUNDED, "buyer"),
    Row(delivered_order, "dispute", "refund", "first", Status.DISPUTED, "held"),
    Row(paid_order, "refund", "cancel", "first", Status.REFUNDED, "buyer"),
    Row(paid_order, "cancel", "refund", "first", Status.REFUNDED, "buyer"),
    Row(paid_order, "refund", "ship", "first", Status.REFUNDED, "buyer"),
    Row(paid_order, "ship", "refund", "both", Status.REFUNDED, "buyer"),
    Row(delivered_order, "release", "dispute", "first", Status.COMPLETED, "seller"),
    Row(delivered_order, "dispute", "release", "first", Status.DISPUTED, "held"),
    Row(shipped_order, "release", "cancel", "first", Status.COMPLETED, "seller"),
    Row(shipped_order, "cancel", "release", "second", Status.COMPLETED, "seller"),
    Row(paid_order, "release", "cancel", "second", Status.REFUNDED, "buyer"),
    Row(paid_order, "cancel", "release", "first", Status.REFUNDED, "buyer"),
    Row(paid_order, "release", "ship", "second", Status.SHIPPED, "held"),
    Row(paid_order, "ship", "release", "both", Status.COMPLETED, "seller"),
    Row(paid_order, "dispute", "cancel", "first", Status.DISPUTED, "held"),
    Row(paid_order, "cancel", "dispute", "first", Status.REFUNDED, "buyer"),
    Row(paid_order, "dispute", "ship", "first", Status.DISPUTED, "held"),
    Row(paid_order, "ship", "dispute", "both", Status.DISPUTED, "held"),
    Row(paid_order, "cancel", "ship", "first", Status.REFUNDED, "buyer"),
    Row(paid_order, "ship", "cancel", "first", Status.SHIPPED, "held"),
]


def test_every_pair_is_here_in_both_sequences() -> None:
    assert len(pairs := {frozenset(pair) for pair in combinations(WILLS, 2)}) == 10
    for one, other in map(sorted, pairs):
        assert {(row.first, row.second) for row in ROWS} >= {(one, other), (other, one)}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_comes_second_is_told_what_the_order_is(world: World, stripe_double: StripeDouble, row: Row) -> None:
    order = row.start(world, stripe_double)
    wanted = expected(order, row)
    told = [why(result) for result in in_line(order, [WILLS[row.first](order, world), WILLS[row.second](order, world)])]
    assert told == wanted
    assert ends_right(order, stripe_double) == (row.end, row.whose)


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("pair", list(combinations(WILLS, 2)), ids="-".join)
def test_at_once_they_end_as_one_after_the_other(
    world: World, stripe_double: StripeDouble, pair: tuple[str, str], round_: int
) -> None:
    rows = [row for row in ROWS if {row.first, row.second} == set(pair)]
    start = rows[round_ % len(rows)].start
    order = start(world, stripe_double)
    truths = [
        (dict(zip((row.first, row.second), expected(order, row), strict=True)), row.end, row.whose)
        for row in rows
        if row.start is start
    ]
    told = dict(zip(pair, map(why, race([WILLS[name](order, world) for name in pair])), strict=True))
    assert (told, *ends_right(order, stripe_double)) in truths


# --- over HTTP ----------------------------------------------------------------------------------------


def by_api(name: str) -> Will:
    """A program's call; the problem's sentence when it is refused."""
    path, who, body = {
        "refund": ("sales/{}/refund/", "alice", {"everything": True, "why": "By agreement."}),
        "release": ("orders/{}/confirm/", "bob", {}),
        "dispute": ("orders/{}/dispute/", "bob", {"reason": "It is torn."}),
        "ship": ("sales/{}/ship/", "alice", {"carrier": "Post", "tracking_number": "EE123456785IN"}),
    }[name]

    def will(order: Order, world: World) -> Verb:
        caller = by_token(getattr(world, who))

        def call() -> str:
            answer = caller.send("POST", path.format(order.number), body)
            assert answer.status_code in {200, 409}
            return "" if answer.status_code == 200 else str(json.loads(answer.content)["detail"])

        return call

    return will


def by_page(name: str) -> Will:
    """A person's click; the sentence that the next page shows when it was refused."""
    path, who, form = {
        "release": ("/orders/{}/confirm/", "bob", {}),
        "dispute": ("/orders/{}/dispute/", "bob", {"reason": "It is torn."}),
        "cancel": ("/orders/{}/cancel/", "bob", {}),
        "ship": ("/sell/orders/{}/ship/", "alice", {"carrier": "Post", "tracking_number": "EE123456785IN"}),
    }[name]

    def will(order: Order, world: World) -> Verb:
        client = logged_in(getattr(world, who))

        def click() -> str:
            page = client.post(path.format(order.number), form, follow=True)
            assert page.status_code == 200
            return "".join(map(unescape, re.findall('<p class="notice error">(.*?)</p>', page.content.decode())))

        return click

    return will


BOTH = {"release", "dispute", "ship"}
OVER_HTTP = [
    *((row, by_api) for row in ROWS if {row.first, row.second} <= BOTH | {"refund"}),
    *((row, by_page) for row in ROWS if {row.first, row.second} <= BOTH | {"cancel"}),
]


@pytest.mark.parametrize(("row", "by"), OVER_HTTP, ids=[f"{row}-{by.__name__}" for row, by in OVER_HTTP])
def test_over_http_who_comes_second_is_told_too(
    world: World, stripe_double: StripeDouble, row: Row, by: Callable[[str], Will]
) -> None:
    order = row.start(world, stripe_double)
    wanted = expected(order, row)
    assert in_line(order, [by(row.first)(order, world), by(row.second)(order, world)]) == wanted
    assert ends_right(order, stripe_double) == (row.end, row.whose)


# --- what is expected -----------------------------------------------------------------------------------


def expected(order: Order, row: Row) -> list[str]:
    """What the first and the second are told; nothing when they win. `order` is as it was before."""
    was, then = order.get_status_display(), str(Status(row.end).label)
    return [gone_on(order, was) if row.wins == "second" else "", gone_on(order, then) if row.wins == "first" else ""]


def gone_on(order: Order, status: str) -> str:
    return f"Order {order.number} is “{status}”, so this cannot be done any more. Reload the page to see why."


def why(result: Any) -> str:
    """How one was refused; empty when it won."""
    assert isinstance(result, Order | WrongState)
    return "" if isinstance(result, Order) else str(result)


def ends_right(order: Order, double: StripeDouble) -> tuple[str, str]:
    """(its status, whose the money is) once everything is sent; the books are right and the hold is zero or full."""
    before = order.net
    work.drain_operations()
    order.refresh_from_db()
    assert order.events.count() == order.events.latest("seq").seq
    assert Refund.objects.count() == len(double.refunds()) == (order.status == Status.REFUNDED)
    assert broken() == []
    debt = balance(codes.seller_debt(order.seller.pk, order.currency))
    if order.completed_at and order.status == Status.REFUNDED:
        return order.status, clawed_back(order, before, debt, double)
    return order.status, money(order, double)


def clawed_back(order: Order, earned: Money, debt: Money, double: StripeDouble) -> str:
    """The buyer has all of it again; what the seller got stays theirs, and they owe what the buyer was given."""
    assert balance(codes.hold(order.number, order.currency)) == Money(0, order.currency)
    assert balance(codes.seller(order.seller.pk, order.currency)) == earned
    assert debt == Money(order.goods_minor + order.shipping_minor - order.commission_minor, order.currency)
    assert [refund["amount"] for refund in double.refunds()] == [order.buyer_minor]
    return "buyer, owed by the seller"
