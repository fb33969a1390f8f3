"""How a payout ended, as a person says it: whoever sent it is asked first, and the opposite is not believed.

Never call these inside a transaction: they ask a processor or a node.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from payments.calls import byhand
from payments.errors import PayoutRefused
from payments.models import Payout, PayoutMethod
from payments.payouts import life as payouts
from payments.processors import registry
from payments.processors.base import Can, Outcome, ProcessorError, Update

LONG_AGO = dt.timedelta(hours=24)  # what a chain does not know by then it has most likely forgotten


def confirm_payout(payout: Payout, *, by: User, bank_reference: str) -> Payout:
    """It arrived. PayoutRefused while the processor, or the chain, shows no such thing."""
    payout = _whole(payout)
    if payout.method.kind != PayoutMethod.Kind.STRIPE:
        return byhand.confirm_payout(payout, by=by, bank_reference=bank_reference)
    shown = _shown(payout)
    if shown is None or shown.outcome != Outcome.SUCCEEDED or shown.amount != payout.sends:
        raise PayoutRefused(_("Stripe shows no transfer of it. Say that it came back, or look again later."))
    if bank_reference.strip() != shown.ref:
        raise PayoutRefused(_("Stripe shows it as %(ref)s. Confirm that one.") % {"ref": shown.ref})
    return payouts.mark_paid(payout, by=by, bank_reference=shown.ref)


def payout_came_back(payout: Payout, *, by: User, problem: str) -> Payout:
    """It did not arrive and is payable again. PayoutRefused when the processor, or the chain, shows that it did."""
    payout = _whole(payout)
    if payout.method.kind == PayoutMethod.Kind.STRIPE:
        shown = _shown(payout)
        if shown is not None and shown.outcome not in {Outcome.FAILED, Outcome.CANCELED} and shown.amount:
            raise PayoutRefused(_("Stripe shows it as %(ref)s. Confirm that one.") % {"ref": shown.ref})
    elif payout.state == Payout.State.SENT and Can.VERIFY in registry.can(payout.method.kind):
        _refuse_on_chain(payout)
    return payouts.mark_failed(payout, by=by, problem=problem)


def _whole(payout: Payout) -> Payout:
    return Payout.objects.select_related("method").get(pk=payout.pk)


def _shown(payout: Payout) -> Update | None:
    """The transfer that was made with our key. PayoutRefused while Stripe cannot be asked."""
    try:
        return registry.get(payout.method.kind).fetch(None, kind="payout", key=payout.key)
    except (ProcessorError, registry.NoProcessor) as error:
        raise PayoutRefused(str(error)) from error


def _refuse_on_chain(payout: Payout) -> None:
    """Coins that the chain has, or may still have, are not sent a second time."""
    destination, since = payout.method.destination, payout.approved_at
    assert since is not None, "what was sent was approved"
    try:
        found = registry.get(payout.method.kind).verify_sent(
            payout.bank_reference, payout.sends, destination=destination, since=since, kind="payout"
        )
    except ProcessorError as error:
        raise PayoutRefused(str(error)) from error
    if found is not None and found.outcome != Outcome.FAILED:
        raise PayoutRefused(_("The chain shows %(ref)s: the coins left.") % {"ref": payout.bank_reference})
    assert payout.sent_at is not None, "it was sent"
    if found is None and now() < payout.sent_at + LONG_AGO:
        raise PayoutRefused(
            _("Nothing is known of %(ref)s for now. Wait a day after it was sent: it may be mined yet.")
            % {"ref": payout.bank_reference}
        )
