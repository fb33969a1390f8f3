"""The seller's money page: held, payable, owed, under way, paid; every movement in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Sum

from fx.money import Money
from listings.models import Shop
from marketplace.lib.clock import now
from marketplace.lib.period import Period
from orders.models import Order
from orders.money.debts import movements, spent
from orders.money.forms import PlanForm, method_forms
from orders.money.statement import explained
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payout, PayoutMethod, PayoutPlan, Reserve
from payments.payouts.life import minimum, ready
from payments.payouts.reach import reach
from payments.sellers.movements import Account, Moved

HELD = (Order.Status.PAID, Order.Status.SHIPPED, Order.Status.DELIVERED, Order.Status.DISPUTED)


def money_page(shop: Shop) -> dict[str, Any]:
    """All amounts in the shop's currency."""
    seller, currency = shop.owner, shop.currency
    held_orders = Order.objects.filter(shop=shop, status__in=HELD).order_by("due_at")
    payouts = Payout.objects.filter(seller=seller, currency=currency)
    paid = payouts.filter(state=Payout.State.PAID).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return {
        "shop": shop,
        "forms": method_forms(shop.country, shop.city),
        "by_processor": PayoutMethod.Kind.STRIPE in reach(shop.country, currency).ways,
        "plan": (plan := PayoutPlan.objects.filter(seller=seller, currency=currency).first()),
        "plan_form": PlanForm(currency, plan=plan),
        "minimum": minimum(currency),
        "held": Money(sum(order.held.amount for order in held_orders), currency),
        "held_orders": held_orders,
        "recent": explained(seller, _recent(seller.pk, currency)),
        "payable": balance(codes.seller(seller.pk, currency)),
        "pays_out": ready(seller.pk, currency)[0],
        "debt": balance(codes.seller_debt(seller.pk, currency)),
        "debts": movements(seller, currency),
        "reserved": balance(codes.seller_reserve(seller.pk, currency)),
        "contested": balance(codes.seller_contested(seller.pk, currency)),
        "reserves": Reserve.objects.filter(seller=seller, currency=currency, freed_at=None).order_by("until")[:50],
        "spent": spent(seller, currency),
        "under_way": Money(_open(payouts), currency),
        "paid": Money(paid, currency),
        "methods": PayoutMethod.objects.current(seller, currency).order_by("-is_default", "created_at"),
        "payouts": payouts.select_related("method").order_by("-requested_at")[:50],
        "completed": Order.objects.filter(shop=shop, status=Order.Status.COMPLETED).order_by("-completed_at")[:50],
    }


def _recent(seller_id: int, currency: str) -> list[Moved]:
    """The last ten movements of this and the last month."""
    month = Period.month(now().date())
    account = Account(seller_id, currency, Period.month(month.first - dt.timedelta(days=1)).start, month.end)
    return account.latest(account.opening(), offset=0, limit=10)


def _open(payouts: Any) -> int:
    states = (Payout.State.REQUESTED, Payout.State.APPROVED, Payout.State.SENT)
    return int(payouts.filter(state__in=states).aggregate(sum=Sum("amount_minor"))["sum"] or 0)
