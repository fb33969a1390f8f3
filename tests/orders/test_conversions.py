"""What Stripe exchanges by itself, and its own fees: booked from its statement, so that both currencies are explained.

The account pays USD out in EUR: one dollar is 0.90 EUR when the buyer pays. The basket of Bob costs dollars.
"""

from __future__ import annotations

import pytest
from django.test import Client

from fx.models import Conversion
from fx.money import Money
from marketplace.lib.clock import shifted
from orders import services, work
from orders.following import follow
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Payment, ReconItem, ReconRun, Settlement, StatementLine
from payments.models.ledger import Entry, Journal
from payments.reconciliation.run import reconcile
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, pay_by_card, place

pytestmark = pytest.mark.django_db


def later(hours: int = 2) -> ReconRun:
    """When all is old enough to be on both sides."""
    with shifted(hours=hours):
        return reconcile("stripe", follow=follow)


def in_dollars(world: World, double: StripeDouble) -> Order:
    double.exchange(usd="0.9")
    checkout = place(world.bob, world.scarf, currency="USD")
    pay_by_card(checkout, double)
    return checkout.orders.get()


def clearing(currency: str) -> int:
    return balance(codes.clearing("stripe", currency)).amount


def legs(key: str) -> dict[str, int]:
    rows = Entry.objects.filter(journal__key=key).select_related("account")
    return {row.account.code: row.amount for row in rows}


def test_a_conversion_is_booked_to_the_unit_with_the_fee_in_the_currency_of_the_statement(
    world: World, stripe_double: StripeDouble
) -> None:
    in_dollars(world, stripe_double)
    payment = Payment.objects.get()
    paid = payment.received_minor
    assert (payment.currency, payment.fee_minor, clearing("USD"), clearing("EUR")) == ("USD", None, paid, 0)

    found = later()

    line = StatementLine.objects.get()
    assert (line.origin, line.currency, line.rate, line.category) == (Money(paid, "USD"), "EUR", "0.9", "charge")
    assert line.amount_minor == round(paid * 0.9)
    assert legs(line.journal_key) == {
        "clearing:stripe:USD": -paid,
        "fx:USD": paid,
        "fx:EUR": -line.amount_minor,
        "clearing:stripe:EUR": line.amount_minor - line.fee_minor,
        "expense:stripe:EUR": line.fee_minor,
    }
    assert (clearing("USD"), clearing("EUR")) == (0, line.net.amount)
    assert (found.counted, found.open_items, found.explained_bps) == (1, 0, 10_000)
    assert not Conversion.objects.filter(journal_key=line.journal_key).exists()  # netting never sees it
    assert broken() == []


def test_a_second_look_books_nothing_twice(world: World, stripe_double: StripeDouble) -> None:
    in_dollars(world, stripe_double)
    later()
    journals = Journal.objects.count()
    found = later(hours=30)
    assert (Journal.objects.count(), found.open_items, found.explained_bps) == (journals, 0, 10_000)


def test_the_fee_in_euro_is_the_debt_of_a_seller_who_never_shipped(world: World, stripe_double: StripeDouble) -> None:
    order = in_dollars(world, stripe_double)
    services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    work.drain_operations()
    debt = codes.seller_debt(world.alice.pk, "INR")
    assert balance(debt).amount == 0  # nobody knows the fee yet
    later()
    payment = Payment.objects.get()
    line = StatementLine.objects.get(kind="charge")
    assert payment.fee_minor == round(line.fee_minor * payment.received_minor / line.amount_minor)
    assert balance(debt).amount > 0
    assert broken() == []


def test_a_refund_at_another_rate_leaves_the_platform_the_difference(world: World, stripe_double: StripeDouble) -> None:
    order = in_dollars(world, stripe_double)
    later()
    before = clearing("EUR")
    paid = Payment.objects.get().received_minor
    stripe_double.exchange(usd="0.95")
    services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    work.drain_operations()
    found = later(hours=30)
    back = StatementLine.objects.get(kind="refund")
    assert (back.origin, back.amount_minor) == (Money(-paid, "USD"), -round(paid * 0.95))
    assert (clearing("USD"), clearing("EUR")) == (0, before + back.amount_minor)
    assert (found.open_items, found.explained_bps) == (0, 10_000)
    assert broken() == []


def test_a_chargeback_in_dollars_is_taken_in_euro_with_its_fee_once(world: World, stripe_double: StripeDouble) -> None:
    in_dollars(world, stripe_double)
    later()
    before = clearing("EUR")
    intent = Payment.objects.get().processor_ref
    opened = stripe_double.dispute(intent)  # its webhook is lost: the record brings it
    found = later(hours=30)
    line = StatementLine.objects.get(kind="dispute")
    assert (line.category, line.fee_minor, line.ref) == ("dispute", 2000, opened["id"])
    assert (clearing("USD"), clearing("EUR")) == (0, before + line.net.amount)
    assert balance(codes.disputed("stripe", "USD")) == Money(opened["amount"], "USD")
    assert (found.open_items, found.explained_bps) == (0, 10_000)
    assert broken() == []


def test_a_payout_that_came_before_the_books_knew_the_euro_is_recorded_then(
    world: World, stripe_double: StripeDouble
) -> None:
    in_dollars(world, stripe_double)
    paid = stripe_double.settle()
    stripe_double.deliver(Client())
    work.drain_inbox()
    assert not Settlement.objects.exists()
    assert Case.objects.get(closed_at=None).ref == paid["id"]
    found = later()
    assert Settlement.objects.get().amount == Money(paid["amount"], "EUR")
    assert not Case.objects.filter(closed_at=None).exists()
    assert (clearing("USD"), clearing("EUR"), found.open_items, found.explained_bps) == (0, 0, 0, 10_000)
    assert broken() == []


def test_dollars_that_nobody_here_knows_wait_for_a_person(world: World, stripe_double: StripeDouble) -> None:
    order = in_dollars(world, stripe_double)
    later()
    intent = Payment.objects.get(ref=order.checkout.public_id).processor_ref
    given = stripe_double.api("/v1/refunds", payment_intent=intent, amount=500)
    before = (clearing("USD"), clearing("EUR"))
    later(hours=30)
    item = ReconItem.objects.get()
    assert (item.ref, item.kind, item.difference) == (given["id"], "missing_here", Money(-450, "EUR"))
    assert (clearing("USD"), clearing("EUR")) == before


@pytest.mark.parametrize(
    ("kind", "category", "minor"),
    [("stripe_fee", "fee", -1250), ("adjustment", "fee", 300), ("stripe_fee", "network_cost", -7)],
)
def test_fees_about_no_payment_are_the_processors_expense(
    world: World, stripe_double: StripeDouble, kind: str, category: str, minor: int
) -> None:
    made = stripe_double.line(kind, minor, category=category, description="Radar (2026-11-01 - 2026-11-30)")
    found = later()
    assert balance(codes.expense("stripe", "EUR")) == Money(-minor, "EUR")
    assert clearing("EUR") == minor
    assert StatementLine.objects.get().line == made["id"]
    assert (found.open_items, found.explained_bps) == (0, 10_000)
    assert broken() == []


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("adjustment", "other_adjustment"),
        ("reserve_transaction", "risk_reserved_funds"),
        ("refund", "partial_capture_reversal"),
        ("something_new", "something_new"),
    ],
)
def test_what_nobody_may_guess_waits_for_a_person(
    world: World, stripe_double: StripeDouble, kind: str, category: str
) -> None:
    made = stripe_double.line(kind, -700, category=category)
    found = later()
    item = ReconItem.objects.get()
    assert (item.ref, item.kind, item.difference) == (made["id"], "missing_here", Money(-700, "EUR"))
    assert (found.explained_bps, clearing("EUR"), Journal.objects.count()) == (0, 0, 0)
