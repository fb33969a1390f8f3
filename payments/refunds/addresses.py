"""Where a refund in coin goes: an address that its buyer names, checked, and asked for again when it is missing."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _

from fx.money import COINS
from payments.errors import RefundRefused
from payments.models import ChainAddress, PayoutMethod, Refund
from payments.processors import registry

State = Refund.State
REMIND = tuple(dt.timedelta(days=days) for days in (3, 10, 30, 90, 180))  # after it was asked for


def may_change(refund: Refund) -> bool:
    """Whether its buyer can name an address now: until somebody is about to send it, and nothing is held against it."""
    if refund.state == State.NEEDS_ADDRESS:
        return True
    if refund.sendings.filter(live=True).exists():
        return False
    if refund.state != State.REQUESTED or refund.currency not in COINS or not refund.destination:
        return False
    latest = refund.prices.order_by("-pk").first()
    return not (latest is not None and latest.is_live) and not refund.screenings.filter(hit=True).exists()


def check(refund: Refund, destination: str) -> None:
    """RefundRefused unless coins of the payment can be sent there, and it is nobody else's as far as we know."""
    if not destination or len(destination) > 128:
        raise RefundRefused(_("Give the address of your wallet."))
    if not registry.get(refund.payment.processor).accepts_destination(destination):
        raise RefundRefused(_("This is no address that these coins can be sent to. Copy it from your wallet again."))
    if _is_somebody_elses(refund, destination):
        raise RefundRefused(_("This address cannot be taken. Give another one of your own wallet."))


def _is_somebody_elses(refund: Refund, destination: str) -> bool:
    """Ours, a seller's, or one that another buyer named. A guest is known by the payment alone."""
    if ChainAddress.objects.filter(address__iexact=destination).exists():
        return True
    payment = refund.payment
    own = Q(payment__user=payment.user) if payment.user else Q(payment__user=None, payment__ref=payment.ref)
    named = Refund.objects.filter(destination__iexact=destination).exclude(own)
    paid_out = PayoutMethod.objects.filter(destination__iexact=destination).exclude(seller=payment.user)
    return named.exists() or paid_out.exists()
