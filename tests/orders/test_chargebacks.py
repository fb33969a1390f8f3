"""The buyer's bank takes the money back: news in any order, before and after release, won, lost, beside refunds."""

from __future__ import annotations

import pytest
from django.test import Client

from fx.money import Money
from marketplace.lib.clock import shifted
from orders import deadlines, services, work
from orders.errors import OrderRefused
from orders.models import Order
from payments.errors import ReleaseRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Chargeback, ContestedMoney, Operation, Payment, Refund
from tests.doubles import StripeDouble
from tests.orders.world import (
    World,
    broken,
    delivered_order,
    disputed_order,
    paid_order,
    pay_by_card,
    place,
    shipped_order,
)

pytestmark = pytest.mark.django_db
State = Chargeback.State
NOTHING = Money(0, "EUR")


def heard(double: StripeDouble, **how: object) -> None:
    """Stripe's events arrive and are applied."""
    assert set(double.deliver(Client(), **how)) <= {200}  # type: ignore[arg-type]
    work.drain_inbox()


def taken(order: Order, double: StripeDouble, **how: object) -> Chargeback:
    """The bank takes the order's money, and we hear of it."""
    double.dispute(Payment.objects.get(pk=order.checkout.payment_id).processor_ref, **how)
    heard(double)
    return Chargeback.objects.latest("opened_at")


def ended(chargeback: Chargeback, double: StripeDouble, outcome: str) -> Chargeback:
    double.end_dispute(chargeback.processor_ref, outcome)
    heard(double)
    chargeback.refresh_from_db()
    return chargeback


def completed(world: World, double: StripeDouble) -> Order:
    return services.confirm(delivered_order(world, double).number, by=world.bob)


def with_the_bank() -> Money:
    return balance(codes.disputed("stripe", "EUR"))


def lost() -> Money:
    return balance(codes.expense("loss", "EUR"))


def test_while_the_bank_has_the_money_the_order_stands_still(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    clearing, fees = balance(codes.clearing("stripe", "EUR")), balance(codes.expense("stripe", "EUR"))
    chargeback = taken(order, stripe_double)
    assert (chargeback.kind, chargeback.state, chargeback.reason) == ("chargeback", "opened", "fraudulent")
    assert chargeback.amount == chargeback.withdrawn == with_the_bank() == order.buyer_total
    assert chargeback.fee == Money(2_000, "EUR")
    assert balance(codes.clearing("stripe", "EUR")) == clearing - order.buyer_total - Money(2_000, "EUR")
    assert balance(codes.expense("stripe", "EUR")) == fees + Money(2_000, "EUR")
    assert balance(codes.hold(order.number, "INR")) == order.held
    with pytest.raises(OrderRefused, match="bank of the buyer"):
        services.confirm(order.number, by=world.bob)
    with pytest.raises(OrderRefused, match="bank of the buyer"):
        services.refund(order.number, by=world.alice, why="as asked")
    with shifted(days=17):
        assert deadlines.due() == []
        deadlines.meet(order.number)

    order.refresh_from_db()
    assert order.status == "delivered"
    assert broken() == []


def test_won_returns_to_where_it_was_with_the_time_that_was_left(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    due_at, clearing = order.due_at, balance(codes.clearing("stripe", "EUR"))
    chargeback = taken(order, stripe_double)
    with shifted(days=5):
        chargeback = ended(chargeback, stripe_double, "won")
    order.refresh_from_db()
    assert (chargeback.state, chargeback.withdrawn, order.status) == ("won", NOTHING, "delivered")
    assert due_at is not None
    assert order.due_at is not None
    assert round((order.due_at - due_at).total_seconds() / 86400, 2) == 5
    assert with_the_bank() == NOTHING
    assert balance(codes.clearing("stripe", "EUR")) == clearing - Money(2_000, "EUR")  # the fee is kept
    with shifted(days=6):
        services.confirm(order.number, by=world.bob)
    assert broken() == []


@pytest.mark.parametrize("make", [paid_order, shipped_order, delivered_order, disputed_order])
def test_lost_before_release_the_buyer_has_it_back_and_the_order_ends(
    make: object, world: World, stripe_double: StripeDouble
) -> None:
    order = make(world, stripe_double)  # type: ignore[operator]
    ended(taken(order, stripe_double), stripe_double, "lost")
    order.refresh_from_db()
    assert (order.status, order.held) == ("refunded", Money(0, "INR"))
    assert balance(codes.hold(order.number, "INR")) == Money(0, "INR")
    assert (with_the_bank(), lost()) == (NOTHING, NOTHING)
    [refund] = Refund.objects.all()
    assert (refund.reason, refund.state, refund.amount) == ("chargeback", "succeeded", order.buyer_total)
    assert stripe_double.refunds() == []
    assert broken() == []


def test_lost_after_release_the_seller_owes_it_less_the_commission(world: World, stripe_double: StripeDouble) -> None:
    order = completed(world, stripe_double)
    payable = balance(codes.seller(world.alice.pk, "INR"))
    chargeback = taken(order, stripe_double)
    assert balance(codes.seller(world.alice.pk, "INR")) == Money(0, "INR")  # cannot be paid out meanwhile
    assert balance(codes.seller_contested(world.alice.pk, "INR")) == payable == order.net
    assert broken() == []
    ended(chargeback, stripe_double, "lost")
    order.refresh_from_db()
    assert order.status == "refunded"
    owed = Money(order.processing_minor, "INR")  # what was released went to the buyer; the processor's part is missing
    assert balance(codes.seller_debt(world.alice.pk, "INR")) == owed
    assert balance(codes.seller(world.alice.pk, "INR")) == balance(codes.seller_contested(world.alice.pk, "INR"))
    assert balance(codes.income("commission", "INR")) == Money(0, "INR")
    assert broken() == []


def test_won_after_release_the_seller_is_paid_again(world: World, stripe_double: StripeDouble) -> None:
    order = completed(world, stripe_double)
    payable = balance(codes.seller(world.alice.pk, "INR"))
    ended(taken(order, stripe_double), stripe_double, "won")
    assert balance(codes.seller(world.alice.pk, "INR")) == payable
    assert ContestedMoney.objects.get().freed_at is not None
    assert broken() == []


def test_one_payment_over_two_shops_is_taken_from_both_in_proportion(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf, world.vase)
    payment = pay_by_card(checkout, stripe_double)
    rupees, pesos = checkout.orders.get(currency="INR"), checkout.orders.get(currency="MXN")
    services.mark_shipped(pesos.number, by=world.carmen, carrier="Correos", tracking_number="EE123456785MX")
    services.confirm(pesos.number, by=world.bob)
    asked = 2_000
    chargeback = taken(rupees, stripe_double, amount=asked)
    ended(chargeback, stripe_double, "lost")
    first, second = Refund.objects.order_by("ref")
    parts = {refund.ref: refund.amount_minor for refund in (first, second)}
    assert sum(parts.values()) == asked
    assert abs(parts[rupees.number] - asked * rupees.buyer_minor / payment.amount_minor) <= 2
    for order in (rupees, pesos):
        order.refresh_from_db()
    assert (rupees.status, pesos.status) == ("paid", "completed")
    assert balance(codes.hold(rupees.number, "INR")) == rupees.held
    assert balance(codes.seller_debt(world.carmen.pk, "MXN")) == Money(0, "MXN")  # paid by what was kept back
    assert broken() == []
    ended(taken(rupees, stripe_double, amount=payment.amount_minor - asked), stripe_double, "lost")
    for order in (rupees, pesos):
        order.refresh_from_db()
    assert (rupees.status, pesos.status, rupees.held) == ("refunded", "refunded", Money(0, "INR"))
    assert (with_the_bank(), lost()) == (NOTHING, NOTHING)
    assert broken() == []


def test_after_a_part_was_taken_the_rest_is_refunded_to_the_unit(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    ended(taken(order, stripe_double, amount=333), stripe_double, "lost")
    order.refresh_from_db()
    part = Money(10_007, "INR")
    services.refund_amount(order.number, by=world.alice, why="x", goods=part, shipping=Money(0, "INR"))
    services.refund(order.number, by=world.alice, why="all of it")
    assert sum(refund.amount_minor for refund in Refund.objects.all()) == order.buyer_minor
    order.refresh_from_db()
    assert (order.status, order.held) == ("refunded", Money(0, "INR"))


def test_an_inquiry_moves_no_money_and_ends_without_a_trace(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    chargeback = taken(order, stripe_double, inquiry=True)
    assert (chargeback.kind, chargeback.withdrawn, chargeback.fee, with_the_bank()) == (
        "inquiry",
        NOTHING,
        None,
        NOTHING,
    )
    with pytest.raises(OrderRefused, match="bank of the buyer"):
        services.confirm(order.number, by=world.bob)
    chargeback = ended(chargeback, stripe_double, "warning_closed")
    assert chargeback.state == "closed"
    services.confirm(order.number, by=world.bob)
    assert broken() == []


def test_an_inquiry_that_is_refunded_is_over(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    chargeback = taken(order, stripe_double, inquiry=True)
    services.refund(order.number, by=world.alice, why="as the bank asks")
    work.drain_operations()
    heard(stripe_double)
    chargeback.refresh_from_db()
    order.refresh_from_db()
    assert (chargeback.state, order.status, Refund.objects.get().state) == ("closed", "refunded", "succeeded")
    assert broken() == []


def test_an_inquiry_becomes_a_chargeback(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    chargeback = taken(order, stripe_double, inquiry=True)
    chargeback = ended(chargeback, stripe_double, "escalated")
    assert (chargeback.kind, chargeback.state, chargeback.withdrawn) == ("chargeback", "opened", order.buyer_total)
    ended(chargeback, stripe_double, "lost")
    order.refresh_from_db()
    assert order.status == "refunded"
    assert broken() == []


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_news_may_come_twice_backwards_and_late(outcome: str, world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    dispute = stripe_double.dispute(order.checkout.payment.processor_ref)
    stripe_double.end_dispute(dispute["id"], outcome)
    first = stripe_double.events()
    heard(stripe_double, times=3, backwards=True)
    heard(stripe_double, events=first)
    chargeback = Chargeback.objects.get()
    assert (chargeback.state, chargeback.settled_at is not None) == (outcome, True)
    assert with_the_bank() == NOTHING
    assert broken() == []


def test_what_was_fetched_before_and_is_applied_after_changes_nothing(
    world: World, stripe_double: StripeDouble
) -> None:
    from payments import machine
    from payments.processors import registry

    order = delivered_order(world, stripe_double)
    dispute = stripe_double.dispute(order.checkout.payment.processor_ref)
    old = registry.get("stripe").fetch(dispute["id"], kind="dispute")
    assert old is not None
    stripe_double.end_dispute(dispute["id"], "won")
    heard(stripe_double)
    assert machine.apply(old, processor="stripe") is None
    assert (Chargeback.objects.get().state, with_the_bank()) == ("won", NOTHING)
    assert broken() == []


def test_a_refund_that_was_sent_before_is_not_paid_a_second_time_by_an_order(
    world: World, stripe_double: StripeDouble
) -> None:
    """The bank takes what was refunded already: the platform's loss, and a person asks the bank."""
    order = delivered_order(world, stripe_double)
    services.refund(order.number, by=world.alice, why="sorry")
    work.drain_operations()
    ended(taken(order, stripe_double), stripe_double, "lost")
    assert lost() == order.buyer_total
    assert Case.objects.filter(kind="amount", closed_at=None).count() == 1
    assert [refund.reason for refund in Refund.objects.all()] == ["refund"]
    assert broken() == []


def test_a_refund_that_is_not_sent_yet_waits_and_is_carried_out_by_the_bank(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    services.refund(order.number, by=world.alice, why="sorry")
    chargeback = taken(order, stripe_double)
    work.drain_operations()
    assert stripe_double.refunds() == []
    assert Refund.objects.get().state == "requested"
    waits = Operation.objects.get(kind="refund")
    assert (waits.state, waits.error) == ("ready", "The bank of the buyer has the money and decides.")
    ended(chargeback, stripe_double, "lost")
    refund = Refund.objects.get()
    assert (refund.state, refund.chargeback, lost()) == ("succeeded", chargeback, NOTHING)
    with shifted(hours=2):
        work.drain_operations()
    assert stripe_double.refunds() == []
    assert Operation.objects.get(kind="refund").state == "failed"
    assert broken() == []


def test_a_refund_that_waited_is_sent_after_the_bank_gave_the_money_back(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    services.refund(order.number, by=world.alice, why="sorry")
    chargeback = taken(order, stripe_double)
    work.drain_operations()
    ended(chargeback, stripe_double, "won")
    with shifted(hours=2):
        work.drain_operations()
    # Stripe itself refuses refunds of what was disputed: a person has to send it
    refund = Refund.objects.get()
    assert (refund.state, Case.objects.filter(ref=f"refund {refund.pk}").count()) == ("failed", 1)
    assert broken() == []


def test_a_refund_that_comes_back_after_the_loss_was_the_banks(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    stripe_double.fault("refund_pending")
    services.refund(order.number, by=world.alice, why="sorry")
    work.drain_operations()
    ended(taken(order, stripe_double), stripe_double, "lost")
    assert lost() == order.buyer_total
    [pending] = stripe_double.refunds()
    stripe_double.finish_refund(pending["id"], succeeded=False)
    heard(stripe_double)
    assert (Refund.objects.get().state, lost()) == ("succeeded", NOTHING)
    assert balance(codes.hold(order.number, "INR")) == Money(0, "INR")
    assert broken() == []


def test_a_bank_that_gives_in_after_it_won_leaves_the_money_for_a_person(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    chargeback = ended(taken(order, stripe_double), stripe_double, "lost")
    chargeback = ended(chargeback, stripe_double, "won")
    assert balance(codes.suspense("stripe", "EUR")) == order.buyer_total
    assert Case.objects.filter(kind="reversed", ref=chargeback.processor_ref).count() == 1
    assert broken() == []


def test_the_eighty_days_end_while_the_bank_decides(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    chargeback = taken(order, stripe_double)
    with shifted(days=81):
        ended(chargeback, stripe_double, "won")
        assert deadlines.due() == [order.number]
        work.meet_deadlines()
    order.refresh_from_db()
    assert order.status == "completed"


def test_an_inquiry_holds_nothing_beyond_the_eighty_days(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    taken(order, stripe_double, inquiry=True)
    with shifted(days=81):
        work.meet_deadlines()
    order.refresh_from_db()
    assert order.status == "completed"
    assert broken() == []


def test_the_money_itself_refuses_what_a_page_would_let_through(world: World, stripe_double: StripeDouble) -> None:
    from payments import holds

    order = delivered_order(world, stripe_double)
    taken(order, stripe_double)
    payment = Payment.objects.get(pk=order.checkout.payment_id)
    with pytest.raises(ReleaseRefused, match="bank of the buyer"):
        holds.release_all(
            [
                holds.Release(
                    ref=order.number,
                    payment=payment,
                    seller=world.alice,
                    held=order.held,
                    commission=order.commission,
                    processing=Money(order.processing_minor, "INR"),
                )
            ]
        )
    assert balance(codes.hold(order.number, "INR")) == order.held
