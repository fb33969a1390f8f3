"""What a line of a statement means, and its journal. What nothing explains waits in `suspense:bank`."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.models import User
from payments.bankin import payins
from payments.bankin.draws import drawing_of, left
from payments.bankin.expected import SLUG
from payments.bankin.returning import mark_returned
from payments.bankrecord import line_key
from payments.iso20022 import Line
from payments.iso20022.reasons import in_words
from payments.ledger import codes
from payments.ledger.posting import Leg, post, posted
from payments.models import BankLine, Drawing, Fill, Payment, Payout, PayoutMethod, Refund, Settlement
from payments.payouts.life import mark_paid

State, Meaning = Payout.State, BankLine.Meaning


@dataclass(frozen=True, slots=True)
class Booked:
    meaning: BankLine.Meaning
    journal: int
    payout: Payout | None = None
    payment: Payment | None = None
    why: str = ""


def as_it_is(stored: BankLine, line: Line, *, by: User) -> Booked:
    """Book the line as what it says that it is, else as unexplained."""
    payout = payout_of(stored.end_to_end, stored.currency)
    if payout is not None:
        return about_payout(stored, payout, why=in_words(line.returned, line.returned_text), on=line.booked_on, by=by)
    drawing = drawing_of((stored.end_to_end, stored.text), stored.currency)
    if drawing is not None:
        return drawn(stored, drawing, by=by)
    if line.charge:
        return own(stored, payins.payment_of(stored.text, stored.end_to_end))
    found = recorded(stored) or buyers(stored, payins.payment_of(stored.text, stored.end_to_end))
    return found or went_back(stored) or unknown(stored, _("Nothing of ours has this reference."))


def payout_of(reference: str, currency: str) -> Payout | None:
    """The payout to a bank in `currency` whose reference comes back on statements."""
    try:
        found = uuid.UUID(reference)
    except ValueError:
        return None
    return Payout.objects.filter(pk=found, currency=currency, method__kind=PayoutMethod.Kind.BANK).first()


def about_payout(stored: BankLine, payout: Payout, *, why: str, on: dt.date, by: User) -> Booked:
    """It left, it came back, or the line contradicts what we know: then a person looks."""
    amount = stored.amount
    if amount.amount > 0:
        if payout.state != State.PAID or amount > payout.amount:
            return unknown(stored, _contradiction(payout), payout)
        journal = mark_returned(payout, by=by, received=amount, problem=why)
        return Booked(Meaning.RETURNED, journal, payout)
    key = f"payout:{payout.pk}:paid"
    if -amount != payout.amount:
        return unknown(stored, _contradiction(payout), payout)
    if payout.state == State.SENT:
        at = dt.datetime.combine(on, dt.time(12), dt.UTC)
        mark_paid(payout, by=by, bank_reference=_reference(stored), at=at)
    elif payout.state != State.PAID or _claimed(key, stored.currency):
        return unknown(stored, _contradiction(payout), payout)
    return Booked(Meaning.PAID, _journal(key), payout)


def drawn(stored: BankLine, drawing: Drawing, *, by: User) -> Booked:
    """The operator's own income left."""
    found = left(stored, drawing, by=by)
    return unknown(stored, found) if isinstance(found, str) else Booked(Meaning.DRAWN, found)


def own(stored: BankLine, payment: Payment | None = None) -> Booked:
    """Charges and interest of the bank; `payment` is the buyer's transfer that it took them for, if it says so."""
    currency, amount = stored.currency, stored.amount_minor
    side = codes.expense("bank", currency) if amount < 0 else codes.income("bank", currency)
    return Booked(Meaning.OWN, _post(stored, "bank_own", [(side, -amount)]), payment=payment)


def recorded(stored: BankLine) -> Booked | None:
    """A settlement, exchange or withdrawal that was recorded before the statement: same reference, same amount."""
    said = {stored.reference, stored.end_to_end, *stored.text.split()} - {""}
    if stored.amount_minor > 0:
        same = Settlement.objects.filter(currency=stored.currency, amount_minor=stored.amount_minor)
        for settlement in same.filter(reference__in=said):
            if booked := _once(Meaning.SETTLEMENT, settlement_key(settlement), stored.currency):
                return booked
    for drawing in Drawing.objects.filter(currency=stored.currency, amount_minor=-stored.amount_minor, state="taken"):
        key = f"drawing:{drawing.pk}:taken"
        if drawing.bank_reference in said | {stored.text} and (booked := _once(Meaning.DRAWN, key, stored.currency)):
            return booked
    for fill in Fill.objects.filter(reference__in=said | {stored.text}):
        amounts = {fill.bought, Money(-fill.sold_minor, fill.sold_currency)}
        if stored.amount in amounts and (booked := _once(Meaning.FILL, f"fill:{fill.reference}", stored.currency)):
            return booked
    return None


def buyers(stored: BankLine, payment: Payment | None) -> Booked | None:
    """What a buyer sent for `payment`: the rail `transfer` owes it until the payment counts it."""
    if payment is None or stored.amount_minor < 0 or payment.currency != stored.currency:
        return None
    return Booked(Meaning.PAYIN, _post(stored, "bank_payin", [_rail(stored)]), payment=payment)


def went_back(stored: BankLine) -> Booked | None:
    """A refund of a buyer's transfer, which a person sent with the refund's id as its reference."""
    refund = refund_of(stored.end_to_end) if stored.amount_minor < 0 else None
    if refund is None or refund.amount != -stored.amount:
        return None
    if BankLine.objects.filter(meaning=Meaning.PAYBACK, end_to_end=stored.end_to_end).exists():
        return None
    return Booked(Meaning.PAYBACK, _post(stored, "bank_payin", [_rail(stored)]), payment=refund.payment)


def refund_of(reference: str) -> Refund | None:
    try:
        found = uuid.UUID(reference)
    except ValueError:
        return None
    rows = Refund.objects.filter(pk=found, payment__processor=SLUG).exclude(state=Refund.State.FAILED)
    return rows.select_related("payment").first()


def _rail(stored: BankLine) -> Leg:
    return codes.clearing(SLUG, stored.currency), -stored.amount_minor


def unknown(stored: BankLine, why: str, payout: Payout | None = None) -> Booked:
    side = codes.suspense("bank", stored.currency)
    return Booked(Meaning.UNKNOWN, _post(stored, "bank_line", [(side, -stored.amount_minor)]), payout, why=why)


def settlement_key(settlement: Settlement) -> str:
    return f"settlement:{settlement.processor}:{settlement.reference}"


def _once(meaning: BankLine.Meaning, key: str, currency: str) -> Booked | None:
    return None if _claimed(key, currency) else Booked(meaning, _journal(key))


def _claimed(key: str, currency: str) -> bool:
    """Another line showed this journal already."""
    return BankLine.objects.filter(journal=_journal(key), currency=currency).exists()


def _journal(key: str) -> int:
    journal = posted(key)
    assert journal is not None, f"{key} is not in the books"
    return journal


def _post(stored: BankLine, kind: str, legs: list[Leg]) -> int:
    bank = (codes.clearing("bank", stored.currency), stored.amount_minor)
    suffix = {"bank_own": ":own", "bank_payin": ":payin"}.get(kind, "")
    return post(f"{line_key(stored)}{suffix}", kind, stored.reference, [bank, *legs])


def _reference(stored: BankLine) -> str:
    """The bank's own when it is one of a kind, as for a batch it is not; else the line's place."""
    taken = Payout.objects.filter(bank_reference=stored.reference).exists()
    if stored.reference and len(stored.reference) <= 66 and not taken:
        return stored.reference
    return f"{stored.message.message_id}/{stored.number}"


def _contradiction(payout: Payout) -> str:
    return _("The payout %(id)s of %(amount)s is %(state)s.") % {
        "id": payout.pk,
        "amount": payout.amount,
        "state": payout.get_state_display(),
    }
