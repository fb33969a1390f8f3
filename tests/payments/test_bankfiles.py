"""A file for the bank: made once, each payout in exactly one, taken by a person, never made again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from fx.money import Money
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import BankFile, Journal, Payout
from payments.payouts.bankfiles import make_bank_file, take_bank_file
from payments.payouts.freezing import freeze, lift
from payments.payouts.life import mark_failed, mark_paid
from tests.conftest import ClientFor
from tests.payments.test_admin import staff, text
from tests.payments.test_ledger import in_threads
from tests.payments.test_payouts import approved

pytestmark = pytest.mark.django_db
INR = Money(1_000, "INR")


def made(seller: User, by: User) -> BankFile:
    return make_bank_file([approved(seller, by, INR)], by=by)


def test_it_is_taken_again_as_it_was_and_says_by_whom_first(alice: User, finance: User, admin: User) -> None:
    file = made(alice, finance)
    first = take_bank_file(file, by=finance)
    again = take_bank_file(file, by=admin)
    assert (first.xml, again.xml, BankFile.objects.count()) == (file.xml, file.xml, 1)
    assert (again.taken_by, again.taken_at) == (finance, first.taken_at)


def test_it_is_not_taken_any_more_once_a_payout_in_it_is_payable_again(
    alice: User, charlie: User, finance: User, admin: User
) -> None:
    """The upload seemed lost, one person said that it came back: a late upload would pay twice."""
    both = [approved(alice, finance, INR), approved(charlie, finance, Money(5, "INR"))]
    file = make_bank_file(both, by=finance)
    mark_paid(both[0], by=admin, bank_reference="B1")
    take_bank_file(file, by=finance)
    mark_failed(both[1], by=admin, problem="never uploaded")
    with pytest.raises(PayoutRefused, match=f"{both[1].pk} in this file came back and is payable again"):
        take_bank_file(file, by=finance)


def test_it_is_not_taken_while_payouts_are_frozen(alice: User, finance: User, admin: User) -> None:
    file = made(alice, finance)
    freeze(reason="Look")
    with pytest.raises(PayoutRefused, match="frozen"):
        take_bank_file(file, by=finance)
    file.refresh_from_db()
    assert file.taken_at is None
    lift(by=admin, why="Looked")
    assert take_bank_file(file, by=finance).taken_by == finance


def test_it_is_not_made_when_the_account_has_less_by_now(alice: User, finance: User) -> None:
    payout = approved(alice, finance, INR)
    fee = [(codes.clearing("bank", "INR"), -1), (codes.expense("bank", "INR"), 1)]
    post("fee", "test", "", fee)
    with pytest.raises(PayoutRefused, match="less INR than was approved"):
        make_bank_file([payout], by=finance)
    payout.refresh_from_db()
    assert (payout.state, BankFile.objects.count()) == ("approved", 0)


def test_nobody_makes_a_second_file_of_what_is_sent(alice: User, finance: User) -> None:
    payout = approved(alice, finance, INR)
    make_bank_file([payout], by=finance)
    before = Journal.objects.count()
    with pytest.raises(PayoutRefused, match="is Sent; it cannot become Sent"):
        make_bank_file([payout], by=finance)
    assert (BankFile.objects.count(), Journal.objects.count()) == (1, before)


def test_a_person_downloads_it_over_http_and_every_time_is_on_record(
    alice: User, finance: User, admin: User, client_for: ClientFor
) -> None:
    file = made(alice, finance)
    desk, page = staff(finance, "finance", client_for), reverse("admin:payments_bankfile_download", args=[file.pk])
    for _time in range(2):
        answer = desk.get(page)
        assert (text(answer), answer["Content-Type"]) == (file.xml, "application/xml")
    assert LogEntry.objects.filter(object_id=str(file.pk), change_message__contains="Downloaded").count() == 2
    shown = text(desk.get("/admin/payments/bankfile/"))
    assert "The bank takes a file with this id once" in shown
    mark_failed(Payout.objects.get(), by=admin, problem="never uploaded")
    refused = desk.get(page, follow=True)
    assert "The bank must not get the file any more." in text(refused)
    assert file.message_id in text(refused)
    assert LogEntry.objects.filter(object_id=str(file.pk), change_message__contains="Downloaded").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_of_two_officers_who_make_a_file_at_once_one_does(
    alice: User, charlie: User, finance: User, admin: User, turn: int
) -> None:
    first, second = approved(alice, finance, INR), approved(charlie, finance, Money(5, "INR"))
    chosen = [[first, second], [second, first]]
    by = [finance, admin]

    def make(index: int) -> None:
        make_bank_file(chosen[index], by=by[index])

    assert [type(error) for error in in_threads(2, make)] == [PayoutRefused]
    file = BankFile.objects.get()
    assert (file.xml.count(first.pk.hex), file.xml.count(second.pk.hex)) == (2, 2)  # as instruction and end to end
    assert set(file.payouts.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_taken_while_its_payout_comes_back_is_one_or_the_other(
    alice: User, finance: User, admin: User
) -> None:
    payout = approved(alice, finance, INR)
    file = make_bank_file([payout], by=finance)
    verbs: list[Callable[[], object]] = [
        lambda: take_bank_file(file, by=finance),
        lambda: mark_failed(payout, by=admin, problem="lost"),
    ]

    def do(index: int) -> None:
        verbs[index]()

    errors = in_threads(2, do)
    file.refresh_from_db()
    assert [type(error) for error in errors] in ([], [PayoutRefused])
    assert balance(codes.seller(alice.pk, "INR")) == INR
    with pytest.raises(PayoutRefused, match="came back"):
        take_bank_file(file, by=finance)
