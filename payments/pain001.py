"""A payment order for a bank: ISO 20022 pain.001.001.09. Pure: values in, text out.

Fields and their order follow the message definition report of that version; texts are reduced to the
Latin characters that every bank takes.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from fx.money import Money, total

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
SPELLED = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})


@dataclass(frozen=True, slots=True)
class Party:
    """An account and whose it is: an IBAN, or an `account` at the member `member` of `system`."""

    name: str
    country: str = ""
    iban: str = ""
    account: str = ""
    system: str = ""
    member: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit. `reference` (at most 35 characters) comes back on the statement; `purpose` is an ISO code."""

    reference: str
    amount: Money
    to: Party
    purpose: str
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """Transfers in one currency from one account. `message_id` has at most 33 characters."""

    message_id: str
    made_at: dt.datetime
    initiator: str
    debtor: Party
    currency: str
    transfers: Sequence[Transfer]


def latin(text: str, longest: int) -> str:
    """`text` in the characters banks take: accents dropped, what has no Latin letter left out."""
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED))
    kept = "".join(char for char in plain if char in LATIN)
    return " ".join(kept.split())[:longest]


def build(order: Order) -> str:
    """The file. Raises MoneyError when a transfer is in another currency."""
    summed = total((transfer.amount for transfer in order.transfers), order.currency)
    document = ElementTree.Element("Document", xmlns=NAMESPACE)
    root = _sub(document, "CstmrCdtTrfInitn")
    _header(root, order, summed)
    _payment(root, order, summed)
    ElementTree.indent(document)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(document, "unicode")


def _header(root: ElementTree.Element, order: Order, summed: Money) -> None:
    header = _sub(root, "GrpHdr")
    _sub(header, "MsgId", order.message_id)
    _sub(header, "CreDtTm", order.made_at.replace(microsecond=0, tzinfo=None).isoformat())
    _counted(header, order, summed)
    _sub(_sub(header, "InitgPty"), "Nm", latin(order.initiator, 70))


def _payment(root: ElementTree.Element, order: Order, summed: Money) -> None:
    payment = _sub(root, "PmtInf")
    _sub(payment, "PmtInfId", f"{order.message_id}-1")
    _sub(payment, "PmtMtd", "TRF")
    _sub(payment, "BtchBookg", "false")  # one line on the statement per payout
    _counted(payment, order, summed)
    _sub(_sub(payment, "ReqdExctnDt"), "Dt", order.made_at.date().isoformat())
    _sub(_sub(payment, "Dbtr"), "Nm", latin(order.debtor.name, 70))
    account = _account(payment, "DbtrAcct", order.debtor)
    _sub(account, "Ccy", order.currency)
    _agent(payment, "DbtrAgt", order.debtor)
    _sub(payment, "ChrgBr", "SHAR")
    for transfer in order.transfers:
        _transfer(payment, transfer)


def _counted(parent: ElementTree.Element, order: Order, summed: Money) -> None:
    _sub(parent, "NbOfTxs", str(len(order.transfers)))
    _sub(parent, "CtrlSum", _amount(summed))


def _transfer(payment: ElementTree.Element, transfer: Transfer) -> None:
    credit = _sub(payment, "CdtTrfTxInf")
    ids = _sub(credit, "PmtId")
    _sub(ids, "InstrId", transfer.reference)
    _sub(ids, "EndToEndId", transfer.reference)
    money = _sub(_sub(credit, "Amt"), "InstdAmt", _amount(transfer.amount))
    money.set("Ccy", transfer.amount.currency)
    if transfer.to.bic or transfer.to.member:
        _agent(credit, "CdtrAgt", transfer.to)
    creditor = _sub(credit, "Cdtr")
    _sub(creditor, "Nm", latin(transfer.to.name, 70))
    _sub(_sub(creditor, "PstlAdr"), "Ctry", transfer.to.country)
    _account(credit, "CdtrAcct", transfer.to)
    _sub(_sub(credit, "Purp"), "Cd", transfer.purpose)
    _sub(_sub(credit, "RmtInf"), "Ustrd", latin(transfer.text, 140))


def _agent(parent: ElementTree.Element, tag: str, party: Party) -> None:
    institution = _sub(_sub(parent, tag), "FinInstnId")
    if party.bic:
        _sub(institution, "BICFI", party.bic)
    if party.member:
        member = _sub(institution, "ClrSysMmbId")
        if party.system:
            _sub(_sub(member, "ClrSysId"), "Cd", party.system)
        _sub(member, "MmbId", party.member)


def _account(parent: ElementTree.Element, tag: str, party: Party) -> ElementTree.Element:
    account = _sub(parent, tag)
    identity = _sub(account, "Id")
    if party.iban:
        _sub(identity, "IBAN", party.iban)
    else:
        _sub(_sub(identity, "Othr"), "Id", party.account)
    return account


def _amount(money: Money) -> str:
    return money.json()["amount"]


def _sub(parent: ElementTree.Element, tag: str, text: str = "") -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag)
    child.text = text or None
    return child
