"""A process dies while sellers are paid, or while staff tell the site what the bank did. Nobody is paid twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from payments.bankin.demo import Told, statement
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import BankFile, BankMessage, Payout, PayoutMethod, ReconRun, StatementLine
from payments.payouts.life import approve_payout, request_payout
from payments.reconciliation.run import reconcile
from tests.chaos.test_deaths import dies_in
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.payments.test_admin import act, staff
from tests.payments.test_bank_story import upload
from tests.payments.test_bankin import AT, IBAN, eur
from tests.payments.test_connect import anna as anna
from tests.payments.test_connect import far as far
from tests.payments.test_connect import opened, sent
from tests.payments.test_payouts import GERMAN, fund, method, payable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]


@pytest.mark.parametrize("point", ["operation claimed", "operation answered", "operation stored"])
def test_a_death_around_a_transfer_leaves_one_transfer(
    far: StripeDouble, anna: User, finance: User, admin: User, point: str
) -> None:
    payout = sent(far, anna, finance, admin)
    dies_in(work.drain_operations, point, "payout")
    with shifted(minutes=5):  # by then what a dead process holds is free
        work.drain_operations()
    payout.refresh_from_db()
    assert payout.state == Payout.State.PAID
    assert [transfer["amount"] for transfer in far.transfers()] == [payout.amount_minor]
    assert balance(codes.payouts("EUR")) == eur(0)


def test_a_seller_whose_answer_was_lost_has_one_account(far: StripeDouble, anna: User) -> None:
    dies_in(lambda: opened(anna), "payee opened")
    assert PayoutMethod.objects.count() == 0
    [account] = far.double.store.every("account")
    assert opened(anna).destination == account["id"]
    assert len(far.double.store.every("account")) == 1


def test_a_file_that_nobody_has_yet_can_be_fetched_and_is_not_made_twice(
    alice: User, finance: User, client_for: ClientFor
) -> None:
    fund(eur(5_000))
    method(alice, "EUR", **GERMAN)
    payable(alice, eur(5_000))
    payout = request_payout(seller=alice, currency="EUR", by=alice)
    approve_payout(payout, by=finance)
    desk = staff(finance, "finance", client_for)
    dies_in(lambda: act(desk, "payout", "make_file", payout.pk), "bank file made")
    assert "cannot become" in act(desk, "payout", "make_file", payout.pk)
    file = BankFile.objects.get()
    payout.refresh_from_db()
    assert (payout.state, payout.file) == (Payout.State.SENT, file)
    assert payout.pk.hex in desk.get(f"/admin/payments/bankfile/{file.pk}/download/").content.decode()


def test_a_statement_whose_upload_was_not_answered_is_used_once(admin: User, client_for: ClientFor) -> None:
    desk = client_for(admin)
    file = statement(IBAN, eur(0), [Told(eur(700), "B1", name="Somebody")], at=AT, number="1")
    dies_in(lambda: upload(desk, file), "statement used")
    assert "It was used before." in upload(desk, file)
    assert BankMessage.objects.count() == 1
    assert balance(codes.clearing("bank", "EUR")) == eur(700)


@pytest.mark.parametrize("lose", [work.reconcile, lambda: reconcile("stripe")], ids=["by night", "on demand"])
def test_a_reconciliation_that_read_and_died_is_made_again(far: StripeDouble, lose: Callable[[], object]) -> None:
    far.top_up(500)
    dies_in(lose, "statement read")
    assert (StatementLine.objects.count(), ReconRun.objects.count()) == (1, 0)
    work.reconcile()
    assert (StatementLine.objects.count(), ReconRun.objects.get().processor) == (1, "stripe")
