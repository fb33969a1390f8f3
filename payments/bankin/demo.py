"""A bank that does what was asked of it, for the demo and for tests: writes the camt.053 of what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from django.db import connection

from fx.money import Money
from payments.bankin.expected import SLUG
from payments.iso20022.reading import URN
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import BankStatement, Drawing, Payment, Payout, PayoutMethod

PAYER = "DE12500105170648489890"  # an example of the Bundesbank's
OPEN = """
select j.key, e.amount from ledger_entry e join ledger_account a on a.id = e.account_id and a.code = %s
join ledger_journal j on j.id = e.journal_id
where j.id > %s and j.kind not in ('bank_opening', 'bank_line', 'bank_line_back')
and not exists (select 1 from payments_bankline l where l.journal = j.id and l.currency = a.currency) order by j.id"""


@dataclass(frozen=True, slots=True)
class Told:
    """A line as the bank would write it: `amount` is negative when it left; `why` is a reason to send it back."""

    amount: Money
    reference: str
    end_to_end: str = ""
    text: str = ""
    name: str = ""
    iban: str = ""
    why: str = ""
    family: str = "ESCT"


def statement_of_open(currency: str, iban: str, *, returned: Sequence[Payout], at: dt.datetime) -> str | None:
    """What was recorded and is on no statement, every payout that was sent, every withdrawal of own income that was
    approved, as if its transfer had been made, and those payouts that come back. None: nothing."""
    last = BankStatement.objects.filter(currency=currency).order_by("pk").last()
    opening = balance(codes.clearing("bank", currency)) if last is None else last.closing
    told = [*_recorded(currency), *_sent(currency), *_drawn(currency), *_buyers(currency), *map(_back, returned)]
    return statement(iban, opening, told, at=at) if told else None


def _recorded(currency: str) -> list[Told]:
    first = BankStatement.objects.filter(currency=currency).exclude(books_upto=None).first()
    if first is None:  # the opening balance covers them
        return []
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [codes.clearing("bank", currency).code, first.books_upto])
        rows = cursor.fetchall()
    return [_told(key, Money(int(amount), currency)) for key, amount in rows]


def _told(key: str, amount: Money) -> Told:
    """The journal's key says what it was: settlement:<processor>:<reference>, fill:<reference>, payout:<id>:paid,
    drawing:<id>:taken."""
    head, _colon, rest = key.partition(":")
    if head == "payout":
        payout = Payout.objects.get(pk=rest.partition(":")[0])
        return Told(amount, payout.bank_reference, end_to_end=payout.pk.hex)
    if head == "drawing":
        return _left(Drawing.objects.get(pk=rest.partition(":")[0]))
    reference = rest.partition(":")[2] if head == "settlement" else rest
    return Told(amount, reference[:35], text=reference)


def _sent(currency: str) -> list[Told]:
    sent = Payout.objects.filter(state=Payout.State.SENT, currency=currency, method__kind=PayoutMethod.Kind.BANK)
    rows = sent.select_related("method").order_by("sent_at", "pk")
    return [
        Told(-row.amount, f"D{row.pk.hex[:16].upper()}", row.pk.hex, "Payout", row.method.holder, row.method.iban)
        for row in rows
    ]


def _drawn(currency: str) -> list[Told]:
    approved = Drawing.objects.filter(state=Drawing.State.APPROVED, currency=currency).order_by("approved_at", "pk")
    return [_left(row) for row in approved]


def _left(drawing: Drawing) -> Told:
    reference = drawing.bank_reference or f"W{drawing.pk.hex[:16].upper()}"
    return Told(-drawing.amount, reference[:35], text=f"Own income {drawing.pk.hex}")


def _buyers(currency: str) -> list[Told]:
    """Whoever waits to pay by transfer does."""
    waiting = Payment.objects.filter(processor=SLUG, currency=currency, state__in=Payment.OPEN).exclude(
        processor_ref=""
    )
    return [
        Told(row.amount - row.received, f"P{row.pk.hex[:16].upper()}", text=row.processor_ref, name="Buyer", iban=PAYER)
        for row in waiting.order_by("pk")
    ]


def _back(payout: Payout) -> Told:
    return Told(payout.amount, f"R{payout.pk.hex[:16].upper()}", payout.pk.hex, why="AC04", family="RRTN")


def statement(iban: str, opening: Money, told: Sequence[Told], *, at: dt.datetime, number: str = "") -> str:
    """camt.053.001.08 with these lines after `opening`."""
    number = number or at.strftime("%Y%m%d%H%M%S%f")
    document = ElementTree.Element("Document", xmlns=f"{URN}camt.053.001.08")
    root = _sub(document, "BkToCstmrStmt")
    header = _sub(root, "GrpHdr")
    _sub(header, "MsgId", f"DEMO{number}{opening.currency}")
    _sub(header, "CreDtTm", at.isoformat())
    node = _sub(root, "Stmt")
    _sub(node, "Id", f"{opening.currency}{number}")
    account = _sub(node, "Acct")
    _sub(_sub(account, "Id"), "IBAN", iban)
    _sub(account, "Ccy", opening.currency)
    closing = sum((one.amount for one in told), opening)
    for code, amount in (("OPBD", opening), ("CLBD", closing)):
        balance_node = _sub(node, "Bal")
        _sub(_sub(_sub(balance_node, "Tp"), "CdOrPrtry"), "Cd", code)
        _money(balance_node, amount)
        _sub(_sub(balance_node, "Dt"), "Dt", at.date().isoformat())
    for one in told:
        _entry(node, one, at.date())
    ElementTree.indent(document)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(document, "unicode")


def _entry(parent: ElementTree.Element, told: Told, on: dt.date) -> None:
    entry = _sub(parent, "Ntry")
    _money(entry, told.amount)
    _sub(_sub(entry, "Sts"), "Cd", "BOOK")
    _sub(_sub(entry, "BookgDt"), "Dt", on.isoformat())
    _sub(entry, "AcctSvcrRef", told.reference)
    domain = _sub(_sub(entry, "BkTxCd"), "Domn")
    _sub(domain, "Cd", "PMNT")
    family = _sub(domain, "Fmly")
    _sub(family, "Cd", "RCDT" if told.amount.amount > 0 else "ICDT")
    _sub(family, "SubFmlyCd", told.family)
    detail = _sub(_sub(entry, "NtryDtls"), "TxDtls")
    _sub(_sub(detail, "Refs"), "EndToEndId", told.end_to_end or "NOTPROVIDED")
    _party(detail, told)
    if told.text:
        _sub(_sub(detail, "RmtInf"), "Ustrd", told.text)
    if told.why:
        _sub(_sub(_sub(detail, "RtrInf"), "Rsn"), "Cd", told.why)


def _party(detail: ElementTree.Element, told: Told) -> None:
    if not told.name:
        return
    side = "Dbtr" if told.amount.amount > 0 else "Cdtr"
    parties = _sub(detail, "RltdPties")
    _sub(_sub(_sub(parties, side), "Pty"), "Nm", told.name)
    if told.iban:
        _sub(_sub(_sub(parties, f"{side}Acct"), "Id"), "IBAN", told.iban)


def _money(parent: ElementTree.Element, amount: Money) -> None:
    plain = amount if amount.amount >= 0 else -amount
    _sub(parent, "Amt", plain.json()["amount"]).set("Ccy", amount.currency)
    _sub(parent, "CdtDbtInd", "CRDT" if amount.amount >= 0 else "DBIT")


def _sub(parent: ElementTree.Element, tag: str, text: str = "") -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag)
    child.text = text or None
    return child
