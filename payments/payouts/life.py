"""A seller's payable on its way to them. Four eyes: who approves never confirms."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money
from fx.services import current_rates
from marketplace.lib.clock import now
from marketplace.models import User
from payments.calls.outbox import enqueue
from payments.cases import close_case, open_case
from payments.chargebacks import claims
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Operation, Payout, PayoutMethod
from payments.payouts import doubts, failing
from payments.payouts import holds as payoutholds
from payments.payouts import journals as payoutjournals
from payments.payouts.bankfiles import bank_for, make_bank_file
from payments.payouts.freezing import refuse_when_frozen
from payments.payouts.journals import give_back
from payments.payouts.locks import locked
from payments.payouts.matched import matched
from payments.payouts.methods import set_payout_method
from payments.processors import registry
from payments.screening import decisions as screening
from payments.sellers.payable import lock_seller
from payments.treasury import available, record_fill, record_settlement

__all__ = [
    "approve_payout",
    "available",
    "cancel_payout",
    "make_bank_file",
    "mark_failed",
    "mark_paid",
    "mark_sent",
    "record_fill",
    "record_settlement",
    "request_payout",
    "send_transfer",
    "set_payout_method",
]

State = Payout.State
Kind = PayoutMethod.Kind
TRANSACTION = re.compile(r"(0x)?[0-9a-f]{64}")


@transaction.atomic
def request_payout(*, seller: User, currency: str, by: User, method: PayoutMethod | None = None) -> Payout:
    """All that is payable to the seller in `currency`, after their debt, to `method` or their default.

    What a buyer's bank asks for stays. To a method that still rests it is asked for all the same, and waits.
    PayoutRefused when nothing is payable.
    """
    if by != seller and not by.is_staff:
        raise PayoutRefused(_("Only sellers themselves ask for their money."))
    lock_seller(seller.pk)
    current = PayoutMethod.objects.current(seller, currency)
    method = current.filter(**({"is_default": True} if method is None else {"pk": method.pk})).first()
    if method is None:
        raise PayoutRefused(_("Say first where your %(currency)s should go.") % {"currency": currency})
    amount, repaid = ready(seller.pk, currency)
    if not amount:
        raise PayoutRefused(_("Nothing is payable in %(currency)s yet.") % {"currency": currency})
    if amount < minimum(currency) and by == seller:
        raise PayoutRefused(
            _("Payouts begin at %(least)s, %(amount)s is payable.") % {"least": minimum(currency), "amount": amount}
        )
    payout = Payout.objects.create(
        seller=seller,
        method=method,
        currency=currency,
        amount_minor=amount.amount,
        matched_minor=matched(seller.pk, currency, amount, repaid).amount,
    )
    payoutjournals.requested(payout, repaid)
    failed = Payout.objects.filter(seller=seller, currency=currency, state=State.FAILED, followed_by=None)
    failed.update(followed_by=payout, remind_at=None)
    doubts.look(payout)
    screening.look(payout)
    return payout


def ready(seller_id: int, currency: str) -> tuple[Money, Money]:
    """What a payout would bring now, and how much of what is payable their debt takes before."""
    owed, owing = balance(codes.seller(seller_id, currency)), balance(codes.seller_debt(seller_id, currency))
    repaid = min(owed, owing)
    return owed - repaid - min(owed - repaid, claims.lacking(seller_id, currency)), repaid


def minimum(currency: str) -> Money:
    """What has to be payable before a seller can ask for it; staff may send less, such as when somebody leaves."""
    return Money.parse(settings.PAYOUT_MINIMUMS.get(currency, "0"), currency)


@transaction.atomic
def approve_payout(payout: Payout, *, by: User) -> Payout:
    """The first pair of eyes; what leaves for it is fixed, for coins at the rate of now.

    PayoutRefused when payouts are frozen, something speaks against it, the seller owes money by now, the method
    rests, or the money is not there.
    """
    lock_seller(payout.seller_id)
    payout = locked(payout, State.APPROVED)
    refuse_when_frozen()
    if by == payout.seller:
        raise PayoutRefused(_("Nobody approves a payout to themselves."))
    doubts.refuse_in_doubt(payout, by=by)
    screening.refuse_unscreened_payout(payout)
    payoutholds.refuse_kept_back(payout)
    if payout.method.rests:
        raise PayoutRefused(payout.method.rest_in_words)
    sends = _sends(payout)
    there = available(sends.currency, at=payout.method.kind)
    if sends > there:
        raise PayoutRefused(_lacks(payout, sends, there))
    payout.state, payout.approved_by, payout.approved_at = State.APPROVED, by, now()
    payout.send_currency, payout.send_minor = sends.currency, sends.amount
    payout.save(update_fields=["state", "approved_by", "approved_at", "send_currency", "send_minor"])
    return payout


@transaction.atomic
def cancel_payout(payout: Payout, *, by: User, why: str = "") -> Payout:
    """Before it left: the money is payable again. `why` is for the seller."""
    payout = locked(payout, State.CANCELED)
    if by != payout.seller and not by.is_staff:
        raise PayoutRefused(_("This payout is somebody else's."))
    return give_back(payout, State.CANCELED, why.strip())


@transaction.atomic
def mark_sent(payout: Payout, *, by: User, transaction_id: str) -> Payout:
    """Coins that a person sent outside the server, with what finds them on the chain."""
    payout = locked(payout, State.SENT)
    if payout.method.kind not in {Kind.BITCOIN, Kind.ERC20}:
        raise PayoutRefused(_("Only coins are sent by hand."))
    if by == payout.seller:
        raise PayoutRefused(_("Nobody confirms a payout to themselves."))
    transaction_id = transaction_id.strip().lower()
    if not TRANSACTION.fullmatch(transaction_id):
        raise PayoutRefused(_("Give the transaction's id: 64 hexadecimal digits."))
    payout.bank_reference = _free(transaction_id)
    payout.state, payout.sent_at = State.SENT, now()
    payout.save(update_fields=["bank_reference", "state", "sent_at"])
    return payout


@transaction.atomic
def send_transfer(payout: Payout, *, by: User) -> Payout:
    """Ask the processor to send an approved payout. The second pair of eyes: it leaves by itself from here on.

    PayoutRefused when payouts are frozen, or `by` approved it. What becomes of it: payments.payouts.transfers.
    """
    lock_seller(payout.seller_id)
    payout = locked(payout, State.SENT)
    refuse_when_frozen()
    payoutholds.refuse_kept_back(payout)
    if payout.method.kind != Kind.STRIPE:
        raise PayoutRefused(_("Only payouts by Stripe are transferred."))
    if by in {payout.approved_by, payout.seller}:
        raise PayoutRefused(_("You approved this payout. Somebody else has to send it."))
    payout.state, payout.sent_by, payout.sent_at = State.SENT, by, now()
    payout.save(update_fields=["state", "sent_by", "sent_at"])
    enqueue(Operation.Kind.PAYOUT, processor=payout.method.kind, key=payout.key, subject=payout.pk)
    return payout


@transaction.atomic
def mark_paid(payout: Payout, *, by: User, bank_reference: str, at: dt.datetime | None = None) -> Payout:
    """The bank's statement, or the chain, shows it: the second pair of eyes, not the approver's nor the seller's."""
    payout = locked(payout, State.PAID)
    if by == payout.approved_by:
        raise PayoutRefused(_("You approved this payout. Somebody else has to mark it as paid."))
    if by == payout.seller:
        raise PayoutRefused(_("Nobody confirms a payout to themselves."))
    _refuse_while_asked(payout)
    if not payout.bank_reference:
        payout.bank_reference = _free(bank_reference.strip())
    elif bank_reference.strip().lower() != payout.bank_reference:
        raise PayoutRefused(_("It was sent as %(ref)s. Confirm that one.") % {"ref": payout.bank_reference})
    payout.state, payout.paid_by, payout.paid_at = State.PAID, by, at or now()
    payout.save(update_fields=["state", "paid_by", "paid_at", "bank_reference"])
    PayoutMethod.objects.filter(pk=payout.method_id).update(
        verified_at=Coalesce("verified_at", Value(payout.paid_at)), failed_at=None
    )
    payoutjournals.paid(payout)
    _close_question(payout, Operation.State.DONE, by, payout.bank_reference)
    return payout


@transaction.atomic
def mark_failed(payout: Payout, *, by: User, problem: str) -> Payout:
    """The bank sent it back: payable again, and the seller, who gets a letter, has to mend the method.

    The second pair of eyes, as for paid: else one person could have it sent twice.
    """
    payout = locked(payout, State.FAILED)
    if payout.state == State.PAID:
        raise PayoutRefused(_("It was paid. Upload the bank's statement on which it comes back."))
    if by == payout.approved_by:
        raise PayoutRefused(_("You approved this payout. Somebody else has to say that it came back."))
    _refuse_while_asked(payout)
    if by == payout.seller or not problem.strip():
        raise PayoutRefused(_("Say what the bank said."))
    _close_question(payout, Operation.State.FAILED, by, problem)
    return failing.fail(payout, problem.strip(), by=by)


def _refuse_while_asked(payout: Payout) -> None:
    """While a processor may still do it by itself, no person says what became of it."""
    asked = Operation.objects.filter(subject=payout.pk, kind=Operation.Kind.PAYOUT)
    if asked.exclude(state__in=[Operation.State.FAILED, Operation.State.DEAD]).exists():
        raise PayoutRefused(_("The processor is still asked about it. It answers by itself."))


def _close_question(payout: Payout, state: Operation.State, by: User, note: str) -> None:
    """A call to a processor whose outcome could not be learnt has it now, from a person."""
    dead = Operation.objects.filter(subject=payout.pk, kind=Operation.Kind.PAYOUT, state=Operation.State.DEAD)
    if dead.update(state=state, done_at=now()):
        case = open_case(Case.Kind.DEAD, processor=payout.method.kind, ref=payout.key)
        close_case(case, by=by, note=note)


def _free(reference: str) -> str:
    """`reference` when it is one and no other payout's."""
    if not reference or len(reference) > 66:
        raise PayoutRefused(_("Give the bank's reference, at most 64 characters."))
    if Payout.objects.filter(bank_reference=reference).exists():
        raise PayoutRefused(_("%(ref)s is another payout's reference.") % {"ref": reference})
    return reference


def _sends(payout: Payout) -> Money:
    """What has to leave for it. PayoutRefused names the setting or the rate that is missing."""
    if payout.method.kind == Kind.BANK:
        bank_for(payout.currency)
        return payout.amount
    if payout.method.kind == Kind.STRIPE:
        if payout.method.verified_at is None:
            raise PayoutRefused(_("The seller has not said yet at Stripe who they are."))
        return payout.amount
    try:
        coin = registry.get(payout.method.kind).pay_currency(payout.currency)
        return current_rates().convert(payout.amount, coin, bps=settings.COIN_SPREAD_BPS)
    except (registry.NoProcessor, RateMissing) as error:
        raise PayoutRefused(str(error)) from error


def _lacks(payout: Payout, sends: Money, there: Money) -> str:
    if payout.method.kind == Kind.BANK:
        message = _(
            "Only %(there)s is in the bank account, the payout is %(amount)s. "
            "Record the settlement or the exchange that pays for it first."
        )
    else:
        message = _("Only %(there)s is there, the payout needs %(amount)s.")
    return message % {"there": there, "amount": sends}
