"""What a seller came to owe, or is asked for, after a payout was requested: until it leaves, that comes first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payments.chargebacks import claims
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payout


def keeps_back(payout: Payout) -> str:
    """Why the money of a payout that has not left is wanted otherwise, or nothing."""
    owing = balance(codes.seller_debt(payout.seller_id, payout.currency))
    if owing:
        message = _("The seller owes %(owing)s by now. Cancel the payout: the next one pays that first.")
        return message % {"owing": owing}
    lacking = claims.lacking(payout.seller_id, payout.currency)
    if lacking > balance(codes.seller(payout.seller_id, payout.currency)):
        message = _("A buyer's bank asks for %(lacking)s more than is kept. Cancel the payout: the next one is less.")
        return message % {"lacking": lacking}
    return ""


def refuse_kept_back(payout: Payout) -> None:
    """PayoutRefused with what comes first. The seller is locked."""
    if why := keeps_back(payout):
        raise PayoutRefused(why)
