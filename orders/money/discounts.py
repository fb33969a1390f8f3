"""What a seller's discounts for cheaper ways to pay have cost, beside what those ways saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from fx.money import Money
from listings.models import Shop
from orders.models import Order
from payments.processors import registry

NOT_SOLD = (Order.Status.PLACED, Order.Status.CANCELED, Order.Status.REFUNDED)


@dataclass(frozen=True, slots=True)
class Given:
    """By one way to pay, over `orders` that were paid and not refunded, in the shop's currency."""

    rail: str
    label: str
    orders: int
    given: Money
    saved: Money


def given_by(shop: Shop) -> Sequence[Given]:
    """The dearest gift first; nothing before the first discount."""
    sold = Order.objects.filter(shop=shop, discount_minor__gt=0).exclude(status__in=NOT_SOLD)
    sums = sold.values("checkout__payment__processor").annotate(
        count=Count("pk"), all_given=Sum("discount_minor"), all_saved=Sum("saving_minor")
    )
    return [
        Given(
            rail=row["checkout__payment__processor"],
            label=registry.label_of(row["checkout__payment__processor"]),
            orders=row["count"],
            given=Money(int(row["all_given"]), shop.currency),
            saved=Money(int(row["all_saved"]), shop.currency),
        )
        for row in sums.order_by("-all_given")
    ]
