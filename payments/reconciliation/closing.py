"""A person closes a difference: with a reason alone, or with a journal that makes our side agree."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import ReconItem
from payments.reconciliation.run import ReconRefused

BOOKINGS = ("none", "loss", "suspense", "fee")


@transaction.atomic
def close(item: ReconItem, *, by: User, note: str, booking: str) -> ReconItem:
    """`booking`: none, or what the difference is: a `loss`, money for `suspense`, or the processor's `fee`.

    With a booking the clearing account moves by exactly the difference. ReconRefused when it is closed already.
    """
    item = ReconItem.objects.select_for_update().get(pk=item.pk)
    if item.closed_at is not None:
        raise ReconRefused(_("This difference was closed already: %(note)s") % {"note": item.note})
    if not note.strip():
        raise ReconRefused(_("Say why: who looks at the books later reads it."))
    if booking not in BOOKINGS:
        raise ReconRefused(_("“%(booking)s” is no way to book it.") % {"booking": booking})
    if booking != "none":
        _book(item, booking)
    item.closed_at, item.closed_by, item.note = now(), by, note.strip()
    item.save(update_fields=["closed_at", "closed_by", "note", "journal_key"])
    return item


def _book(item: ReconItem, booking: str) -> None:
    others = {
        "loss": codes.expense("loss", item.currency),
        "suspense": codes.suspense(item.processor, item.currency),
        "fee": codes.expense(item.processor, item.currency),
    }
    item.journal_key = f"recon:{item.pk}"
    minor = item.difference.amount
    legs = [(codes.clearing(item.processor, item.currency), minor), (others[booking], -minor)]
    post(item.journal_key, "recon", item.ref[:64], legs)
