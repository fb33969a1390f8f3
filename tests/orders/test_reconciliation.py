"""A processor's own record against our books, with Stripe's double as the far end and orders that follow."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import services, work
from orders.following import follow
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Payment, ReconItem, ReconRun, StatementLine
from payments.reconciliation.matching import Finding, Key, Side, differences
from payments.reconciliation.run import ReconRefused, reconcile
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.racing import race
from tests.orders.world import World, broken, paid_order, place

pytestmark = pytest.mark.django_db


def run() -> ReconRun:
    return reconcile("stripe", follow=follow)


def later() -> ReconRun:
    """When all is old enough to be on both sides."""
    with shifted(hours=2):
        return run()


def in_the_dashboard(order: Order, double: StripeDouble, minor: int) -> str:
    """Somebody gives money back at Stripe itself; its id."""
    intent = Payment.objects.get(ref=order.checkout.public_id).processor_ref
    return str(double.api("/v1/refunds", payment_intent=intent, amount=minor)["id"])


def test_a_clean_day_is_explained_to_the_cent(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    order = paid_order(world, stripe_double)
    services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    work.drain_operations()
    found = later()
    assert (found.counted, found.healed, found.open_items, found.explained_bps) == (3, 0, 0, 10_000)
    [total] = found.sums.all()
    assert (total.currency, total.differing_minor, total.young_minor) == ("EUR", 0, 0)
    assert total.theirs_minor == total.ours_minor == balance(codes.clearing("stripe", "EUR")).amount
    lines = StatementLine.objects.count()
    again = later()
    assert (StatementLine.objects.count(), again.counted) == (lines, 3)
    assert broken() == []


def test_a_lost_webhook_is_healed_and_the_order_goes_on(world: World, stripe_double: StripeDouble) -> None:
    """The worker was down, the webhook was lost: only the record knows."""
    checkout = place(world.bob, world.scarf)
    stripe_double.pay(Payment.objects.get().processor_ref)
    assert checkout.orders.get().status == Order.Status.PLACED
    found = run()
    assert (found.healed, found.open_items, found.explained_bps) == (1, 0, 10_000)
    assert checkout.orders.get().status == Order.Status.PAID
    assert broken() == []


def test_a_charge_behind_our_back_waits_for_a_person_who_books_it(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    refund = in_the_dashboard(paid_order(world, stripe_double), stripe_double, 1_000)
    found = later()
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference, found.open_items) == (
        "missing_here",
        refund,
        Money(-1_000, "EUR"),
        1,
    )
    assert 0 < found.explained_bps < 10_000
    page = f"/admin/payments/reconitem/{item.pk}/close/"
    before = balance(codes.clearing("stripe", "EUR"))
    assert "required" in logged_in(admin).post(page, {"booking": "loss", "note": ""}).content.decode()
    assert balance(codes.clearing("stripe", "EUR")) == before
    logged_in(admin).post(page, {"booking": "loss", "note": "Goodwill, by the owner."})
    item.refresh_from_db()
    assert (item.closed_by, item.journal_key) == (admin, f"recon:{item.pk}")
    assert balance(codes.expense("loss", "EUR")) == Money(1_000, "EUR")
    assert balance(codes.clearing("stripe", "EUR")) == before - Money(1_000, "EUR")
    after = later()
    assert (after.open_items, after.explained_bps) == (0, 10_000)
    assert broken() == []


def test_a_reason_alone_explains_it_until_it_changes(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = paid_order(world, stripe_double)
    in_the_dashboard(order, stripe_double, 300)
    later()
    item = ReconItem.objects.get()
    logged_in(admin).post(
        f"/admin/payments/reconitem/{item.pk}/close/", {"booking": "none", "note": "A credit that ends next week."}
    )
    assert later().explained_bps == 10_000
    in_the_dashboard(order, stripe_double, 1)
    assert later().open_items == 1


def test_what_is_young_is_not_yet_a_difference(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    post("ghost", "test", "", [(codes.clearing("stripe", "EUR"), 500), (codes.suspense("stripe", "EUR"), -500)])
    young = run()
    assert (young.open_items, young.sums.get().young_minor) == (0, -500)
    found = later()
    assert (found.open_items, ReconItem.objects.get().kind) == (1, "missing_there")


def test_money_that_comes_meanwhile_is_in_the_next_run(
    world: World, stripe_double: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid_order(world, stripe_double)
    now_and_then = iter(range(100))

    def compare(ours: dict[Key, Side], theirs: dict[Key, Side]) -> list[Finding]:
        legs = [(codes.clearing("stripe", "EUR"), 700), (codes.suspense("stripe", "EUR"), -700)]
        post(f"meanwhile:{next(now_and_then)}", "suspense", "", legs)
        return differences(ours, theirs)

    monkeypatch.setattr("payments.reconciliation.run.differences", compare)
    total = later().sums.get()
    assert total.theirs_minor - total.ours_minor == total.differing_minor + total.young_minor
    assert "X02" not in broken()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(world: World, stripe_double: StripeDouble) -> None:
    in_the_dashboard(paid_order(world, stripe_double), stripe_double, 300)
    with shifted(hours=2):  # around the threads: the clock is one for all of them
        race([lambda: _told(run) for _ in range(4)])
    assert ReconItem.objects.count() == 1
    assert ReconRun.objects.count() >= 1


def _told(do: object) -> object:
    try:
        return do()  # type: ignore[operator]
    except ReconRefused as refusal:
        return refusal


def test_the_command_says_the_share_last(
    world: World, stripe_double: StripeDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    paid_order(world, stripe_double)
    call_command("reconcile")
    there = balance(codes.clearing("stripe", "EUR"))
    assert capsys.readouterr().out.splitlines() == [
        "stripe: 1 references, 0 healed, 0 differ",
        f"stripe EUR: there {there}, here {there}, not explained 0.00 EUR: 100.00 %",
        "stripe: 100.00 % of the money is explained",
        "100.00 % of the money is explained",
    ]
    with pytest.raises(CommandError, match="bank keeps no record"):
        call_command("reconcile", "--processor", "bank")


def test_beat_reconciles_every_day(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    assert work.reconcile() == 1
    assert ReconRun.objects.get().explained_bps == 10_000
