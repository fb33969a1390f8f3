"""A payout that the seller's bank sent back after it was paid: payable again."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import Payout
from payments.payouts import failing
from payments.payouts import journals as payoutjournals


@transaction.atomic
def mark_returned(payout: Payout, *, by: User, received: Money, problem: str) -> int:
    """The id of the journal. The whole payout is payable again, also when less than it came back.

    PayoutRefused for who approved it, its seller, or when it is not paid.
    """
    rows = Payout.objects.select_for_update(of=("self",)).select_related("seller", "method")
    payout = rows.get(pk=payout.pk)
    if payout.state != Payout.State.PAID or not 0 < received.amount <= payout.amount_minor:
        raise PayoutRefused(_("Only what was paid comes back, and not more than that."))
    if by in (payout.approved_by, payout.seller):
        raise PayoutRefused(_("You approved this payout. Somebody else has to say that it came back."))
    failing.note_failed(payout, problem.strip(), by=by)
    return payoutjournals.came_back(payout, received)
