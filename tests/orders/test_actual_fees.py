"""The fee sheet is an estimate until the processor's own statement shows the payment, then actual; its sum stays."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from fx.money import Money
from marketplace.lib.clock import shifted
from orders import services, work
from orders.checkout.actualfees import sheet_of, sheets_of
from orders.checkout.feesheet import FeeLine
from orders.following import follow
from orders.models import Order
from payments.feetables.seed import LIST
from payments.models import Payment, StatementLine
from payments.reconciliation.run import reconcile
from tests.doubles import StripeDouble
from tests.orders.world import World, paid_order, pay_by_card, place

pytestmark = pytest.mark.django_db


def rows(order: Order) -> dict[str, FeeLine]:
    return {row.kind: row for row in sheet_of(Order.objects.get(pk=order.pk)).lines}


def sums(order: Order) -> Money:
    return sheet_of(Order.objects.get(pk=order.pk)).total


def read(hours: int = 2) -> None:
    with shifted(hours=hours):
        reconcile("stripe", follow=follow)


def test_it_turns_from_estimate_to_actual_with_its_line(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    quoted = rows(order)["processor"]
    assert (quoted.certainty, quoted.source) == ("estimate", f"{LIST}; in force since 2026-01-01")
    read()
    line = StatementLine.objects.get()
    actual = rows(order)
    assert (actual["processor"].minor, actual["processor"].certainty) == (line.fee_minor, "actual")
    assert actual["processor"].source == f"{line.line}, {line.at:%Y-%m-%d}"
    assert sums(order) == order.buyer_total


@pytest.mark.parametrize(("card", "word"), [("pm_card_us", "bears"), ("pm_card_de", "")])
def test_the_difference_to_the_quoted_fee_is_the_platforms(
    world: World, stripe_double: StripeDouble, card: str, word: str
) -> None:
    """The quote is for a card of Germany; an American one costs more."""
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double, card)
    order = checkout.orders.get()
    before = rows(order)["processor"]
    read()
    after = rows(order)
    rest = before.minor - after["processor"].minor
    theirs = [line.seller_minor for line in (after["processor"], after.get("difference")) if line is not None]
    assert (sum(minor or 0 for minor in theirs), sums(order)) == (before.seller_minor, order.buyer_total)
    if word:
        assert (
            after["difference"].seller_minor == (before.seller_minor or 0) - (after["processor"].seller_minor or 0) < 0
        )
        assert (after["difference"].minor, rest < 0, word in after["difference"].why) == (rest, True, True)
        assert str(before.amount) in after["difference"].why
    else:
        assert after.get("difference", after["processor"]).minor in {rest, after["processor"].minor}


def test_what_stripe_exchanged_is_in_the_buyers_money(world: World, stripe_double: StripeDouble) -> None:
    stripe_double.exchange(usd="0.9")
    checkout = place(world.bob, world.scarf, currency="USD")
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    read()
    line, kept = StatementLine.objects.get(), rows(order)["processor"]
    assert (line.currency, kept.currency) == ("EUR", "USD")
    assert kept.minor == round(line.fee_minor * Payment.objects.get().received_minor / line.amount_minor)
    assert sums(order) == order.buyer_total


def test_a_basket_of_two_shops_shares_the_fee_to_the_unit(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf, world.vase)
    pay_by_card(checkout, stripe_double, "pm_card_us")
    read()
    orders = list(checkout.orders.all())
    kept = [rows(order)["processor"].minor for order in orders]
    assert sum(kept) == StatementLine.objects.get().fee_minor
    assert [sums(order) for order in orders] == [order.buyer_total for order in orders]


def test_what_was_given_back_is_not_what_the_processor_gives_back(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    work.drain_operations()
    read()
    charge = StatementLine.objects.get(kind="charge")
    StatementLine.objects.filter(kind="refund").update(fee_minor=30)  # some countries' accounts pay for refunds too
    assert rows(order)["processor"].minor == charge.fee_minor + 30
    assert sums(order) == order.buyer_total


def test_a_chargebacks_fee_is_among_what_was_kept(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    stripe_double.dispute(Payment.objects.get().processor_ref)
    read()
    charge = StatementLine.objects.get(kind="charge")
    assert rows(order)["processor"].minor == charge.fee_minor + 2000
    assert sums(order) == order.buyer_total


def test_many_sheets_take_no_more_queries_than_one(
    world: World, stripe_double: StripeDouble, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        paid_order(world, stripe_double)
    read()
    orders = list(Order.objects.select_related("checkout__payment__quote"))
    with django_assert_num_queries(6):
        assert len(sheets_of(orders)) == 3
