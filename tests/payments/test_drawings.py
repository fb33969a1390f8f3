"""The operator takes out own income: by two people, never more than was earned, never what is owed to anybody."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError
from django.test import Client

from fx.money import Money
from fx.services import refresh_rates
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.models import User
from payments.drawings import approve_drawing, cancel_drawing, propose_drawing, record_drawing, room
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import Leg, post
from payments.models import Drawing, Journal
from payments.payouts.freezing import freeze
from payments.treasury import available
from tests.conftest import ClientFor, make_user
from tests.orders.racing import race
from tests.payments.test_admin import staff

pytestmark = pytest.mark.django_db
BANK, EARNED = codes.clearing("bank", "EUR"), codes.income("commission", "EUR")
State = Drawing.State
LIST = "/admin/payments/drawing/"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def book(key: str, *legs: Leg) -> None:
    post(f"test:{key}", "test", "", legs)


def earn(minor: int) -> None:
    """Commission whose money is at the bank."""
    book(f"earned:{minor}", (BANK, minor), (EARNED, -minor))


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    refresh_rates()


def proposed(by: User, minor: int = 4_000) -> Drawing:
    return propose_drawing(amount=eur(minor), why="Rent", by=by)


def test_one_proposes_another_approves_and_the_first_confirms(finance: User, admin: User) -> None:
    earn(10_000)
    drawing = approve_drawing(proposed(finance), by=admin)
    assert (room("EUR").most, available("EUR"), balance(BANK)) == (eur(6_000), eur(6_000), eur(10_000))
    drawing = record_drawing(drawing, by=finance, bank_reference=" SEPA 7 ")
    assert (drawing.state, drawing.bank_reference, drawing.ended_by) == (State.TAKEN, "SEPA 7", finance)
    assert (room("EUR").most, available("EUR"), balance(BANK)) == (eur(6_000), eur(6_000), eur(6_000))
    assert balance(codes.drawings("EUR")) == eur(0)
    assert balance(EARNED) == eur(10_000)  # what was earned stays what was earned
    assert [result.check.id for result in run(checks()) if result.count] == []


def test_nobody_approves_or_confirms_for_themselves(finance: User, admin: User) -> None:
    earn(10_000)
    drawing = proposed(finance)
    with pytest.raises(PayoutRefused, match="Who proposed it does not approve it"):
        approve_drawing(drawing, by=finance)
    drawing = approve_drawing(drawing, by=admin)
    with pytest.raises(PayoutRefused, match="Who approved it does not confirm it"):
        record_drawing(drawing, by=admin, bank_reference="SEPA 7")
    assert Drawing.objects.get().state == State.APPROVED
    assert Journal.objects.filter(kind__startswith="drawing").count() == 1
    with pytest.raises(IntegrityError):
        Drawing.objects.update(approved_by=finance)


@pytest.mark.parametrize(
    ("legs", "most"),
    [
        ([], 10_000),
        ([(codes.expense("loss", "EUR"), 2_500), (BANK, -2_500)], 7_500),  # a loss
        ([(BANK, 9_000), (codes.hold("ORDER-1", "EUR"), -9_000)], 10_000),  # held money is not ours
        ([(BANK, 9_000), (codes.tax("IOSS", "DE", "EUR"), -9_000)], 10_000),
        ([(EARNED, 3_000), (codes.tax("commission", "DE", "EUR"), -3_000)], 7_000),  # the tax inside is not ours
        ([(codes.clearing("stripe", "EUR"), 6_000), (BANK, -6_000)], 4_000),  # most of it is not at the bank yet
        ([(codes.fx("EUR"), 8_000), (codes.seller(1, "EUR"), -8_000)], 2_000),  # owed, and still to be bought
        ([(codes.expense("loss", "USD"), 5_000), (codes.fx("USD"), -5_000)], 5_524),  # a loss of fifty dollars
        ([(codes.fx("USD"), 5_000), (codes.seller(1, "USD"), -5_000)], 5_524),  # dollars that are owed and not there
        ([(codes.clearing("bank", "USD"), 5_000), (codes.income("bank", "USD"), -5_000)], 10_000),  # no help here
    ],
)
def test_there_is_room_for_what_was_earned_and_nobody_is_owed(finance: User, legs: list[Leg], most: int) -> None:
    earn(10_000)
    if legs:
        book("besides", *legs)
    assert room("EUR").most == eur(most)
    before = Journal.objects.count()
    with pytest.raises(PayoutRefused, match="can be taken out"):
        proposed(finance, most + 1)
    assert (Drawing.objects.count(), Journal.objects.count()) == (0, before)
    assert proposed(finance, most).state == State.PROPOSED


def test_what_does_not_fit_any_more_is_not_approved(finance: User, admin: User) -> None:
    earn(10_000)
    first, second = proposed(finance, 7_000), proposed(finance, 7_000)
    approve_drawing(first, by=admin)
    with pytest.raises(PayoutRefused, match=r"At most 30\.00 EUR can be taken out"):
        approve_drawing(second, by=admin)
    assert balance(codes.drawings("EUR")) == eur(7_000)


def test_a_canceled_one_is_income_again(finance: User, admin: User) -> None:
    earn(10_000)
    drawing = cancel_drawing(approve_drawing(proposed(finance), by=admin), by=finance)
    assert (room("EUR").most, available("EUR")) == (eur(10_000), eur(10_000))
    with pytest.raises(PayoutRefused, match="is Canceled"):
        record_drawing(drawing, by=finance, bank_reference="SEPA 7")
    for act in (approve_drawing, cancel_drawing):
        with pytest.raises(PayoutRefused, match="is Canceled"):
            act(drawing, by=admin)


def test_what_is_no_withdrawal_is_refused(finance: User, admin: User, bob: User) -> None:
    earn(10_000)
    for wrong, by in ((eur(0), finance), (eur(-5), finance), (Money(5, "USD"), finance), (eur(5), bob)):
        with pytest.raises(PayoutRefused):
            propose_drawing(amount=wrong, why="Rent", by=by)
    with pytest.raises(PayoutRefused, match="Say why"):
        propose_drawing(amount=eur(5), why=" ", by=finance)
    drawing = proposed(finance)
    freeze(reason="Something is wrong.")
    with pytest.raises(PayoutRefused):
        approve_drawing(drawing, by=admin)
    assert not Journal.objects.filter(kind="drawing").exists()


def test_a_reference_is_one_withdrawals(finance: User, admin: User) -> None:
    earn(10_000)
    first, second = (approve_drawing(proposed(finance, 1_000), by=admin) for _n in range(2))
    record_drawing(first, by=finance, bank_reference="SEPA 7")
    with pytest.raises(PayoutRefused, match="another withdrawal"):
        record_drawing(second, by=finance, bank_reference="SEPA 7")
    assert balance(BANK) == eur(9_000)


def approves(drawing: Drawing, by: User) -> bool:
    try:
        approve_drawing(drawing, by=by)
    except PayoutRefused:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_is_refused(finance: User, admin: User) -> None:
    earn(10_000)
    others = [make_user(f"officer-{n}@example.com", staff=True) for n in range(4)]
    drawings = [proposed(finance, 6_000) for _n in range(4)]

    verbs = [partial(approves, drawing, by) for drawing, by in zip(drawings, others, strict=True)]
    assert sum(race(verbs, at_once=4)) == 1
    assert balance(codes.drawings("EUR")) == eur(6_000)


@pytest.mark.django_db(transaction=True)
def test_one_that_two_approve_at_once_is_booked_once(finance: User) -> None:
    earn(10_000)
    drawing = proposed(finance)
    others = [make_user(f"officer-{n}@example.com", staff=True) for n in range(2)]

    assert sum(race([partial(approves, drawing, by) for by in others], at_once=2)) == 1
    assert balance(codes.drawings("EUR")) == eur(4_000)


def test_two_of_finance_let_it_go_in_the_admin(finance: User, moderator: User, client_for: ClientFor) -> None:
    earn(10_000)
    one, other = staff(finance, "finance", client_for), staff(moderator, "finance", client_for)
    too_much = {"amount_0": "100.01", "amount_1": "EUR", "why": "Rent"}
    assert "At most" in one.post(f"{LIST}add/", too_much, follow=True).content.decode()
    assert not Drawing.objects.exists()
    one.post(f"{LIST}add/", too_much | {"amount_0": "40.00"})
    drawing = Drawing.objects.get()
    page = f"{LIST}{drawing.pk}/decide/"
    assert "Who proposed it does not approve it" in decide(one, page, "approve")
    decide(other, page, "approve")
    assert "The bank has sent it" in one.get(page).content.decode()
    assert one.post(page, {"decision": "taken"}).status_code == 200
    one.post(page, {"decision": "taken", "bank_reference": "SEPA 7"})
    drawing.refresh_from_db()
    assert (drawing.state, drawing.approved_by, drawing.ended_by) == (State.TAKEN, moderator, finance)
    assert "SEPA 7" in one.get(LIST).content.decode()


def decide(client: Client, page: str, decision: str) -> str:
    return client.post(page, {"decision": decision}, follow=True).content.decode()
