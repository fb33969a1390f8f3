"""A payment order for a bank: ISO 20022 pain.001.001.09. Pure: values in, text out.

Fields and their order follow the message definition report of that version; texts are reduced to the
Latin characters that every bank takes. Transfers in euro between accounts of the SEPA area make a block of their own,
as its rulebook wants: service level SEPA, charges by that service level. All others share the charges.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from fx.money import Money, total
from marketplace.lib.places import EEA
from payments.payouts.banktext import latin

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# Countries whose accounts the SEPA schemes reach: European Payments Council, EPC409-09.
SEPA = EEA | {"AD", "AL", "CH", "GB", "GI", "MC", "MD", "ME", "MK", "RS", "SM", "VA"}


@dataclass(frozen=True, slots=True)
class Party:
    """An account and whose it is: an IBAN, or an `account` at the member `member` of `system`.

    `town` and `country` are where the holder lives; without a town the country alone is the address.
    """

    name: str
    country: str = ""
    town: str = ""
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


def build(order: Order) -> str:
    """The file. ValueError when a transfer is in it twice, or none is; MoneyError when one is in another currency."""
    references = [transfer.reference for transfer in order.transfers]
    if not references or len(references) != len(set(references)):
        raise ValueError("A file holds each of its transfers once, and at least one.")
    document = ElementTree.Element("Document", xmlns=NAMESPACE)
    root = _sub(document, "CstmrCdtTrfInitn")
    _header(root, order)
    for number, transfers in enumerate(_blocks(order), start=1):
        _payment(root, order, f"{order.message_id}-{number}", transfers)
    ElementTree.indent(document)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(document, "unicode")


def blocks(xml: str) -> dict[str, set[str]]:
    """The references of the transfers in each block of a file of ours."""
    space = {"p": NAMESPACE}
    return {
        block.findtext("p:PmtInfId", "", space): {
            credit.findtext("p:PmtId/p:EndToEndId", "", space) for credit in block.findall("p:CdtTrfTxInf", space)
        }
        for block in fromstring(xml).findall("p:CstmrCdtTrfInitn/p:PmtInf", space)
    }


def _blocks(order: Order) -> list[list[Transfer]]:
    """Those within SEPA, and all others."""
    inside = [transfer for transfer in order.transfers if _is_sepa(order.debtor, transfer)]
    outside = [transfer for transfer in order.transfers if not _is_sepa(order.debtor, transfer)]
    return [block for block in (inside, outside) if block]


def _is_sepa(debtor: Party, transfer: Transfer) -> bool:
    return transfer.amount.currency == "EUR" and {debtor.iban[:2], transfer.to.iban[:2]} <= SEPA


def _header(root: ElementTree.Element, order: Order) -> None:
    header = _sub(root, "GrpHdr")
    _sub(header, "MsgId", order.message_id)
    _sub(header, "CreDtTm", order.made_at.replace(microsecond=0, tzinfo=None).isoformat())
    _counted(header, order.transfers, order.currency)
    _sub(_sub(header, "InitgPty"), "Nm", latin(order.initiator, 70))


def _payment(root: ElementTree.Element, order: Order, name: str, transfers: Sequence[Transfer]) -> None:
    sepa = _is_sepa(order.debtor, transfers[0])
    payment = _sub(root, "PmtInf")
    _sub(payment, "PmtInfId", name)
    _sub(payment, "PmtMtd", "TRF")
    _sub(payment, "BtchBookg", "false")  # one line on the statement per payout
    _counted(payment, transfers, order.currency)
    if sepa:
        _sub(_sub(_sub(payment, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _sub(_sub(payment, "ReqdExctnDt"), "Dt", order.made_at.date().isoformat())
    _sub(_sub(payment, "Dbtr"), "Nm", latin(order.debtor.name, 70))
    account = _account(payment, "DbtrAcct", order.debtor)
    _sub(account, "Ccy", order.currency)
    _agent(payment, "DbtrAgt", order.debtor)
    _sub(payment, "ChrgBr", "SLEV" if sepa else "SHAR")
    for transfer in transfers:
        _transfer(payment, transfer, sepa=sepa)


def _counted(parent: ElementTree.Element, transfers: Sequence[Transfer], currency: str) -> None:
    _sub(parent, "NbOfTxs", str(len(transfers)))
    _sub(parent, "CtrlSum", _amount(total((transfer.amount for transfer in transfers), currency)))


def _transfer(payment: ElementTree.Element, transfer: Transfer, *, sepa: bool) -> None:
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
    _address(creditor, transfer.to, sepa=sepa)
    _account(credit, "CdtrAcct", transfer.to)
    _sub(_sub(credit, "Purp"), "Cd", transfer.purpose)
    _sub(_sub(credit, "RmtInf"), "Ustrd", latin(transfer.text, 140))


def _address(creditor: ElementTree.Element, party: Party, *, sepa: bool) -> None:
    """Structured: the town and the country. A country alone is said only where the scheme does not ask for both."""
    town = latin(party.town, 35)
    if sepa and not town:
        return
    address = _sub(creditor, "PstlAdr")
    if town:
        _sub(address, "TwnNm", town)
    _sub(address, "Ctry", party.country)


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
