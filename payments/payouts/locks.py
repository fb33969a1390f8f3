"""A payout that is about to move: its seller first, then its row, whoever moves it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payments.errors import PayoutRefused
from payments.models import Payout


def locked(payout: Payout, to: Payout.State) -> Payout:
    """Locked until the transaction ends. PayoutRefused when it cannot become `to`."""
    rows = Payout.objects.select_for_update(of=("self",))
    row = rows.select_related("seller", "method", "approved_by").get(pk=payout.pk)
    if to not in Payout.NEXT[row.state]:
        raise PayoutRefused(
            _("The payout of %(amount)s is %(state)s; it cannot become %(to)s.")
            % {"amount": row.amount, "state": row.get_state_display(), "to": to.label}
        )
    return row
