"""A person explains a line that nothing explained: out of suspense, to where it belongs, with a reason."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from payments.bankin import payins
from payments.bankin.draws import drawing_of
from payments.bankin.lines import Booked, about_payout, buyers, drawn, own, payout_of, settlement_key
from payments.bankrecord import line_key
from payments.cases import close_case
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.posting import post, posted
from payments.models import BankLine, Case, Settlement
from payments.treasury import record_settlement

Meaning = BankLine.Meaning


@transaction.atomic
def explain_line(line: BankLine, *, by: User, meaning: str, why: str, reference: str = "") -> BankLine:
    """`meaning`: own; settlement, with the processor's slug as reference; paid or returned, with the payout's id;
    drawn, with that of the withdrawal of own income; payin, with the reference of a buyer's payment.

    PayoutRefused when the line is explained, lacks a reason, or cannot be that.
    """
    line = BankLine.objects.select_for_update(of=("self",)).select_related("message", "statement").get(pk=line.pk)
    if line.meaning != Meaning.UNKNOWN:
        raise PayoutRefused(_("The line is explained already: %(meaning)s.") % {"meaning": line.get_meaning_display()})
    if not why.strip():
        raise PayoutRefused(_("Say why."))
    _undo(line)
    booked = _ways(line, by, reference.strip(), why.strip())[meaning]()
    if booked.meaning == Meaning.UNKNOWN:
        raise PayoutRefused(booked.why)
    line.meaning, line.payout, line.payment = booked.meaning, booked.payout, booked.payment
    line.journal = booked.journal
    line.explained_by, line.explained_at, line.why = by, now(), why.strip()
    line.save(update_fields=["meaning", "payout", "payment", "journal", "explained_by", "explained_at", "why"])
    for case in Case.objects.filter(kind=Case.Kind.BANK_LINE, ref=f"line:{line.pk}", closed_at=None):
        close_case(case, by=by, note=why)
    return line


def _ways(line: BankLine, by: User, reference: str, why: str) -> dict[str, Callable[[], Booked]]:
    return {
        Meaning.OWN: lambda: own(line),
        Meaning.SETTLEMENT: lambda: _settlement(line, by, reference),
        Meaning.PAYIN: lambda: _payin(line, reference),
        Meaning.DRAWN: lambda: _drawn(line, by, reference),
        Meaning.PAID: lambda: _payout(line, by, reference, why),
        Meaning.RETURNED: lambda: _payout(line, by, reference, why),
    }


def _undo(line: BankLine) -> None:
    legs = [(codes.suspense("bank", line.currency), line.amount_minor)]
    bank = (codes.clearing("bank", line.currency), -line.amount_minor)
    post(f"{line_key(line)}:back", "bank_line_back", line.reference, [bank, *legs])


def _settlement(line: BankLine, by: User, processor: str) -> Booked:
    """One that was recorded with another reference, else a new one."""
    if line.amount_minor < 0:
        raise PayoutRefused(_("A processor's settlement comes in; this went out."))
    same = Settlement.objects.filter(processor=processor, currency=line.currency, amount_minor=line.amount_minor)
    for settlement in same.order_by("pk"):
        journal = posted(settlement_key(settlement))
        if journal and not BankLine.objects.filter(journal=journal, currency=line.currency).exists():
            return Booked(Meaning.SETTLEMENT, journal)
    reference = f"{line.message.message_id}/{line.number}"
    settlement = record_settlement(processor=processor, reference=reference, amount=line.amount, by=by)
    journal = posted(settlement_key(settlement))
    assert journal is not None, "just posted"
    return Booked(Meaning.SETTLEMENT, journal)


def _drawn(line: BankLine, by: User, reference: str) -> Booked:
    drawing = drawing_of((reference,), line.currency)
    if drawing is None:
        message = _("No withdrawal of own income in %(currency)s is %(ref)s.")
        raise PayoutRefused(message % {"currency": line.currency, "ref": reference[:40]})
    return drawn(line, drawing, by=by)


def _payin(line: BankLine, reference: str) -> Booked:
    booked = buyers(line, payins.payment_of(reference))
    if booked is None:
        message = _("No payment in %(currency)s has the reference %(ref)s.")
        raise PayoutRefused(message % {"currency": line.currency, "ref": reference[:40]})
    return booked


def _payout(line: BankLine, by: User, reference: str, why: str) -> Booked:
    payout = payout_of(reference, line.currency)
    if payout is None or line.statement is None:
        raise PayoutRefused(
            _("No payout in %(currency)s is %(ref)s.") % {"currency": line.currency, "ref": reference[:40]}
        )
    return about_payout(line, payout, why=why, on=line.statement.closed_on, by=by)
