"""The operator takes out own income: by two people, never more than was earned, never what is owed to anybody."""

from __future__ import annotations

from functools import partial
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client

from fx.money import Money
from fx.services import refresh_rates
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.models import User
from payments.drawings import approve_drawing, cancel_drawing, propose_drawing, record_drawing, room
from payments.errors import PayoutRefused
from payments.ledger import codes, quiet
from payments.ledger.balances import balance
from payments.ledger.posting import Leg, post
from payments.models import Drawing, Journal
from payments.payouts.freezing import freeze
from payments.treasury import available
from tests.conftest import ClientFor, make_user
from tests.orders.racing import race, waiting
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


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_loss_that_is_half_written_is_waited_for(finance: User, admin: User, stays: bool) -> None:
    """Its journal has the lower number, so Y03 would find it missing from what was earned until the withdrawal."""
    earn(10_000)
    drawing = proposed(finance, 10_000)
    written = Event()

    def lose() -> None:
        with transaction.atomic():
            book("lost", (codes.expense("loss", "EUR"), 3_000), (codes.seller(1, "EUR"), -3_000))
            written.set()
            until_one_waits()
            transaction.set_rollback(not stays)

    def approve() -> bool:
        assert written.wait(30)
        return approves(drawing, admin)

    assert race([lose, approve]) == [None, not stays]
    assert balance(codes.drawings("EUR")) == eur(0 if stays else 10_000)
    assert [result.check.id for result in run(checks()) if result.count] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bank_first", [True, False])
def test_whoever_locks_the_bank_before_or_after_posting_is_not_in_its_way(
    finance: User, admin: User, bank_first: bool
) -> None:
    """Approvals of payouts lock the bank and then post; a settlement posts and then needs the bank."""
    earn(10_000)
    drawing = proposed(finance, 6_000)
    begun = Event()

    def other() -> None:
        with transaction.atomic():
            if bank_first:
                assert available("EUR") == eur(10_000)
            else:
                book("not the bank", (codes.clearing("stripe", "EUR"), 500), (codes.hold("A1", "EUR"), -500))
            begun.set()
            until_one_waits()
            book("the bank", (BANK, 700), (codes.clearing("stripe", "EUR"), -700))

    def approve() -> bool:
        assert begun.wait(30)
        return approves(drawing, admin)

    assert race([other, approve]) == [None, True]
    assert (balance(BANK), balance(codes.drawings("EUR"))) == (eur(10_700), eur(6_000))


@pytest.mark.django_db(transaction=True)
def test_books_that_are_never_quiet_refuse_it_and_nothing_moves(
    finance: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "PATIENCE", 0.5)
    earn(10_000)
    drawing = proposed(finance)
    writing, done = Event(), Event()

    def write_on() -> None:
        with transaction.atomic():
            book("slow", (codes.clearing("stripe", "EUR"), 500), (codes.hold("A1", "EUR"), -500))
            writing.set()
            assert done.wait(30)

    def approve() -> bool:
        assert writing.wait(30)
        try:
            with pytest.raises(OperationalError, match="lock timeout"):
                approve_drawing(drawing, by=admin)
        finally:
            done.set()
        return Drawing.objects.get().state == State.PROPOSED

    assert race([write_on, approve]) == [None, True]
    assert balance(codes.drawings("EUR")) == eur(0)


def until_one_waits() -> None:
    """For at most two seconds: somebody who does not wait is what is looked for."""
    end = monotonic() + 2
    while not waiting() and monotonic() < end:
        sleep(0.005)


@pytest.mark.django_db(transaction=True)
def test_income_of_two_currencies_makes_one_loss_good_once(finance: User, admin: User) -> None:
    """EUR 100.00 and USD 100.00 (EUR 89.51) were earned, INR 10,608.40 (EUR 100.00) lost."""
    earn(10_000)
    book("dollars", (codes.clearing("bank", "USD"), 10_000), (codes.income("commission", "USD"), -10_000))
    book("lost", (codes.expense("loss", "INR"), 1_060_840), (codes.fx("INR"), -1_060_840))
    for turn in range(5):
        drawings = [proposed(finance, 8_000), propose_drawing(amount=Money(8_000, "USD"), why="Rent", by=finance)]
        assert sum(race([partial(approves, drawing, admin) for drawing in drawings])) == 1, turn
        for drawing in Drawing.objects.exclude(state=State.CANCELED):
            cancel_drawing(drawing, by=admin)


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


def test_the_page_says_what_there_is_to_take_out_and_asks_for_nothing_that_cannot_be_yet(
    finance: User, client_for: ClientFor
) -> None:
    one = staff(finance, "finance", client_for)
    assert "nothing is earned yet" in one.get(f"{LIST}add/").content.decode()
    earn(10_000)
    book("owed", (BANK, 500), (codes.tax("IOSS", "DE", "EUR"), -500))
    page = one.get(f"{LIST}add/").content.decode().replace("\xa0", " ")
    assert "€100.00 can be taken out: €100.00 earned, €100.00 beyond what is owed, €105.00 at the bank" in page
    page = one.get(f"{LIST}{proposed(finance).pk}/decide/").content.decode()
    assert 'name="bank_reference"' not in page
    assert "What to write on the transfer" not in page


def decide(client: Client, page: str, decision: str) -> str:
    return client.post(page, {"decision": decision}, follow=True).content.decode()
