"""All, some pieces or an amount: before release out of the hold, after it from the seller, in a dispute as decided."""

from __future__ import annotations

import pytest

from fx.money import Money
from listings.models import Listing, StockMove
from listings.services import set_reserve, set_stock
from marketplace.models import Letter
from orders import services, work
from orders.checkout import carts
from orders.errors import OrderRefused, WrongState
from orders.models import Dispute, Order, RefundedItem
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, delivered_order, disputed_order, paid_order, pay_by_card, place

pytestmark = pytest.mark.django_db
NOTHING = Money(0, "INR")


def inr(minor: int) -> Money:
    return Money(minor, "INR")


def completed(world: World, double: StripeDouble) -> Order:
    return services.confirm(delivered_order(world, double).number, by=world.bob)


def stock(listing: Listing) -> int:
    return Listing.objects.get(pk=listing.pk).stock


def back_at_stripe(double: StripeDouble) -> int:
    return sum(int(refund["amount"]) for refund in double.refunds())


def test_an_amount_goes_back_and_the_order_goes_on(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    whole = order.held
    refund = services.refund_amount(
        order.number, by=world.alice, why="A day late.", goods=inr(50_000), shipping=inr(10_000)
    )
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, order.refunded, order.held) == ("paid", inr(60_000), whole - inr(60_000))
    assert back_at_stripe(stripe_double) == refund.amount_minor > 0
    assert balance(codes.hold(order.number, "INR")) == order.held
    services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    services.confirm(order.number, by=world.bob)
    order.refresh_from_db()
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    told = {key.split(":")[0] for key in Letter.objects.values_list("key", flat=True)}
    assert {"order_part_refunded", "sale_part_refunded"} <= told
    assert broken() == []


def test_the_platform_earns_its_share_of_what_stays_sold_alone(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    assert order.commission_minor == 1_900
    services.refund_amount(order.number, by=world.alice, why="x", goods=inr(95_001), shipping=NOTHING)
    order = services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    services.confirm(order.number, by=world.bob)
    # 1,900 * 95,001 / 190,000 = 950.01 are given up
    assert balance(codes.income("commission", "INR")) == inr(950)
    services.refund_amount(order.number, by=world.alice, why="y", goods=inr(94_999), shipping=NOTHING)
    assert Refund.objects.get(commission_minor__gt=0).commission_minor == 950
    work.drain_operations()
    assert balance(codes.income("commission", "INR")) == NOTHING
    assert broken() == []


def test_the_last_part_ends_the_order(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    charged = order.buyer_minor
    services.refund_amount(order.number, by=world.alice, why="", goods=inr(77), shipping=inr(order.shipping_minor))
    services.refund_amount(order.number, by=world.alice, why="", goods=inr(order.goods_minor - 77), shipping=NOTHING)
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, order.held, order.due_at) == ("refunded", NOTHING, None)
    assert back_at_stripe(stripe_double) == charged
    with pytest.raises(WrongState):
        services.refund(order.number, by=world.alice, why="again")
    assert broken() == []


def test_pieces_go_back_on_sale_once_per_refund(world: World, stripe_double: StripeDouble) -> None:
    set_stock(world.scarf, stock=2, by=world.alice)
    owner = f"user:{world.bob.pk}"
    carts.put(owner=owner, listing_id=world.scarf.pk, quantity=1)
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    line = order.lines.get()
    left = stock(world.scarf)
    refund = services.refund_items(
        order.number, by=world.alice, why="A spot.", items={line.pk: 1}, shipping=NOTHING, restocked=True
    )
    assert stock(world.scarf) == left + 1
    assert StockMove.objects.get(reason="given_back").ref == refund.pk.hex
    item = RefundedItem.objects.get()
    assert (item.quantity, item.restocked, item.line) == (1, True, line)
    refused = f"Of “Indigo and madder scarf” {line.quantity - 1} can be given back, not {line.quantity}"
    with pytest.raises(OrderRefused, match=refused):
        services.refund_items(
            order.number,
            by=world.alice,
            why="",
            items={line.pk: line.quantity},
            shipping=NOTHING,
            restocked=False,
        )
    with pytest.raises(OrderRefused, match="no such line"):
        services.refund_items(
            order.number, by=world.alice, why="", items={line.pk + 99: 1}, shipping=NOTHING, restocked=False
        )
    assert Refund.objects.count() == 1
    assert broken() == []


def test_what_the_seller_was_paid_comes_back_from_later_sales(world: World, stripe_double: StripeDouble) -> None:
    order = completed(world, stripe_double)
    net, commission = order.net, order.commission_minor
    payable, debt = codes.seller(world.alice.pk, "INR"), codes.seller_debt(world.alice.pk, "INR")
    services.refund(order.number, by=world.moderator, why="It fell apart.")
    work.drain_operations()
    order.refresh_from_db()
    assert order.status == "refunded"
    assert back_at_stripe(stripe_double) == order.buyer_minor
    owed = inr(order.goods_minor + order.shipping_minor - commission)
    assert (balance(payable), balance(debt)) == (net, owed)
    assert balance(codes.income("commission", "INR")) == NOTHING
    second = completed(world, stripe_double)
    assert balance(payable) == net + second.net - min(owed, second.net)
    assert balance(debt) == owed - min(owed, second.net)
    assert broken() == []


def test_a_split_gives_a_part_back_and_releases_the_rest(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    whole = order.held
    for back in (None, NOTHING, whole):
        with pytest.raises(OrderRefused, match="more than nothing and less than 2590.00 INR"):
            services.decide_dispute(order.number, outcome="split", by=world.moderator, reason="x", back=back)
    assert Dispute.objects.get().decided_at is None
    half = inr(order.goods_minor + 1)
    services.decide_dispute(order.number, outcome="split", by=world.moderator, reason="Worn once.", back=half)
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, order.refunded_goods_minor, order.refunded_shipping_minor) == ("split", order.goods_minor, 1)
    assert balance(codes.hold(order.number, "INR")) == NOTHING
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    assert 0 < back_at_stripe(stripe_double) < order.buyer_minor
    assert broken() == []


def test_while_a_dispute_is_open_only_its_decision_moves_money(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    for verb in (
        lambda: services.refund(order.number, by=world.alice, why=""),
        lambda: services.refund_amount(order.number, by=world.alice, why="", goods=inr(1000), shipping=NOTHING),
    ):
        with pytest.raises(WrongState):
            verb()
    assert Refund.objects.count() == 0


def test_a_reserve_of_the_shop_is_kept_of_each_sale(world: World, stripe_double: StripeDouble) -> None:
    set_reserve(world.scarf.shop, bps=1_000, days=30, by=world.moderator, reason="A new shop.")
    assert Letter.objects.get(key__startswith="shop_reserve:").to == world.alice.email
    order = completed(world, stripe_double)
    kept = order.net.bps(1_000)
    assert balance(codes.seller_reserve(world.alice.pk, "INR")) == kept
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net - kept
    assert broken() == []
