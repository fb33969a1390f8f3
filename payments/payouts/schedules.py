"""Payouts that are asked for by themselves: weekly or monthly, once enough is payable."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import COINS, EXPONENT, Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payout, PayoutMethod, PayoutPlan
from payments.payouts.life import minimum, request_payout
from payments.sellers.payable import lock_seller

Every = PayoutPlan.Every
LIVE = (Payout.State.REQUESTED, Payout.State.APPROVED, Payout.State.SENT)


@transaction.atomic
def set_plan(*, seller: User, currency: str, by: User, every: str, threshold: Money | None = None) -> PayoutPlan:
    """From the next time of the schedule on. `threshold`: only once so much is payable, at least the minimum."""
    if by != seller:
        raise PayoutRefused(_("Only sellers themselves say when they are paid."))
    if currency not in EXPONENT or currency in COINS or every not in Every.values:
        raise PayoutRefused(_("There is no such schedule."))
    threshold = threshold or Money(0, currency)
    if threshold.currency != currency:
        raise PayoutRefused(_("The threshold is an amount in %(currency)s.") % {"currency": currency})
    lock_seller(seller.pk)
    plan, _made = PayoutPlan.objects.select_for_update(of=("self",)).get_or_create(seller=seller, currency=currency)
    plan.every, plan.threshold_minor, plan.problem = every, threshold.amount, ""
    plan.next_at = plan.following(now())
    plan.save()
    return plan


def due(limit: int = 200) -> list[int]:
    """Ids of the plans whose time has come."""
    waiting = PayoutPlan.objects.filter(next_at__lte=now()).order_by("next_at")
    return list(waiting.values_list("pk", flat=True)[:limit])


@transaction.atomic
def run(plan_id: int) -> Payout | None:
    """Ask for the payout of a plan that is due, and set its next time. None when there is nothing to ask for.

    Two sweeps at once make one payout: the plan is locked, and who comes second finds it not due.
    """
    rows = PayoutPlan.objects.select_for_update(of=("self",)).select_related("seller")
    plan = rows.filter(pk=plan_id, next_at__lte=now()).first()
    if plan is None:
        return None
    payout, plan.problem = _ask(plan)
    plan.next_at = plan.following(now())
    plan.save(update_fields=["next_at", "problem"])
    return payout


def _ask(plan: PayoutPlan) -> tuple[Payout | None, str]:
    """The payout, or why there is none."""
    lock_seller(plan.seller_id)
    least = max(plan.threshold, minimum(plan.currency))
    if balance(codes.seller(plan.seller_id, plan.currency)) < least:
        return None, ""
    live = Payout.objects.filter(seller=plan.seller, currency=plan.currency, state__in=LIVE)
    if live.exists():
        return None, _("A payout is under way.")
    if PayoutMethod.objects.current(plan.seller, plan.currency).filter(is_default=True, failed_at__isnull=False):
        return None, _("The last payout to this destination failed. Mend it, or choose another.")
    try:
        with transaction.atomic():
            return request_payout(seller=plan.seller, currency=plan.currency, by=plan.seller), ""
    except PayoutRefused as error:
        return None, str(error)
