"""A clean world with something of everything, made by the services that people and processors use."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from fx.models import DailyRate
from fx.money import Money
from listings.services import set_reserve, set_stock
from marketplace.lib.clock import now, shifted
from marketplace.models import IdempotentCall, User
from orders import services, work
from orders.invoices.issuing import issue
from orders.invoices.opening import open_invoices
from orders.models import Checkout, Order
from orders.returns import life as returns
from orders.returns import withdrawal
from orders.returns.cancellation import cancel_sale
from payments.bankin import receive_message
from payments.bankin.demo import Told, statement
from payments.drawings import approve_drawing, cancel_drawing, propose_drawing, record_drawing
from payments.invoices.profiles import Stated, set_profile
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payment, Payout, ReconItem
from payments.payouts.life import (
    approve_payout,
    cancel_payout,
    make_bank_file,
    mark_paid,
    record_fill,
    record_settlement,
    request_payout,
)
from payments.payouts.methods import set_payout_method
from payments.payouts.schedules import set_plan
from payments.proof.heads import sign_today
from payments.reconciliation.closing import close
from payments.reconciliation.run import reconcile
from payments.sellers import reserves
from payments.services import give_refund_address, lock_price, sent_by_hand
from tests.audit import netting
from tests.conftest import make_user
from tests.doubles import StripeDouble
from tests.orders.world import World, make_listing, make_shop, make_world, paid_order, pay_by_card, place, send_coins

PURSE = "bcrt1qqurswpc8qurswpc8qurswpc8qurswpc8dxm0gk"
WALLET = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"  # BIP 173's example
INR = {"country": "IN", "account": "123456789012", "clearing_code": "SBIN0001234"}


def build(double: StripeDouble) -> World:
    """Orders in every state, payouts, refunds, coins in time and late; at the end all constraints hold."""
    alice = make_user("alice@example.com", country="IN", currency="INR")
    world = make_world(alice, make_user("bob@example.com"), make_user("moderator@example.com", staff=True))
    set_stock(world.scarf, stock=30, by=alice)
    netting.begins(world, double)
    _two_shops(world, double)
    _payouts(world)
    _refunds(world, double)
    _disputes(world, double)
    _parts(world, double)
    _returns(world, double)
    _chargebacks(world, double)
    _coins(world)
    _unpaid(world)
    _spent(world)
    _reconciled(world, double)
    while work.issue_receipts():
        pass
    _invoices(world)
    _drawn(world)
    netting.ends(world)
    IdempotentCall.objects.create(actor=f"user:{world.bob.pk}", key="k1", request_hash="h", status=200, answer={})
    _proof()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    return world


def _invoices(world: World) -> None:
    """Alice's commission of the month, with German tax inside; what was given up of it is credited."""
    day = now().date()
    rows = [DailyRate(currency="INR", day=day - dt.timedelta(days=n), per_eur=106) for n in range(3)]
    DailyRate.objects.bulk_create(rows, ignore_conflicts=True)
    stated = Stated("Alice Sharma", "Markt 1", "28195", "Bremen", "DE", "")
    set_profile(seller=world.alice, by=world.alice, stated=stated)
    assert [issue(invoice.pk) for invoice in open_invoices(world.alice.pk, now())]
    while work.issue_invoices():
        pass


def _drawn(world: World) -> None:
    """Own money came to the bank: one withdrawal of it left, one was taken back, one waits for the bank."""
    account, opening = settings.PROCESSORS["bank"]["accounts"]["EUR"], balance(codes.clearing("bank", "EUR"))
    told = [Told(Money(1_000_00, "EUR"), "I1", family="CHRG")]
    receive_message(statement(account, opening, told, at=now()).encode(), by=world.moderator)
    first, second = (make_user(f"{name}@own.example", staff=True) for name in ("first", "second"))
    for ends in ("taken", "canceled", ""):
        drawing = propose_drawing(amount=Money(10_00, "EUR"), why="Rent.", by=first)
        drawing = approve_drawing(drawing, by=second)
        if ends == "taken":
            record_drawing(drawing, by=first, bank_reference="OWN 1")
        elif ends:
            cancel_drawing(drawing, by=second)


def _proof() -> None:
    """Everything is chained, and two heads are signed."""
    work.prove()
    with shifted(days=1):
        sign_today()


def _two_shops(world: World, double: StripeDouble) -> None:
    """One basket: the scarf is released, the vase under way."""
    checkout = place(world.bob, world.scarf, world.vase)
    pay_by_card(checkout, double)
    for order in checkout.orders.all():
        services.mark_shipped(order.number, by=order.seller, carrier="Post", tracking_number="EE123456785IN")
    services.confirm(checkout.orders.get(currency="INR").number, by=world.bob)


def _payouts(world: World) -> None:
    """One canceled; one paid, funded by a settlement and a fill; the bank's statement; a second method that rests."""
    approver, payer = make_user("finance@example.com", staff=True), make_user("admin@example.com", staff=True)
    set_payout_method(seller=world.alice, currency="INR", by=world.alice, holder="Alice", **INR)
    cancel_payout(request_payout(seller=world.alice, currency="INR", by=world.alice), by=world.alice)
    payout = request_payout(seller=world.alice, currency="INR", by=world.alice)
    settled = balance(codes.clearing("stripe", "EUR"))
    record_settlement(processor="stripe", reference="po_1", amount=settled, by=approver)
    bought = payout.amount + Money(100_00, "INR")
    record_fill(reference="fill 1", sold=Money(2_500, "EUR"), bought=bought, by=approver)
    approve_payout(payout, by=approver)
    make_bank_file([Payout.objects.get(pk=payout.pk)], by=approver)
    mark_paid(payout, by=payer, bank_reference="SBIN 1")
    opening = balance(codes.clearing("bank", "INR"))
    told = [Told(Money(-5_00, "INR"), "C1", family="CHRG"), Told(Money(1_00, "INR"), "X1", name="Charlie")]
    receive_message(
        statement(settings.PROCESSORS["bank"]["accounts"]["INR"], opening, told, at=now()).encode(), by=payer
    )
    set_plan(seller=world.alice, currency="INR", by=world.alice, every="week", threshold=Money(100_00, "INR"))
    set_payout_method(seller=world.alice, currency="INR", by=world.alice, kind="bitcoin", destination=WALLET)


def _refunds(world: World, double: StripeDouble) -> None:
    """Never shipped, sent back; and one that the bank of the buyer refused."""
    order = paid_order(world, double)
    services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    work.drain_operations()
    order = paid_order(world, double)
    double.fault("refund_pending")
    services.refund(order.number, by=None, why="by agreement")
    work.drain_operations()
    [pending] = [refund for refund in double.refunds() if refund["status"] == "pending"]
    double.finish_refund(pending["id"], succeeded=False)
    double.deliver(Client())
    work.drain_inbox()


def _disputes(world: World, double: StripeDouble) -> None:
    """Decided for the buyer, decided for the seller, and open."""
    for outcome in ("buyer", "seller", ""):
        order = paid_order(world, double)
        services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
        services.open_dispute(order.number, by=world.bob, reason="It is torn.")
        if outcome:
            services.decide_dispute(order.number, outcome=outcome, by=world.moderator, reason="The photographs.")
    work.drain_operations()


def _parts(world: World, double: StripeDouble) -> None:
    """Given back in parts: before release, after it, and in a split; with a rolling reserve, one of them freed."""
    set_reserve(world.scarf.shop, bps=1_000, days=30, by=world.moderator, reason="New shop.")
    nothing = Money(0, "INR")
    order = paid_order(world, double)
    services.refund_amount(order.number, by=world.alice, why="late", goods=Money(10_001, "INR"), shipping=nothing)
    services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    services.confirm(order.number, by=world.bob)
    services.refund_amount(order.number, by=world.alice, why="a stain", goods=Money(33_333, "INR"), shipping=nothing)
    order = paid_order(world, double)
    services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    services.confirm(order.number, by=world.bob)
    items = {line.pk: line.quantity for line in order.lines.all()}
    services.refund_items(order.number, by=world.alice, why="sent back", items=items, shipping=nothing, restocked=True)
    order = paid_order(world, double)
    services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    services.open_dispute(order.number, by=world.bob, reason="It is torn.")
    half = Money(100_000, "INR")
    services.decide_dispute(order.number, outcome="split", by=world.moderator, reason="A part.", back=half)
    work.drain_operations()
    with shifted(days=30, seconds=1):
        reserves.free(reserves.due()[0])


def _returns(world: World, double: StripeDouble) -> None:
    """Withdrawn from, sent back and refunded; and one that waits for the seller."""
    for ends in (True, False):
        order = paid_order(world, double)
        services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
        services.mark_delivered(order.number, by=world.bob)
        items = {line.pk: line.quantity for line in order.lines.all()}
        withdrawal.withdraw(order.number, by=world.bob, items=items, name="Bob")
        back = order.returns.get()
        if ends:
            returns.authorize(back, by=world.alice, send_to="Jaipur", payer="buyer")
            returns.send(back, by=world.bob, carrier="Post", tracking_number="RR1")
            returns.receive(back, by=world.alice, restocked=True)
    work.drain_operations()


def _chargebacks(world: World, double: StripeDouble) -> None:
    """Lost; taken although it was refunded; and open, after the release."""
    for outcome in ("lost", "twice", ""):
        order = paid_order(world, double)
        services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
        services.confirm(order.number, by=world.bob)
        if outcome == "twice":
            services.refund(order.number, by=world.alice, why="sorry")
            work.drain_operations()
        dispute = double.dispute(Payment.objects.get(pk=order.checkout.payment_id).processor_ref)
        if outcome:
            double.end_dispute(dispute["id"], "lost")
        double.deliver(Client())
        work.drain_inbox()


def _coins(world: World) -> None:
    """Of each coin one payment in time; one too late, whose coins wait for an address."""
    for rail in ("bitcoin", "erc20"):
        paid = place(world.bob, world.scarf, rail=rail)
        send_coins(paid, paid.payment.amount_minor)
    with shifted(minutes=1):
        work.poll_chains()
    _coins_back(world)
    late = place(world.bob, world.scarf, rail="bitcoin")
    with shifted(minutes=16):
        _sweep()
        send_coins(late, late.payment.amount_minor)
    with shifted(minutes=20):
        _sweep()


def _coins_back(world: World) -> None:
    """In parts by value, one of them sent; and the coins themselves, while their window is open."""
    parts = {"goods": Money(50_000, "INR"), "shipping": Money(0, "INR")}
    for terms in ("value", "coin"):
        checkout = place(world.bob, world.scarf, rail="bitcoin", refund_terms=terms)
        send_coins(checkout, checkout.payment.amount_minor)
        with shifted(minutes=1):
            work.poll_chains()
        order = checkout.orders.get()
        first = services.refund_amount(order.number, by=world.alice, why="late", **parts)
        first = give_refund_address(first, destination=PURSE)
        if terms == "value":
            lock_price(first, by=world.moderator)
        sent_by_hand(first, by=world.moderator, reference=f"{terms} 1")
        services.refund_amount(order.number, by=world.alice, why="late", **parts)


def _reconciled(world: World, double: StripeDouble) -> None:
    """Against Stripe's own record, with one refund from its dashboard that a person booked as a loss and one open;
    with dollars that Stripe exchanged, and a fee of the month."""
    double.exchange(usd="0.9")
    pay_by_card(place(world.bob, world.scarf, currency="USD"), double)
    double.line("stripe_fee", -250, category="fee", description="Radar")
    for minor in (100, 200):
        intent = Payment.objects.get(ref=paid_order(world, double).checkout.public_id).processor_ref
        double.api("/v1/refunds", payment_intent=intent, amount=minor)
    reconcile("stripe")
    close(ReconItem.objects.filter(theirs_minor=-100).get(), by=world.moderator, note="Goodwill.", booking="loss")
    reconcile("stripe")


def _spent(world: World) -> None:
    """Alice buys bowls from her sales balance: one is under way, another comes back to her."""
    diego = make_user("diego@example.com", country="MX", currency="INR")
    shop = make_shop(diego, "Red clay", "MX", "Puebla", "INR", "10")
    bowl = make_listing(shop, world.moderator, "Bowl", "20", "691390", 300)
    place(world.alice, bowl, rail="balance", currency="INR")
    back = place(world.alice, bowl, rail="balance", currency="INR").orders.get()
    cancel_sale(back.number, by=diego, why="It broke.", restocked=False)
    work.drain_operations()


def _unpaid(world: World) -> None:
    """One canceled, one still waiting."""
    with transaction.atomic():
        services.give_up(place(world.bob, world.scarf))
    _sweep()
    place(world.bob, world.scarf)


def _sweep() -> None:
    for _ in range(2):
        for sweep in work.SWEEPS:
            sweep()


def statuses() -> dict[str, int]:
    """How many orders are in each status."""
    return {status: Order.objects.filter(status=status).count() for status in Order.Status.values}


__all__ = ["Checkout", "User", "build", "now", "statuses"]
