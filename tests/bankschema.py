"""Every payment file that any test makes is held against the standard: its schema, and the rules beside it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import as_file, files
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db.models.signals import post_save
from xmlschema import XMLSchema

from fx.money import EXPONENT
from payments.models import BankFile
from payments.payouts.banktext import LATIN
from payments.payouts.pain001 import NAMESPACE, SEPA

P = {"p": NAMESPACE}


@cache
def schema() -> XMLSchema:
    """pain.001.001.09 as ISO publishes it; the package `sepaxml` carries it."""
    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as path:
        return XMLSchema(path)


def wrong(xml: str) -> list[str]:
    """What a bank would find wrong with a file of ours; empty when nothing is."""
    found = [f"{error.path}: {error.reason}" for error in schema().iter_errors(xml)]
    return found or list(_rules(ElementTree.fromstring(xml)))


def _rules(root: ElementTree.Element) -> Iterator[str]:
    [message] = root
    blocks = message.findall("p:PmtInf", P)
    credits = message.findall("p:PmtInf/p:CdtTrfTxInf", P)
    for counted, among in [(message.find("p:GrpHdr", P), credits), *((one, _credits(one)) for one in blocks)]:
        yield from _sums(counted, among)
    for path in ("p:PmtId/p:EndToEndId", "p:PmtId/p:InstrId"):
        names = [credit.findtext(path, "", P) for credit in credits]
        if len(names) != len(set(names)):
            yield f"{path} is not one of a kind"
    if len({block.findtext("p:PmtInfId", "", P) for block in blocks}) != len(blocks):
        yield "PmtInfId is not one of a kind"
    for element in root.iter():
        text = element.text or ""
        if not len(element) and (not text.strip() or set(text) - LATIN or text.startswith("/") or "//" in text):
            yield f"{element.tag} says {text!r}"
    for block in blocks:
        yield from _scheme(block)


def _credits(block: ElementTree.Element) -> list[ElementTree.Element]:
    return block.findall("p:CdtTrfTxInf", P)


def _sums(counted: Any, credits: list[ElementTree.Element]) -> Iterator[str]:
    amounts = [credit.find("p:Amt/p:InstdAmt", P) for credit in credits]
    if counted.findtext("p:NbOfTxs", "", P) != str(len(credits)):
        yield "NbOfTxs"
    said = [Decimal(amount.text or "") for amount in amounts if amount is not None]
    if Decimal(counted.findtext("p:CtrlSum", "", P)) != sum(said):
        yield "CtrlSum"
    for amount in amounts:
        _whole, _point, fraction = ((amount.text if amount is not None else "") or "").partition(".")
        if amount is None or len(fraction) != EXPONENT[amount.get("Ccy", "")]:
            yield "InstdAmt has other decimals than its currency"


def _scheme(block: ElementTree.Element) -> Iterator[str]:
    """In euro between accounts of SEPA: its own service level. All else: shared charges. Never both in one block."""
    ours = block.findtext("p:DbtrAcct/p:Id/p:IBAN", "", P)
    level = block.findtext("p:PmtTpInf/p:SvcLvl/p:Cd", "", P)
    if (level, block.findtext("p:ChrgBr", "", P)) not in {("SEPA", "SLEV"), ("", "SHAR")}:
        yield "ChrgBr"
    for credit in _credits(block):
        to = credit.findtext("p:CdtrAcct/p:Id/p:IBAN", "", P)
        amount = credit.find("p:Amt/p:InstdAmt", P)
        inside = amount is not None and amount.get("Ccy") == "EUR" and {ours[:2], to[:2]} <= SEPA
        if inside != (level == "SEPA"):
            yield "SvcLvl"
        if not to and credit.find("p:CdtrAgt/p:FinInstnId", P) is None:
            yield "an account number without its bank"
        if not credit.findtext("p:Cdtr/p:PstlAdr/p:Ctry", "x" if inside else "", P):
            yield "Ctry"


def _look(sender: Any, instance: BankFile, **_more: Any) -> None:
    found = wrong(instance.xml)
    assert found == [], f"{instance}: {found}"


@pytest.fixture(scope="session", autouse=True)
def _no_file_leaves_that_no_bank_would_take() -> Iterator[None]:
    post_save.connect(_look, sender=BankFile, dispatch_uid="bankschema")
    yield
    post_save.disconnect(sender=BankFile, dispatch_uid="bankschema")
