"""What people send outside of us. Where its chain can be asked, it is looked up before it is believed.

Never call these inside a transaction: they ask a node.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.models import User
from payments import machine
from payments.errors import PayoutRefused, RefundRefused
from payments.machine import Change
from payments.models import CoinSending, Payout, Refund
from payments.payouts import life as payouts
from payments.processors import registry
from payments.processors.base import Can, Outcome, ProcessorError, Update
from payments.screening import decisions as screening


class _NotProven(Exception):
    """What was looked up is not what it should be; the message says how."""


@dataclass(frozen=True, slots=True)
class _Sending:
    processor: str
    money: Money
    to: str
    since: dt.datetime
    kind: str


def sent_by_hand(refund: Refund, *, by: User, reference: str) -> Change | None:
    """A person sent the refund as `reference`; it succeeds once that is final. RefundRefused when it is another."""
    refund = Refund.objects.select_related("payment").get(pk=refund.pk)
    screening.refuse_unscreened_refund(refund)
    if sending := CoinSending.objects.filter(outputs__refund=refund, outputs__live=True).first():
        raise RefundRefused(
            _("It is in the transaction %(txid)s. Record or discard that one.") % {"txid": sending.txid}
        )
    if not refund.is_priced:
        raise RefundRefused(_("This refund is owed by value. Lock the amount of coin first."))
    found = _of_refund(refund, reference)
    if found is None:
        return machine.sent_by_hand(refund, by=by, reference=reference)
    final = found.outcome == Outcome.SUCCEEDED
    return machine.sent_by_hand(refund, by=by, reference=found.ref, final=final, sent=found.amount)


def _of_refund(refund: Refund, reference: str) -> Update | None:
    """What was sent for it: its present amount, or that of an earlier price of it. RefundRefused when it is neither."""
    priced = [price.sends for price in refund.prices.order_by("-pk")]
    problem = None
    for money in dict.fromkeys([refund.sends, *priced]):
        sending = _Sending(refund.payment.processor, money, refund.destination, refund.created_at, "refund")
        try:
            return _look(sending, reference)
        except _NotProven as error:
            problem = problem or error
    raise RefundRefused(str(problem))


def payout_sent_by_hand(payout: Payout, *, by: User, transaction_id: str) -> Payout:
    """A person sent coins for the payout. PayoutRefused when the transaction is another one."""
    found = _of_payout(payout, transaction_id)
    return payouts.mark_sent(payout, by=by, transaction_id=transaction_id if found is None else found.ref)


def confirm_payout(payout: Payout, *, by: User, bank_reference: str) -> Payout:
    """The second pair of eyes. PayoutRefused while what was sent in coin is not final."""
    found = _of_payout(payout, bank_reference)
    if found is not None and found.outcome != Outcome.SUCCEEDED:
        raise PayoutRefused(found.message)
    return payouts.mark_paid(payout, by=by, bank_reference=bank_reference)


def _of_payout(payout: Payout, reference: str) -> Update | None:
    payout = Payout.objects.select_related("method").get(pk=payout.pk)
    since = payout.approved_at
    if since is None or payout.send_minor is None:
        return None  # not approved: the service says so
    try:
        return _look(_Sending(payout.method.kind, payout.sends, payout.method.destination, since, "payout"), reference)
    except _NotProven as error:
        raise PayoutRefused(str(error)) from error


def _look(sending: _Sending, reference: str) -> Update | None:
    """What is known of it; None where nobody can look."""
    if Can.VERIFY not in registry.can(sending.processor):
        return None
    processor = registry.get(sending.processor)
    try:
        found = processor.verify_sent(
            reference, sending.money, destination=sending.to, since=sending.since, kind=sending.kind
        )
    except ProcessorError as error:
        raise _NotProven(str(error)) from error
    if found is None:
        message = _("Nothing is known of %(ref)s yet. Check it, or wait until your wallet has sent it.")
        raise _NotProven(message % {"ref": reference.strip()[:80]})
    if found.outcome == Outcome.FAILED:
        raise _NotProven(found.message)
    return found
