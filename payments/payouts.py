"""A seller's payable on its way to their bank. Four eyes: who approves never confirms."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.freezing import refuse_when_frozen
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import Leg, post
from payments.methods import CORRIDORS, set_payout_method
from payments.models import BankFile, Payout, PayoutMethod
from payments.pain001 import Party, Transfer
from payments.processors import registry
from payments.processors.bank import Bank
from payments.processors.base import Refused
from payments.sellers import lock_seller
from payments.treasury import available, record_fill, record_settlement

__all__ = [
    "approve_payout",
    "available",
    "cancel_payout",
    "make_bank_file",
    "mark_failed",
    "mark_paid",
    "record_fill",
    "record_settlement",
    "request_payout",
    "set_payout_method",
]

State = Payout.State
PURPOSE = "GDDS"  # ISO 20022 external purpose code: purchase and sale of goods


@transaction.atomic
def request_payout(*, seller: User, currency: str, by: User) -> Payout:
    """All that is payable to the seller in `currency`, after their debt. PayoutRefused when nothing is."""
    if by != seller and not by.is_staff:
        raise PayoutRefused(_("Only sellers themselves ask for their money."))
    lock_seller(seller.pk)
    method = PayoutMethod.objects.filter(seller=seller, currency=currency, replaced_at=None).first()
    if method is None:
        raise PayoutRefused(_("Say first where your %(currency)s should go.") % {"currency": currency})
    payable, debt = codes.seller(seller.pk, currency), codes.seller_debt(seller.pk, currency)
    owed, owing = balance(payable), balance(debt)
    amount = owed - min(owed, owing)
    if not amount:
        raise PayoutRefused(_("Nothing is payable in %(currency)s yet.") % {"currency": currency})
    payout = Payout.objects.create(seller=seller, method=method, currency=currency, amount_minor=amount.amount)
    legs: list[Leg] = [
        (payable, owed.amount),
        (debt, -(owed - amount).amount),
        (codes.payouts(currency), -amount.amount),
    ]
    post(f"payout:{payout.pk}", "payout", str(payout.pk), legs)
    return payout


@transaction.atomic
def approve_payout(payout: Payout, *, by: User) -> Payout:
    """The first pair of eyes. PayoutRefused when the bank account does not hold the money, or payouts are frozen."""
    payout = _locked(payout, State.APPROVED)
    refuse_when_frozen()
    if by == payout.seller:
        raise PayoutRefused(_("Nobody approves a payout to themselves."))
    _bank_for(payout.currency)
    there = available(payout.currency)
    if payout.amount > there:
        raise PayoutRefused(
            _(
                "Only %(there)s is in the bank account, the payout is %(amount)s. "
                "Record the settlement or the exchange that pays for it first."
            )
            % {"there": there, "amount": payout.amount}
        )
    payout.state, payout.approved_by = State.APPROVED, by
    payout.save(update_fields=["state", "approved_by"])
    return payout


@transaction.atomic
def cancel_payout(payout: Payout, *, by: User) -> Payout:
    """Before it left: the money is payable again."""
    payout = _locked(payout, State.CANCELED)
    if by != payout.seller and not by.is_staff:
        raise PayoutRefused(_("This payout is somebody else's."))
    return _give_back(payout, State.CANCELED, "")


@transaction.atomic
def make_bank_file(payouts: Sequence[Payout], *, by: User) -> BankFile:
    """One pain.001 file for approved payouts in one currency; they are sent with it.

    PayoutRefused, for all of them, when one lacks a field that its corridor needs, or payouts are frozen.
    """
    rows = [_locked(payout, State.SENT) for payout in sorted(payouts, key=lambda row: row.pk)]
    refuse_when_frozen()
    if not rows:
        raise PayoutRefused(_("Choose approved payouts."))
    currencies = {row.currency for row in rows}
    if len(currencies) > 1:
        raise PayoutRefused(_("A file has one currency, not %(all)s.") % {"all": ", ".join(sorted(currencies))})
    [currency] = currencies
    bank, made_at, message_id = _bank_for(currency), now(), f"EP{uuid.uuid4().hex[:28].upper()}"
    transfers = [_transfer(row) for row in rows]
    xml = bank.payout_file(message_id, transfers, currency=currency, made_at=made_at)
    file = BankFile.objects.create(message_id=message_id, currency=currency, xml=xml, made_by=by, made_at=made_at)
    ids = [row.pk for row in rows]
    Payout.objects.filter(pk__in=ids).update(state=State.SENT, file=file)
    return file


@transaction.atomic
def mark_paid(payout: Payout, *, by: User, bank_reference: str, at: dt.datetime | None = None) -> Payout:
    """The bank's statement shows it: the second pair of eyes, not the approver's nor the seller's."""
    payout = _locked(payout, State.PAID)
    if by == payout.approved_by:
        raise PayoutRefused(_("You approved this payout. Somebody else has to mark it as paid."))
    if by == payout.seller:
        raise PayoutRefused(_("Nobody confirms a payout to themselves."))
    reference = bank_reference.strip()
    if not reference or len(reference) > 64:
        raise PayoutRefused(_("Give the bank's reference, at most 64 characters."))
    if Payout.objects.filter(bank_reference=reference).exists():
        raise PayoutRefused(_("%(ref)s is another payout's reference.") % {"ref": reference})
    payout.state, payout.paid_by, payout.paid_at = State.PAID, by, at or now()
    payout.bank_reference = reference
    payout.save(update_fields=["state", "paid_by", "paid_at", "bank_reference"])
    legs = [
        (codes.payouts(payout.currency), payout.amount_minor),
        (codes.clearing("bank", payout.currency), -payout.amount_minor),
    ]
    post(f"payout:{payout.pk}:paid", "payout_paid", str(payout.pk), legs)
    return payout


@transaction.atomic
def mark_failed(payout: Payout, *, by: User, problem: str) -> Payout:
    """The bank sent it back: payable again, and the seller has to mend the method."""
    payout = _locked(payout, State.FAILED)
    if by == payout.seller or not problem.strip():
        raise PayoutRefused(_("Say what the bank said."))
    return _give_back(payout, State.FAILED, problem.strip())


def _locked(payout: Payout, to: Payout.State) -> Payout:
    rows = Payout.objects.select_for_update(of=("self",))
    row = rows.select_related("seller", "method", "approved_by").get(pk=payout.pk)
    if to not in Payout.NEXT[row.state]:
        raise PayoutRefused(
            _("The payout of %(amount)s is %(state)s; it cannot become %(to)s.")
            % {"amount": row.amount, "state": row.get_state_display(), "to": to.label}
        )
    return row


def _give_back(payout: Payout, state: Payout.State, problem: str) -> Payout:
    payout.state, payout.problem = state, problem
    payout.save(update_fields=["state", "problem"])
    legs = [
        (codes.payouts(payout.currency), payout.amount_minor),
        (codes.seller(payout.seller_id, payout.currency), -payout.amount_minor),
    ]
    post(f"payout:{payout.pk}:{state}", "payout_back", str(payout.pk), legs)
    return payout


def _bank_for(currency: str) -> Bank:
    """The bank that can pay in `currency`; PayoutRefused names the setting that is missing."""
    try:
        bank = registry.get("bank")
        assert isinstance(bank, Bank)
        bank.debtor(currency)
    except (Refused, registry.NoProcessor) as error:
        raise PayoutRefused(str(error)) from error
    return bank


def _transfer(payout: Payout) -> Transfer:
    method = payout.method
    corridor = CORRIDORS.get(method.country)
    if not method.iban and corridor is None:
        raise PayoutRefused(_("No corridor to banks in %(country)s.") % {"country": method.country})
    to = Party(
        name=method.holder,
        country=method.country,
        iban=method.iban,
        account=method.account,
        system=corridor.system if corridor and not method.iban else "",
        member=method.clearing_code,
    )
    return Transfer(payout.pk.hex, Money(payout.amount_minor, payout.currency), to, PURPOSE, "Payout")
