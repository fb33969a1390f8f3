"""Files of banks: read to the cent, or refused with the element, the value and the way out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fx.money import Money
from payments.iso20022 import BadFile, Report, Statements, read

FILES = Path(__file__).parent / "bankfiles"
CAMT, PAIN = (FILES / "camt053.xml").read_bytes(), (FILES / "pain002.xml").read_bytes()
PAYOUT = "4f9c1c0a9d5e4c0f8f7a1d2b3c4d5e6f"


def statements(body: bytes) -> Statements:
    found = read(body)
    assert isinstance(found, Statements)
    return found


def report(body: bytes) -> Report:
    found = read(body)
    assert isinstance(found, Report)
    return found


def test_a_statement_is_read_as_the_bank_meant_it() -> None:
    found = statements(CAMT)
    [statement] = found.statements
    assert (found.message_id, statement.id, statement.iban) == ("27632364572", "2026-231", "DE75512108001245126199")
    assert (statement.opening, statement.closing) == (Money(100000, "EUR"), Money(116810, "EUR"))
    assert statement.closed_on == dt.date(2026, 11, 27)
    payout, other, fee, bob, back = statement.lines
    assert (payout.amount, payout.end_to_end, payout.name) == (Money(-5000, "EUR"), PAYOUT, "Alice Aermel")
    assert (payout.iban, payout.text, payout.reference) == ("DE89370400440532013000", "Payout", "2026112700001")
    assert (other.amount, other.end_to_end) == (Money(-3000, "EUR"), "")
    assert (fee.amount, fee.charge, fee.text) == (Money(-290, "EUR"), True, "Account fee")
    assert (bob.amount, bob.structured, bob.iban) == (Money(20100, "EUR"), "RF18539007547034", "DE12500105170648489890")
    assert (back.amount, back.end_to_end, back.came_back) == (Money(5000, "EUR"), PAYOUT, True)
    assert (back.returned, back.returned_text) == ("AC04", "closed in June")


def test_a_report_is_read_as_the_bank_meant_it() -> None:
    found = report(PAIN)
    assert (found.message_id, found.about) == ("PSR-20261127-0001", "EP0123456789ABCDEF0123456789AB")
    assert (found.whole.status, found.count, found.total) == ("PART", "2", "80.00")
    taken, rejected = found.answers
    assert (taken.reference, taken.status, taken.rejected) == (PAYOUT, "ACSP", False)
    assert (rejected.status, rejected.code, rejected.text) == ("RJCT", "AC01", "IBAN unknown")


def test_the_older_statement_says_the_same() -> None:
    older = CAMT.replace(b"camt.053.001.08", b"camt.053.001.02").replace(
        b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>"
    )
    older = older.replace(b"<Sts><Cd>PDNG</Cd></Sts>", b"<Sts>PDNG</Sts>")
    older = older.replace(b"<Pty><Nm>Bob</Nm></Pty>", b"<Nm>Bob</Nm>")
    assert [line.amount for line in statements(older).statements[0].lines] == [
        line.amount for line in statements(CAMT).statements[0].lines
    ]
    assert statements(older).statements[0].lines[3].name == "Bob"


def test_a_prefix_for_the_namespace_changes_nothing() -> None:
    text = CAMT.decode().replace("xmlns=", "xmlns:n=").replace("</", "\0").replace("<?", "\1")
    text = text.replace("<", "<n:").replace("\0", "</n:").replace("\1", "<?")
    assert statements(text.encode()) == statements(CAMT)


def test_a_mark_of_the_byte_order_changes_nothing() -> None:
    assert statements(b"\xef\xbb\xbf" + CAMT) == statements(CAMT)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("camt.053.001.08", "camt.053.001.99", "What can be read: pain.002.001.10"),
        ("camt.053.001.08", "pain.002.001.10", "Document/CstmrPmtStsRpt is missing"),
        ("urn:iso:std", "urn:other:std", "What can be read"),
        ("<MsgId>27632364572</MsgId>", "", "GrpHdr/MsgId is missing"),
        ("<MsgId>27632364572</MsgId>", "<MsgId> </MsgId>", "MsgId is “”"),
        ("<Id>2026-231</Id>", "", "Stmt/Id is missing"),
        ("<Id>2026-231</Id>", "<Id>1</Id><Id>2</Id>", "Stmt/Id is there 2 times"),
        ("<IBAN>DE75512108001245126199</IBAN>", "<Othr><Id>1</Id></Othr>", "Acct/Id/IBAN is missing"),
        ("<Cd>PRCD</Cd>", "<Cd>ITBD</Cd>", "Bal OPBD is missing"),
        ("<Cd>CLBD</Cd>", "<Cd>CLAV</Cd>", "Bal CLBD is missing"),
        ('EUR">1168.10', 'EUR">1168.11', "make 1168.10 EUR, but the closing balance is 1168.11 EUR"),
        ('EUR">1168.10', 'USD">1168.10', "What can be there: EUR"),
        ("<Ccy>EUR</Ccy>", "<Ccy>USD</Ccy>", "What can be there: EUR"),
        ('EUR">2.90', 'EUR">2.900', "has 3 decimals"),
        ('EUR">2.90', 'EUR">-2.90', "'-2.90' is not an amount"),
        ('EUR">2.90', 'EUR">2,90', "'2,90' is not an amount"),
        ('EUR">2.90', 'EUR">٢.90', "is not an amount"),
        ('EUR">2.90', 'EUR">1e2', "is not an amount"),
        ('EUR">2.90', 'EUR">0.00', "What can be there: more than zero"),
        ('EUR">2.90', 'USD">2.90', "What can be there: EUR"),
        ('<Amt Ccy="EUR">2.90', "<Amt>2.90", "Ntry/Amt"),
        ('EUR">30.00', 'EUR">30.01', "its details make -80.01 EUR, not -80.00 EUR"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>CREDIT</CdtDbtInd>", "What can be there: CRDT, DBIT"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "", "CdtDbtInd is missing"),
        ("<Sts><Cd>PDNG</Cd></Sts>", "<Sts><Cd>FUTR</Cd></Sts>", "What can be there: BOOK, INFO, PDNG"),
        ("<NbOfNtries>4<", "<NbOfNtries>5<", "NbOfNtries is “5”. What can be there: 4"),
        ("<Sum>251.00<", "<Sum>251.01<", "Sum is “251.01”. What can be there: 251.00"),
        ("<Sum>251.00<", "<Sum>2.51e2<", "Sum is “2.51e2”"),
        ("<Dt>2026-11-27</Dt>", "<Dt>2026-13-27</Dt>", "is “2026-13-27”"),
        ("<Stmt>", "<Stmt><Stmt>", "not whole XML"),
        ("</Document>", "", "not whole XML"),
        ('encoding="UTF-8"', 'encoding="ISO-8859-1"', "says that it is ISO-8859-1"),
        ("?>\n", '?>\n<!DOCTYPE Document [<!ENTITY a "1">]>', "DTD or entities"),
        ("?>\n", '?>\n<!DOCTYPE Document SYSTEM "http://127.0.0.1/a.dtd">', "DTD or entities"),
        ("Account fee", "&unknown;", "not whole XML"),
        ("Account fee", "\ud800", "UTF-8"),
    ],
)  # fmt: skip
def test_a_statement_that_is_not_right_is_refused_with_what_is_wrong(old: str, new: str, why: str) -> None:
    text = CAMT.decode()
    assert old in text
    with pytest.raises(BadFile, match=why.replace("(", r"\(")):
        read(text.replace(old, new, 1).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("pain.001.001.09", "pain.008.001.08", "What can be there: pain.001"),
        ("<OrgnlMsgId>EP0123456789ABCDEF0123456789AB</OrgnlMsgId>", "", "OrgnlMsgId is missing"),
        ("<TxSts>ACSP</TxSts>", "<TxSts>FINE</TxSts>", "TxSts is “FINE”"),
        ("<TxSts>ACSP</TxSts>", "", "TxSts is missing"),
        ("<GrpSts>PART", "<GrpSts>RJCT", "The whole file is rejected, but not each transfer"),
        ("<GrpSts>PART", "<GrpSts>ACSC", "The whole file is taken, but not each transfer"),
        ("Id>00000000000000000000000000000002</OrgnlEnd", f"Id>{PAYOUT}</OrgnlEnd", "is answered twice"),
    ],
)
def test_a_report_that_is_not_right_is_refused_with_what_is_wrong(old: str, new: str, why: str) -> None:
    text = PAIN.decode()
    assert old in text
    with pytest.raises(BadFile, match=why):
        read(text.replace(old, new, 1).encode())


def test_what_is_too_large_or_no_text_is_refused() -> None:
    with pytest.raises(BadFile, match="larger than 10 MB"):
        read(b" " * (10 * 2**20 + 1))
    for body in (b"", b"\0", CAMT.decode().encode("utf-16"), b"EP;1;2", b"<Document/>"):
        with pytest.raises(BadFile):
            read(body)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_statement_says_the_same_sums_or_is_refused(data: st.DataObject) -> None:
    """One stretch of bytes is lost, or one slips in."""
    start = data.draw(st.integers(0, len(CAMT) - 1))
    lost = data.draw(st.integers(0, 12))
    slipped = data.draw(st.binary(max_size=3) | st.sampled_from([b"0", b"1", b".", b" ", b"-", b"<", b"DBIT"]))
    try:
        found = read(CAMT[:start] + slipped + CAMT[start + lost :])
    except BadFile:
        return
    assert isinstance(found, Statements)
    [ours], [good] = found.statements, statements(CAMT).statements
    assert (ours.opening, ours.closing) == (good.opening, good.closing)
    assert sum((line.amount for line in ours.lines), ours.opening) == good.closing
