"""The bank's answer closes the loop: taken, rejected, paid, come back; and what nothing explains waits."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from fx.money import Money
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.models import Letter, User
from payments.bankin import explain_line, receive_message
from payments.bankin.demo import Told, statement
from payments.errors import PayoutRefused
from payments.iso20022 import BadFile
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import BankFile, BankLine, BankMessage, BankStatement, Case, Journal, Payout
from payments.payouts.life import (
    approve_payout,
    make_bank_file,
    mark_failed,
    mark_paid,
    record_fill,
    record_settlement,
    request_payout,
)
from tests.conftest import make_user
from tests.payments.test_payouts import GERMAN, fund, method, payable

pytestmark = pytest.mark.django_db
IBAN = "DE75512108001245126199"
AT = dt.datetime(2026, 11, 27, 19, 30, tzinfo=dt.UTC)
Meaning, State = BankLine.Meaning, Payout.State


@pytest.fixture
def payer(db: None) -> User:
    """Who uploads: not who approves."""
    return make_user("payer@example.com", staff=True)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def sent(seller: User, approver: User, minor: int = 5000) -> Payout:
    method(seller, "EUR", **GERMAN)
    payable(seller, eur(minor))
    fund(eur(minor))
    payout = request_payout(seller=seller, currency="EUR", by=seller)
    make_bank_file([approve_payout(payout, by=approver)], by=approver)
    return Payout.objects.get(pk=payout.pk)


def upload(*told: Told, by: User, opening: Money, number: str = "1", iban: str = IBAN) -> BankMessage:
    text = statement(iban, opening, told, at=AT, number=number)
    return receive_message(text.encode(), by=by)[0]


def report(
    file: BankFile | None, payouts: dict[str, str], *, whole: str = "", number: str = "1", count: int = 0
) -> bytes:
    """pain.002 with a status, and a reason behind a blank, per payout."""
    said = ""
    for reference, status in payouts.items():
        code, _blank, reason = status.partition(" ")
        why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
        said += f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{code}</TxSts>{why}</TxInfAndSts>"
    group = f"<GrpSts>{whole}</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>" if whole else ""
    info = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>x</OrgnlPmtInfId>{said}</OrgnlPmtInfAndSts>" if said else ""
    counted = f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs>" if count else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>PSR{number}</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{file}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{counted}{group}</OrgnlGrpInfAndSts>{info}"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def booked() -> Money:
    return balance(codes.clearing("bank", "EUR"))


def clean() -> list[str]:
    return [result.check.id for result in run(checks()) if result.count and result.check.id.startswith("F5")]


# --- pain.002 ---------------------------------------------------------------------------------------


def test_one_of_two_is_rejected_and_payable_again(alice: User, charlie: User, admin: User, payer: User) -> None:
    method(charlie, "EUR", country="ES", iban="ES9121000418450200051332")
    first = sent(alice, admin)
    payable(charlie, eur(3000))
    fund(eur(3000))
    second = approve_payout(request_payout(seller=charlie, currency="EUR", by=charlie), by=admin)
    file = make_bank_file([second], by=admin)
    Payout.objects.filter(pk=first.pk).update(file=file)  # one file with both
    said = {first.pk.hex: "ACSP", second.pk.hex: "RJCT AC01"}
    message, is_new = receive_message(report(file, said, whole="", count=2), by=payer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (is_new, first.state, second.state) == (True, State.SENT, State.FAILED)
    assert second.problem == "The account number is wrong. (AC01)"
    assert balance(codes.seller(charlie.pk, "EUR")) == eur(3000)
    assert Letter.objects.filter(to=charlie.email, key__contains=str(second.pk)).count() == 1
    assert [line.meaning for line in message.lines.order_by("payout__seller_id")] == [Meaning.TAKEN, Meaning.REJECTED]


def test_a_whole_file_is_rejected(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    receive_message(report(payout.file, {}, whole="RJCT"), by=payer)
    payout.refresh_from_db()
    assert (payout.state, payout.problem) == (State.FAILED, "There is not enough money in our account. (AM04)")
    assert balance(codes.seller(alice.pk, "EUR")) == eur(5000)


def test_a_rejection_of_what_was_paid_is_for_a_person(alice: User, admin: User, payer: User) -> None:
    payout = mark_paid(sent(alice, admin), by=payer, bank_reference="R1")
    before = Journal.objects.count()
    receive_message(report(payout.file, {payout.pk.hex: "RJCT AC06"}), by=payer)
    payout.refresh_from_db()
    assert (payout.state, Journal.objects.count()) == (State.PAID, before)
    assert Case.objects.get(kind=Case.Kind.CONTRADICTION).ref == str(payout.pk)


def block(file: BankFile | None, number: int, status: str, named: str = "") -> bytes:
    """pain.002 with a status, and a reason behind a blank, for one block of the file; `named` are answers in it."""
    code, _blank, reason = status.partition(" ")
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    said = f"<OrgnlPmtInfId>{file}-{number}</OrgnlPmtInfId><PmtInfSts>{code}</PmtInfSts>{why}{named}"
    whole = report(file, {"x": "ACSP"}).decode()
    head, tail = whole.split("<OrgnlPmtInfId>")[0], whole.split("</TxInfAndSts>")[1]
    return f"{head}{said}{tail}".encode()


def two_blocks(alice: User, charlie: User, admin: User) -> tuple[Payout, Payout]:
    """Alice's is within SEPA, Charlie's is not: one file."""
    method(charlie, "EUR", country="SA", iban="SA0380000000608010167519")
    rows = []
    for seller, minor in ((alice, 5000), (charlie, 3000)):
        if seller == alice:
            method(alice, "EUR", **GERMAN)
        payable(seller, eur(minor))
        fund(eur(minor))
        rows.append(approve_payout(request_payout(seller=seller, currency="EUR", by=seller), by=admin))
    make_bank_file(rows, by=admin)
    return Payout.objects.get(pk=rows[0].pk), Payout.objects.get(pk=rows[1].pk)


@pytest.mark.parametrize(("number", "left"), [(1, ["failed", "sent"]), (2, ["sent", "failed"])])
def test_a_block_that_is_rejected_is_not_the_other(
    alice: User, charlie: User, admin: User, payer: User, number: int, left: list[str]
) -> None:
    payouts = two_blocks(alice, charlie, admin)
    receive_message(block(payouts[0].file, number, "RJCT AG01"), by=payer)
    assert [Payout.objects.get(pk=one.pk).state for one in payouts] == left


def test_a_block_that_is_none_of_ours_moves_nothing(alice: User, charlie: User, admin: User, payer: User) -> None:
    payouts = two_blocks(alice, charlie, admin)
    with pytest.raises(BadFile, match="No payout in .*-3"):
        receive_message(block(payouts[0].file, 3, "RJCT AG01"), by=payer)
    assert [Payout.objects.get(pk=one.pk).state for one in payouts] == ["sent", "sent"]


@pytest.mark.parametrize("code", ["AM05", "DUPL", "DU01", "DU04"])
@pytest.mark.parametrize("whole", [True, False])
def test_what_the_bank_rejects_as_a_copy_of_what_it_has_is_not_payable_again(
    alice: User, admin: User, payer: User, code: str, whole: bool
) -> None:
    """The same file was uploaded twice: the first copy is on its way."""
    payout = sent(alice, admin)
    before = Journal.objects.count()
    receive_message(report(payout.file, {payout.pk.hex: "ACSP"}), by=payer)
    body = report(payout.file, {} if whole else {payout.pk.hex: f"RJCT {code}"}, whole="RJCT" * whole, number="2")
    receive_message(body.replace(b"AM04", code.encode()), by=payer)
    payout.refresh_from_db()
    assert (payout.state, balance(codes.seller(alice.pk, "EUR")), Journal.objects.count()) == ("sent", eur(0), before)
    assert Case.objects.get(kind=Case.Kind.CONTRADICTION).ref == f"duplicate {payout.file}"
    assert BankLine.objects.get(message__message_id="PSR2").meaning == Meaning.DUPLICATE
    upload(Told(eur(-5000), "B1", payout.pk.hex), by=payer, opening=eur(5000))
    payout.refresh_from_db()
    assert (payout.state, clean()) == ("paid", [])


def test_what_the_bank_takes_after_all_is_for_a_person(alice: User, admin: User, payer: User) -> None:
    """It was rejected, so the money is payable again; now it may leave twice."""
    payout = sent(alice, admin)
    receive_message(report(payout.file, {payout.pk.hex: "RJCT AC01"}), by=payer)
    before = Journal.objects.count()
    receive_message(report(payout.file, {payout.pk.hex: "ACSC"}, number="2"), by=payer)
    case = Case.objects.get(kind=Case.Kind.CONTRADICTION)
    assert (case.ref, case.detail["state"], Journal.objects.count()) == (str(payout.pk), "failed", before)


@pytest.mark.parametrize(
    ("about", "said", "count", "why"),
    [
        ("EPNOBODY", {}, 0, "No bank file of ours is EPNOBODY"),
        ("", {"0" * 32: "RJCT AC01"}, 0, "No payout in .* is 000"),
        ("", {"*": "RJCT AC01"}, 3, "The bank counts 3 transfers in .*, we 1"),
    ],
)
def test_a_report_about_something_else_moves_nothing(
    alice: User, admin: User, payer: User, about: str, said: dict[str, str], count: int, why: str
) -> None:
    payout = sent(alice, admin)
    told = {payout.pk.hex if name == "*" else name: status for name, status in said.items()}
    body = report(payout.file, told, whole="" if told else "ACCP", count=count)
    body = body.replace(str(payout.file).encode(), about.encode()) if about else body
    with pytest.raises(BadFile, match=why):
        receive_message(body, by=payer)
    payout.refresh_from_db()
    assert (payout.state, BankMessage.objects.count()) == (State.SENT, 0)


# --- camt.053 ---------------------------------------------------------------------------------------


def test_a_statement_pays_what_it_shows(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    line = Told(eur(-5000), "B1", payout.pk.hex)
    message = upload(line, by=payer, opening=eur(5000))
    payout.refresh_from_db()
    assert (payout.state, payout.bank_reference, payout.paid_by) == (State.PAID, "B1", payer)
    assert payout.paid_at == dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
    assert (booked(), BankStatement.objects.get().closing) == (eur(0), eur(0))
    assert (message.lines.get().meaning, Case.objects.count(), clean()) == (Meaning.PAID, 0, [])


def test_the_same_file_again_is_harmless(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    text = statement(IBAN, eur(5000), [Told(eur(-5000), "B1", payout.pk.hex)], at=AT).encode()
    first, is_new = receive_message(text, by=payer)
    before = Journal.objects.count()
    assert (is_new, receive_message(text, by=admin)) == (True, (first, False))
    assert (Journal.objects.count(), BankMessage.objects.count()) == (before, 1)


def test_who_approved_does_not_confirm_by_a_file(alice: User, admin: User) -> None:
    payout = sent(alice, admin)
    before = Journal.objects.count()
    with pytest.raises(PayoutRefused, match="You approved this payout"):
        upload(
            Told(eur(-200), "C1", family="CHRG"),
            Told(eur(-5000), "B1", payout.pk.hex),
            by=admin,
            opening=eur(5200),
        )
    payout.refresh_from_db()
    assert (payout.state, Journal.objects.count(), BankMessage.objects.count()) == (State.SENT, before, 0)


def test_a_paid_payout_comes_back_and_is_payable_again(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    upload(Told(eur(-5000), "B1", payout.pk.hex), by=payer, opening=eur(5000))
    back = Told(eur(4750), "B2", payout.pk.hex, why="AC04", family="RRTN")
    upload(back, by=payer, opening=eur(0), number="2")
    payout.refresh_from_db()
    assert (payout.state, payout.problem) == (State.FAILED, "The account is closed. (AC04)")
    assert balance(codes.seller(alice.pk, "EUR")) == eur(5000)
    assert balance(codes.expense("bank", "EUR")) == eur(250)  # what banks kept on the way
    assert (booked(), clean()) == (eur(4750), [])
    assert payout.remind_at is not None
    with pytest.raises(PayoutRefused, match="cannot become"):
        mark_failed(payout, by=payer, problem="again")


def test_nobody_says_by_hand_that_what_was_paid_came_back(alice: User, admin: User, payer: User) -> None:
    payout = mark_paid(sent(alice, admin), by=payer, bank_reference="R1")
    with pytest.raises(PayoutRefused, match="Upload the bank's statement"):
        mark_failed(payout, by=payer, problem="came back")
    assert Payout.objects.get().state == State.PAID


def test_charges_and_interest_are_the_platforms_own(payer: User) -> None:
    fund(eur(5000))
    fee, interest = Told(eur(-290), "C1", family="CHRG"), Told(eur(10), "I1", family="CHRG")
    upload(fee, interest, by=payer, opening=eur(5000))
    assert balance(codes.expense("bank", "EUR")) == eur(290)
    assert balance(codes.income("bank", "EUR")) == eur(10)
    assert (booked(), clean()) == (eur(4720), [])


def test_what_was_recorded_is_not_booked_twice(admin: User, payer: User, alice: User) -> None:
    fund(eur(100))
    upload(Told(eur(-1), "C1", family="CHRG"), by=payer, opening=eur(100))
    fund(eur(5000))  # on no statement yet
    payable(alice, eur(1))
    clearing = codes.clearing("stripe", "EUR")
    post("stripe", "test", "", [(clearing, 900), (codes.fx("EUR"), -900)])
    record_settlement(processor="stripe", reference="po_1", amount=eur(900), by=admin)
    record_fill(reference="fill 1", sold=eur(400), bought=Money(500, "USD"), by=admin)
    assert clean() == []
    told = [Told(eur(900), "X1", text="STRIPE po_1"), Told(eur(-400), "X2", text="fill 1")]
    upload(*told, by=payer, opening=eur(99), number="2")
    assert [line.meaning for line in BankLine.objects.order_by("pk")] == [Meaning.OWN, Meaning.SETTLEMENT, Meaning.FILL]
    assert booked() == eur(5599)  # 599 by the statement, 50.00 not on it yet
    assert (Case.objects.count(), clean()) == (0, [])


def test_what_nothing_explains_waits_in_suspense_for_a_person(admin: User, payer: User) -> None:
    fund(eur(100))
    message = upload(Told(eur(2500), "X1", text="hello", name="Charlie"), by=payer, opening=eur(100))
    line, case = message.lines.get(), Case.objects.get(kind=Case.Kind.BANK_LINE)
    assert (balance(codes.suspense("bank", "EUR")), booked()) == (eur(2500), eur(2600))
    assert (case.ref, case.detail["amount"], case.detail["name"]) == (f"line:{line.pk}", "25.00 EUR", "Charlie")
    with pytest.raises(PayoutRefused, match="Say why"):
        explain_line(line, by=admin, meaning="own", why=" ")
    with pytest.raises(PayoutRefused, match="owes 0.00 EUR by our books"):
        explain_line(line, by=admin, meaning="settlement", reference="stripe", why="their payout")
    assert balance(codes.suspense("bank", "EUR")) == eur(2500)
    explained = explain_line(line, by=admin, meaning="own", why="Our own money, to begin with.")
    assert (explained.meaning, explained.explained_by, explained.why) == (
        "own",
        admin,
        "Our own money, to begin with.",
    )
    case.refresh_from_db()
    assert (case.closed_by, case.note) == (admin, "Our own money, to begin with.")
    assert (balance(codes.suspense("bank", "EUR")), booked(), clean()) == (eur(0), eur(2600), [])
    with pytest.raises(PayoutRefused, match="explained already"):
        explain_line(line, by=admin, meaning="own", why="twice")


def test_a_person_says_that_a_line_is_a_settlement_or_a_payout(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    post("stripe", "test", "", [(codes.clearing("stripe", "EUR"), 900), (codes.fx("EUR"), -900)])
    message = upload(Told(eur(900), "X1"), Told(eur(-5000), "X2"), by=payer, opening=eur(5000))
    came, left = message.lines.order_by("number")
    explain_line(came, by=admin, meaning="settlement", reference="stripe", why="by its amount")
    with pytest.raises(PayoutRefused, match="You approved this payout"):
        explain_line(left, by=admin, meaning="paid", reference=str(payout.pk), why="by its amount")
    with pytest.raises(PayoutRefused, match="No payout in EUR is nonsense"):
        explain_line(left, by=payer, meaning="paid", reference="nonsense", why="by its amount")
    explain_line(left, by=payer, meaning="paid", reference=str(payout.pk), why="by its amount")
    payout.refresh_from_db()
    assert (payout.state, balance(codes.clearing("stripe", "EUR"))) == (State.PAID, eur(0))
    assert (balance(codes.suspense("bank", "EUR")), booked(), clean()) == (eur(0), eur(900), [])


def test_a_payout_with_another_amount_is_not_paid(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    upload(Told(eur(-4999), "B1", payout.pk.hex), by=payer, opening=eur(5000))
    payout.refresh_from_db()
    assert (payout.state, balance(codes.suspense("bank", "EUR"))) == (State.SENT, eur(-4999))
    assert "50.00 EUR is Sent" in Case.objects.get(kind=Case.Kind.BANK_LINE).detail["why"]


def test_a_payout_that_leaves_twice_is_for_a_person(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    fund(eur(5001))
    lines = [Told(eur(-5000), name, payout.pk.hex) for name in ("B1", "B2")]
    upload(*lines, by=payer, opening=eur(10001))
    assert [line.meaning for line in BankLine.objects.order_by("number")] == [Meaning.PAID, Meaning.UNKNOWN]
    assert (balance(codes.suspense("bank", "EUR")), booked(), clean()) == (eur(-5000), eur(1), [])


def test_the_first_statement_brings_books_and_bank_together(payer: User) -> None:
    fund(eur(100))
    upload(Told(eur(-1), "C1", family="CHRG"), by=payer, opening=eur(250))
    assert (booked(), balance(codes.suspense("bank", "EUR"))) == (eur(249), eur(150))
    detail = Case.objects.get(kind=Case.Kind.BANK_LINE).detail
    assert (detail["opening"], detail["unexplained"], clean()) == ("2.50 EUR", "1.50 EUR", [])


@pytest.mark.parametrize(
    ("opening", "number", "iban", "why"),
    [
        (100, "2", IBAN, "opens with 1.00 EUR, but EUR1 closed with 0.99 EUR"),
        (99, "1", IBAN, "came on .* with another content"),
        (99, "2", "DE89370400440532013000", "is not our account in EUR"),
    ],
)
def test_a_statement_that_does_not_follow_moves_nothing(
    payer: User, opening: int, number: str, iban: str, why: str
) -> None:
    fund(eur(100))
    upload(Told(eur(-1), "C1", family="CHRG"), by=payer, opening=eur(100))
    before = Journal.objects.count()
    with pytest.raises(BadFile, match=why):
        upload(Told(eur(-2), "C2", family="CHRG"), by=payer, opening=eur(opening), number=number, iban=iban)
    assert (Journal.objects.count(), BankLine.objects.count(), BankMessage.objects.count()) == (before, 1, 1)


def test_a_statement_that_was_in_another_message_is_refused(payer: User) -> None:
    fund(eur(100))
    upload(Told(eur(-1), "C1", family="CHRG"), by=payer, opening=eur(100))
    text = statement(IBAN, eur(99), [Told(eur(-1), "C1", family="CHRG")], at=AT, number="1")
    with pytest.raises(BadFile, match="Statement EUR1 was in camt.053 DEMO1EUR already"):
        receive_message(text.replace("DEMO1EUR", "OTHER").encode(), by=payer)
    assert booked() == eur(99)


# --- the demo's own bank ----------------------------------------------------------------------------


def test_the_demo_writes_the_statement_of_what_is_open(
    alice: User, admin: User, payer: User, tmp_path: Path, settings: Settings
) -> None:
    settings.SANDBOX = True
    payout = sent(alice, admin)
    said = StringIO()
    call_command("demo_statement", "eur", to=str(tmp_path), stdout=said)
    [path] = tmp_path.iterdir()
    assert "a made-up statement" in said.getvalue()
    receive_message(path.read_bytes(), by=payer)
    payout.refresh_from_db()
    assert (payout.state, booked()) == (State.PAID, eur(0))
    path.unlink()
    call_command("demo_statement", "EUR", to=str(tmp_path), returned=[str(payout.pk)], stdout=said)
    receive_message(next(tmp_path.iterdir()).read_bytes(), by=payer)
    payout.refresh_from_db()
    assert (payout.state, booked(), clean()) == (State.FAILED, eur(5000), [])
    with pytest.raises(CommandError, match="Nothing is open in EUR"):
        call_command("demo_statement", "EUR", to=str(tmp_path))


def test_the_demos_statement_is_refused_where_money_is_real(settings: Settings, tmp_path: Path) -> None:
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="Only the demo makes its own"):
        call_command("demo_statement", "EUR", to=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
