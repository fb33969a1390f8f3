"""camt.053: an account's booked lines of a day, with the balances before and after them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from fx.money import Money
from payments.iso20022.reading import BadFile, Node

SIGN = {"CRDT": 1, "DBIT": -1}
FAMILIES_OF_CHARGES = {"CHRG", "FEES", "COMM"}
NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?", re.ASCII)
UNSAID = {"", "NOTPROVIDED"}


@dataclass(frozen=True, slots=True)
class Line:
    """One movement: `amount` is negative when money left. `reference` is the bank's own, `end_to_end` ours."""

    amount: Money
    booked_on: dt.date
    reference: str = ""
    end_to_end: str = ""
    structured: str = ""
    text: str = ""
    name: str = ""
    iban: str = ""
    returned: str = ""  # why it came back, as a code
    returned_text: str = ""
    came_back: bool = False
    charge: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    id: str
    iban: str
    currency: str
    opening: Money
    closing: Money
    closed_on: dt.date
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    kind = "camt.053"
    message_id: str
    statements: tuple[Statement, ...]


def read_statements(node: Node) -> Statements:
    node.one("GrpHdr")
    statements = tuple(_statement(one) for one in node.all("Stmt"))
    if not statements:
        raise BadFile(_("%(path)s is missing. Ask the bank for a complete file.") % {"path": f"{node.path}/Stmt"})
    return Statements(node.text("GrpHdr", "MsgId"), statements)


def _statement(node: Node) -> Statement:
    opening_node = _balance(node, "OPBD", "PRCD")
    closing_node = _balance(node, "CLBD")
    opening, closing = _signed(opening_node), _signed(closing_node)
    if closing.currency != opening.currency or node.said("Acct", "Ccy") not in {"", opening.currency}:
        raise closing_node.one("Amt").odd(closing.currency, opening.currency)
    entries = [entry for entry in node.all("Ntry") if _booked(entry)]
    lines = tuple(line for entry in entries for line in _lines(entry, opening.currency))
    summed = sum((line.amount for line in lines), opening)
    if summed != closing:
        raise BadFile(
            _("%(path)s: %(opening)s and the lines make %(sum)s, but the closing balance is %(closing)s.")
            % {"path": node.path, "opening": opening, "sum": summed, "closing": closing}
        )
    _summary(node, entries)
    return Statement(
        id=node.text("Id"),
        iban=node.text("Acct", "Id", "IBAN"),
        currency=opening.currency,
        opening=opening,
        closing=closing,
        closed_on=closing_node.day("Dt"),
        lines=lines,
    )


def _balance(node: Node, *codes: str) -> Node:
    """The one balance with the first of `codes` that there is."""
    for code in codes:
        found = [one for one in node.all("Bal") if one.said("Tp", "CdOrPrtry", "Cd") == code]
        if len(found) == 1:
            return found[0]
        if found:
            raise found[0].odd(f"{code}, {code}", code)
    raise BadFile(_("%(path)s is missing. Ask the bank for a complete file.") % {"path": f"{node.path}/Bal {codes[0]}"})


def _signed(node: Node) -> Money:
    amount, sign = node.money("Amt"), SIGN[node.among(SIGN, "CdtDbtInd")]
    return amount if sign > 0 else -amount


def _booked(entry: Node) -> bool:
    """Lines that only wait or inform are in no balance."""
    status = entry.one("Sts")
    said = status.text() if entry.message.endswith(".02") else status.text("Cd")
    if said not in {"BOOK", "PDNG", "INFO"}:
        raise status.odd(said, "BOOK, INFO, PDNG")
    return said == "BOOK"


def _lines(entry: Node, currency: str) -> list[Line]:
    """One per detail, which together are the entry; the entry itself when it has none."""
    whole = _positive(entry, entry.money("Amt"), currency)
    sign = SIGN[entry.among(SIGN, "CdtDbtInd")]
    line = Line(
        amount=Money(whole.amount * sign, currency),
        booked_on=entry.day("BookgDt"),
        reference=entry.said("AcctSvcrRef"),
        text=entry.said("AddtlNtryInf")[:500],
        came_back=entry.said("RvslInd") == "true",
        charge=entry.said("BkTxCd", "Domn", "Fmly", "SubFmlyCd") in FAMILIES_OF_CHARGES,
    )
    details = entry.all("NtryDtls", "TxDtls")
    if not details:
        return [line]
    lines = [_detail(detail, line, alone=len(details) == 1) for detail in details]
    summed = sum((one.amount for one in lines), Money(0, currency))
    if summed != line.amount:
        raise BadFile(
            _("%(path)s: its details make %(sum)s, not %(amount)s.")
            % {"path": entry.path, "sum": summed, "amount": line.amount}
        )
    return lines


def _detail(node: Node, entry: Line, *, alone: bool) -> Line:
    sign = SIGN[node.among(SIGN, "CdtDbtInd")] if node.maybe("CdtDbtInd") else (1 if entry.amount.amount > 0 else -1)
    amount = entry.amount if alone else Money(_own_amount(node, entry).amount * sign, entry.amount.currency)
    reasons = node.all("RtrInf")
    end_to_end = node.said("Refs", "EndToEndId")
    party = "Dbtr" if amount.amount > 0 else "Cdtr"
    name = node.said("RltdPties", party, "Pty", "Nm") or node.said("RltdPties", party, "Nm")
    return replace(
        entry,
        amount=amount,
        reference=node.said("Refs", "AcctSvcrRef") or entry.reference,
        end_to_end="" if end_to_end in UNSAID else end_to_end,
        structured=node.said("RmtInf", "Strd", "CdtrRefInf", "Ref"),
        text=" ".join(one.text() for one in node.all("RmtInf", "Ustrd"))[:500] or entry.text,
        name=name[:140],
        iban=node.said("RltdPties", f"{party}Acct", "Id", "IBAN"),
        returned=node.said("RtrInf", "Rsn", "Cd") or node.said("RtrInf", "Rsn", "Prtry"),
        returned_text=" ".join(one.text() for one in node.all("RtrInf", "AddtlInf"))[:200],
        came_back=entry.came_back or bool(reasons),
    )


def _own_amount(node: Node, entry: Line) -> Money:
    path = ("Amt",) if node.maybe("Amt") else ("AmtDtls", "TxAmt", "Amt")
    return _positive(node, node.money(*path), entry.amount.currency)


def _positive(node: Node, amount: Money, currency: str) -> Money:
    if amount.currency != currency:
        raise node.odd(str(amount), currency)
    if not amount.amount:
        raise node.odd(str(amount), _("more than zero"))
    return amount


def _summary(node: Node, entries: list[Node]) -> None:
    """The bank's own count and sum, where it gives them."""
    for tag, signs in (("TtlNtries", set(SIGN)), ("TtlCdtNtries", {"CRDT"}), ("TtlDbtNtries", {"DBIT"})):
        told = node.maybe("TxsSummry", tag)
        if told is None:
            continue
        counted = [entry for entry in entries if entry.text("CdtDbtInd") in signs]
        if told.said("NbOfNtries") not in {"", str(len(counted))}:
            raise told.one("NbOfNtries").odd(told.text("NbOfNtries"), str(len(counted)))
        summed = sum(entry.money("Amt").decimal for entry in counted)
        said = told.said("Sum")
        if said and not (NUMBER.fullmatch(said) and Decimal(said) == summed):
            raise told.one("Sum").odd(said, str(summed))
