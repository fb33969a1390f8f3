"""A COMMIT of a payout's step that was done and never confirmed: whoever does it again moves the money once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import close_old_connections

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import BankFile, Journal, Operation, Payout
from payments.payouts.bankfiles import make_bank_file
from payments.payouts.life import approve_payout, mark_failed, mark_paid, request_payout, send_transfer
from tests.chaos.proxy import Proxy
from tests.chaos.test_commit_unknown import again
from tests.chaos.test_commit_unknown import proxy as proxy
from tests.doubles import StripeDouble
from tests.payments.test_connect import anna as anna
from tests.payments.test_connect import approved
from tests.payments.test_connect import far as far
from tests.payments.test_payouts import fund, method, payable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
INR = Money(1_000, "INR")
STEPS = ("request", "approve", "file", "paid", "failed")


def strike(proxy: Proxy, do: Callable[[], object]) -> None:
    """Do it while the first COMMIT from now on is lost, and again. The second time it is done already."""
    proxy.seen, proxy.fatal = 0, 1
    with pytest.raises(PayoutRefused):
        again(do)
    assert proxy.has_struck
    proxy.fatal = 0
    close_old_connections()


@pytest.mark.parametrize("lost", STEPS)
def test_a_step_whose_commit_was_lost_is_done_once(
    proxy: Proxy, alice: User, finance: User, admin: User, lost: str
) -> None:
    method(alice)
    payable(alice, INR)
    fund(INR)
    ends = {
        "paid": lambda: mark_paid(Payout.objects.get(), by=admin, bank_reference="B1"),
        "failed": lambda: mark_failed(Payout.objects.get(), by=admin, problem="closed"),
    }
    verbs: dict[str, Callable[[], object]] = {
        "request": lambda: request_payout(seller=alice, currency="INR", by=alice),
        "approve": lambda: approve_payout(Payout.objects.get(), by=finance),
        "file": lambda: make_bank_file([Payout.objects.get()], by=finance),
        **({lost: ends[lost]} if lost in ends else {"paid": ends["paid"]}),
    }
    for name, do in verbs.items():
        if name == lost:
            strike(proxy, do)
        else:
            do()
    state = "failed" if lost == "failed" else "paid"
    assert Payout.objects.get().state == state
    assert BankFile.objects.get().xml.count("<CdtTrfTxInf>") == 1
    assert Journal.objects.filter(key__startswith="payout:").count() == 2
    assert balance(codes.payouts("INR")) == Money(0, "INR")
    assert balance(codes.seller(alice.pk, "INR")) == (INR if state == "failed" else Money(0, "INR"))
    assert trial_balance() == {}


@pytest.mark.parametrize("fatal", [1, 2])  # claim the call, store its answer
def test_a_transfer_whose_commit_was_lost_leaves_once(
    proxy: Proxy, far: StripeDouble, anna: User, finance: User, admin: User, fatal: int
) -> None:
    payout = approved(far, anna, finance)
    send_transfer(payout, by=admin)
    proxy.seen, proxy.fatal = 0, fatal
    again(work.drain_operations)
    assert proxy.has_struck
    proxy.fatal = 0
    close_old_connections()
    for minutes in (5, 10):
        with shifted(minutes=minutes):
            work.drain_operations()
    payout.refresh_from_db()
    assert (payout.state, Operation.objects.get(kind="payout").state, len(far.transfers())) == ("paid", "done", 1)
    assert Journal.objects.filter(kind="payout_paid").count() == 1
    assert trial_balance() == {}


def test_asking_stripe_to_send_it_is_one_intent_however_often_it_is_asked(
    proxy: Proxy, far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = approved(far, anna, finance)
    strike(proxy, lambda: send_transfer(payout, by=admin))
    assert Operation.objects.filter(kind="payout").count() == 1
    work.drain_operations()
    payout.refresh_from_db()
    assert (payout.state, len(far.transfers())) == ("paid", 1)
