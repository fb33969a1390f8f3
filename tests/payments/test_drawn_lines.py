"""Own income on the bank's statement: from the proposal to the closing balance, over the admin and camt.053."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fx.money import Money
from fx.services import refresh_rates
from marketplace.lib.clock import shifted
from marketplace.models import User
from payments.bankin import explain_line
from payments.bankin.demo import Told, statement, statement_of_open
from payments.drawings import approve_drawing, cancel_drawing, propose_drawing, record_drawing
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import BankLine, BankMessage, Case, Drawing, Journal
from payments.reconciliation.run import reconcile
from tests.conftest import ClientFor, make_user
from tests.orders.world import broken
from tests.payments.test_admin import staff
from tests.payments.test_bankin import AT, IBAN, upload
from tests.payments.test_bankin import payer as payer
from tests.payments.test_drawings import BANK, LIST, earn, eur, proposed

pytestmark = pytest.mark.django_db
Meaning, State = BankLine.Meaning, Drawing.State
FILES = "/admin/payments/bankmessage/add/"


@pytest.fixture(autouse=True)
def _earned(db: None) -> None:
    """A hundred euros of commission are at the bank, and its first statement says so."""
    refresh_rates()
    earn(10_000)


def first(by: User) -> None:
    """The statement that the next one follows."""
    upload(Told(eur(-100), "C1", family="CHRG"), by=by, opening=eur(10_000))


def second(*told: Told, by: User) -> BankMessage:
    return upload(*told, by=by, opening=eur(9_900), number="2")


def approved(finance: User, admin: User, minor: int = 4_000) -> Drawing:
    return approve_drawing(proposed(finance, minor), by=admin)


def line() -> BankLine:
    return BankLine.objects.order_by("-pk")[0]


def waits() -> Money:
    return balance(codes.suspense("bank", "EUR"))


def told(client: Client, body: str) -> str:
    file = SimpleUploadedFile("statement.xml", body.encode())
    return str(client.post(FILES, {"file": file}, follow=True).content.decode())


def test_from_the_proposal_to_the_banks_closing_balance(
    finance: User, moderator: User, payer: User, client_for: ClientFor
) -> None:
    first(payer)
    one, other = staff(finance, "finance", client_for), staff(moderator, "finance", client_for)
    one.post(f"{LIST}add/", {"amount_0": "40.00", "amount_1": "EUR", "why": "Rent"})
    drawing = Drawing.objects.get()
    page = f"{LIST}{drawing.pk}/decide/"
    other.post(page, {"decision": "approve"})
    assert drawing.pk.hex in one.get(page).content.decode()  # what to write on the transfer
    camt = statement(IBAN, eur(9_900), [Told(eur(-4_000), "B7", text=f"Rent {drawing.pk.hex}")], at=AT, number="2")
    assert "Who approved it does not confirm it" in told(other, camt)
    assert (BankMessage.objects.count(), balance(BANK)) == (1, eur(9_900))
    page = told(one, camt)
    assert "Used: every line is in the books." in page
    assert "The operator took out income" in page
    drawing.refresh_from_db()
    assert (drawing.state, drawing.bank_reference, drawing.ended_by) == (State.TAKEN, "B7", finance)
    journal = Journal.objects.get(key=f"drawing:{drawing.pk}:taken")
    assert (line().meaning, line().journal, line().amount) == (Meaning.DRAWN, journal.pk, eur(-4_000))
    assert (balance(BANK), balance(codes.drawings("EUR")), waits()) == (eur(5_900), eur(0), eur(0))
    assert "It was used before." in told(one, camt)
    assert Journal.objects.filter(kind="drawing_taken").count() == 1
    assert broken() == []
    with shifted(hours=24 * 11):
        found = reconcile("bank")
    assert (found.open_items, found.explained_bps) == (0, 10_000)


@pytest.mark.parametrize("shown", ["SEPA 7", "in the text"])
def test_what_a_person_said_before_is_recognized_by_the_banks_reference(
    finance: User, admin: User, payer: User, shown: str
) -> None:
    first(payer)
    record_drawing(approved(finance, admin), by=finance, bank_reference="SEPA 7")
    second(Told(eur(-4_000), "B7", text="SEPA 7") if shown == "in the text" else Told(eur(-4_000), shown), by=payer)
    assert (line().meaning, balance(BANK), waits()) == (Meaning.DRAWN, eur(5_900), eur(0))
    assert broken() == []


WRONG = {
    "less": (Told(eur(-3_999), "B7"), "is Approved"),
    "more": (Told(eur(-4_001), "B7"), "is Approved"),
    "it came in": (Told(eur(4_000), "B7"), "is Approved"),
}


@pytest.mark.parametrize("how", list(WRONG))
def test_another_amount_than_was_approved_waits_for_a_person(finance: User, admin: User, payer: User, how: str) -> None:
    first(payer)
    drawing = approved(finance, admin)
    wrong, why = WRONG[how]
    second(Told(wrong.amount, wrong.reference, text=drawing.pk.hex), by=payer)
    drawing.refresh_from_db()
    assert (line().meaning, drawing.state, waits()) == (Meaning.UNKNOWN, State.APPROVED, wrong.amount)
    assert why in Case.objects.get(ref=f"line:{line().pk}").detail["why"]
    assert broken() == []


def test_one_that_was_canceled_or_left_already_waits_for_a_person(finance: User, admin: User, payer: User) -> None:
    first(payer)
    canceled = cancel_drawing(approved(finance, admin, 1_000), by=finance)
    left = approved(finance, admin)
    lines = [Told(eur(-1_000), "B6", text=canceled.pk.hex), *[Told(eur(-4_000), "B7", text=left.pk.hex)] * 2]
    second(*lines, by=payer)
    meanings = [one.meaning for one in BankLine.objects.order_by("pk")[1:]]
    assert meanings == [Meaning.UNKNOWN, Meaning.DRAWN, Meaning.UNKNOWN]
    assert waits() == eur(-5_000)
    assert Journal.objects.filter(kind="drawing_taken").count() == 1
    assert broken() == []


def test_a_person_explains_a_line_that_names_none(finance: User, admin: User, payer: User) -> None:
    first(payer)
    drawing = approved(finance, admin)
    second(Told(eur(-4_000), "B7", text="Rent"), by=payer)
    assert line().meaning == Meaning.UNKNOWN
    for wrong in ("", "nothing", "0" * 32, str(make_user("x@example.com").pk)):
        with pytest.raises(PayoutRefused, match="No withdrawal of own income in EUR is"):
            explain_line(line(), by=payer, meaning="drawn", why="The rent.", reference=wrong)
    with pytest.raises(PayoutRefused, match="Who approved it does not confirm it"):
        explain_line(line(), by=admin, meaning="drawn", why="The rent.", reference=drawing.pk.hex)
    assert (line().meaning, balance(BANK)) == (Meaning.UNKNOWN, eur(5_900))
    explain_line(line(), by=payer, meaning="drawn", why="The rent.", reference=drawing.pk.hex)
    drawing.refresh_from_db()
    assert (line().meaning, drawing.state, drawing.bank_reference) == (Meaning.DRAWN, State.TAKEN, "B7")
    assert (balance(BANK), waits(), line().explained_by) == (eur(5_900), eur(0), payer)
    assert broken() == []


def test_a_line_in_other_money_is_not_it(finance: User, admin: User, payer: User) -> None:
    drawing = approved(finance, admin)
    upload(Told(Money(-4_000, "INR"), "B7", text=drawing.pk.hex), by=payer, opening=Money(9_000, "INR"))
    drawing.refresh_from_db()
    assert (line().meaning, drawing.state) == (Meaning.UNKNOWN, State.APPROVED)


def test_the_demos_bank_sends_what_was_approved_and_shows_what_was_recorded(
    finance: User, admin: User, payer: User
) -> None:
    first(payer)
    recorded = record_drawing(approved(finance, admin, 1_000), by=finance, bank_reference="SEPA 7")
    waiting = approve_drawing(propose_drawing(amount=eur(2_000), why="Rent", by=finance), by=admin)
    text = statement_of_open("EUR", IBAN, returned=[], at=AT)
    assert text is not None
    assert text.count("<Ntry>") == 2
    for drawing in (recorded, waiting):
        assert drawing.pk.hex in text
