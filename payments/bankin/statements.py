"""camt.053 used: each statement follows the one before it, each line gets its journal."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.models import User
from payments.bankin.draws import ids_in
from payments.bankin.lines import Booked, as_it_is
from payments.cases import open_case
from payments.iso20022 import BadFile, Line, Statement, Statements
from payments.ledger import codes
from payments.ledger.balances import locked
from payments.ledger.posting import post
from payments.ledger.quiet import hold_writers
from payments.models import BankLine, BankMessage, BankStatement, Case, Drawing, Journal, Payout


def use(message: BankMessage, read: Statements, *, by: User) -> None:
    for statement in read.statements:
        _ours(statement)
        _new(statement)
    if any(_last(statement) is None for statement in read.statements):
        hold_writers()  # none is half written while the first statement says which ones it covers
    _lock_named([line for statement in read.statements for line in statement.lines])
    number = 0
    for statement in read.statements:
        stored = _opened(message, statement)
        for line in statement.lines:
            number += 1
            _use(stored, number, line, by)


def _ours(statement: Statement) -> None:
    accounts = settings.PROCESSORS["bank"]["accounts"]
    if accounts.get(statement.currency) != statement.iban:
        raise BadFile(
            _("%(iban)s is not our account in %(currency)s. Compare it with BANK_ACCOUNTS.")
            % {"iban": statement.iban[:40], "currency": statement.currency}
        )


def _new(statement: Statement) -> None:
    if len(statement.id) > 35:
        raise BadFile(_("A statement's id has at most 35 characters, not %(id)s.") % {"id": statement.id[:60]})
    same = BankStatement.objects.filter(iban=statement.iban, currency=statement.currency, statement_id=statement.id)
    known = same.select_related("message").first()
    if known is not None:
        raise BadFile(
            _("Statement %(id)s was in %(message)s already. Load the next one.")
            % {"id": statement.id, "message": known.message}
        )


def _last(statement: Statement) -> BankStatement | None:
    return BankStatement.objects.filter(currency=statement.currency).order_by("pk").last()


def _lock_named(lines: list[Line]) -> None:
    """Payouts and withdrawals, all at once and in order, before the balances: as those do who approve or send them."""
    ids = ids_in(text for line in lines for text in (line.end_to_end, line.structured, line.text))
    for model in (Payout, Drawing):
        list(model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))


def _opened(message: BankMessage, statement: Statement) -> BankStatement:
    """Stored. BadFile names the gap when it does not open with what the one before closed with."""
    last = _last(statement)
    if last is not None and last.closing != statement.opening:
        raise BadFile(
            _("%(id)s opens with %(opening)s, but %(before)s closed with %(closing)s. Upload those between first.")
            % {"id": statement.id, "opening": statement.opening, "before": last, "closing": last.closing}
        )
    stored = BankStatement(
        message=message,
        statement_id=statement.id,
        iban=statement.iban,
        currency=statement.currency,
        opening_minor=statement.opening.amount,
        closing_minor=statement.closing.amount,
        closed_on=statement.closed_on,
    )
    if last is None:
        _first(stored)
    stored.save()
    return stored


def _first(stored: BankStatement) -> None:
    """From here on the books and the bank agree; what they do not agree on yet waits for a person."""
    bank, currency = codes.clearing("bank", stored.currency), stored.currency
    stored.books_upto = Journal.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    off = stored.opening - locked(bank)
    if off.amount:
        key = f"bankopening:{stored.iban}:{currency}"
        legs = [(bank, off.amount), (codes.suspense("bank", currency), -off.amount)]
        stored.journal = post(key, "bank_opening", stored.statement_id, legs)
        open_case(Case.Kind.BANK_LINE, processor="bank", ref=key, opening=str(stored.opening), unexplained=str(off))


def _use(statement: BankStatement, number: int, line: Line, by: User) -> None:
    stored = BankLine(
        message=statement.message,
        statement=statement,
        number=number,
        currency=statement.currency,
        amount_minor=line.amount.amount,
        reference=line.reference[:70],
        end_to_end=line.end_to_end[:35],
        name=line.name,
        iban=line.iban[:34],
        text=" ".join(filter(None, [line.structured, line.text, line.returned_text])),
    )
    booked: Booked = as_it_is(stored, line, by=by)
    stored.meaning, stored.payout, stored.payment = booked.meaning, booked.payout, booked.payment
    stored.journal = booked.journal
    stored.save()
    if booked.meaning == BankLine.Meaning.UNKNOWN:
        detail = {"amount": str(stored.amount), "name": stored.name, "text": stored.text, "why": booked.why}
        open_case(Case.Kind.BANK_LINE, processor="bank", ref=f"line:{stored.pk}", **detail)
