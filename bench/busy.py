"""A marketplace with many orders: two lives in three are the usual one, the others are everything that can happen."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from listings.services import set_stock
from marketplace.letters import send_due
from marketplace.seeding.copies import multiply
from orders import services
from orders.models import Checkout, Order
from tests.audit.clean import build
from tests.doubles import StripeDouble
from tests.orders.world import World, delivered_order, paid_order, shipped_order

USUAL: tuple[tuple[int, Callable[[World, StripeDouble], Order]], ...] = (
    (28, lambda world, double: services.confirm(shipped_order(world, double).number, by=world.bob)),
    (2, delivered_order),
    (3, shipped_order),
    (2, paid_order),
)


def make_busy(double: StripeDouble, *, orders: int, say: Callable[[str], None]) -> None:
    """At least `orders` checkouts in every state with all that services write for them and the letters sent."""
    world = build(double)
    set_stock(world.scarf, stock=100, by=world.alice)
    for count, live in USUAL:
        for _ in range(count):
            live(world, double)
    while send_due():
        pass
    multiply(-(-orders // Checkout.objects.count()), say=say)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
