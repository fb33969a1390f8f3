"""Payouts by Stripe: an account of the seller's, a transfer to it, once, whatever happens on the way."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import work
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.machine import apply
from payments.models import Case, Operation, Payout, PayoutMethod, ReconItem
from payments.payouts import connect
from payments.payouts.freezing import freeze, lift
from payments.payouts.life import approve_payout, cancel_payout, mark_failed, mark_paid, request_payout, send_transfer
from payments.payouts.reach import reach
from payments.processors.base import Outcome, Update
from payments.processors.stripe_connect import reaches
from payments.reconciliation.run import reconcile
from tests.conftest import ClientFor, make_user
from tests.doubles import StripeDouble
from tests.orders.world import broken, make_shop
from tests.payments.test_admin import act, staff, text
from tests.payments.test_payouts import payable

pytestmark = pytest.mark.django_db
EUR = Money(5_000, "EUR")


@pytest.fixture
def far(stripe_double: StripeDouble, settings: Settings) -> StripeDouble:
    settings.PROCESSORS = {**settings.PROCESSORS, "stripe": {**stripe_double.config, "retries": 0}}
    return stripe_double


@pytest.fixture
def anna(db: None) -> User:
    """Sells from Vienna."""
    return make_user("anna@example.com", country="AT", currency="EUR")


def opened(seller: User) -> PayoutMethod:
    return connect.open_account(seller=seller, currency="EUR", country="AT", by=seller)


def ready(far: StripeDouble, seller: User) -> PayoutMethod:
    method = opened(seller)
    far.finish_account(method.destination)
    return connect.look(method.pk)


def at_stripe(amount: Money) -> None:
    """As if buyers had paid by card."""
    legs = [(codes.clearing("stripe", "EUR"), amount.amount), (codes.fx("EUR"), -amount.amount)]
    post(f"cards:{amount}", "fill", "", legs)


def approved(far: StripeDouble, seller: User, by: User, amount: Money = EUR) -> Payout:
    ready(far, seller)
    payable(seller, amount)
    at_stripe(amount)
    far.top_up(amount.amount)
    return approve_payout(request_payout(seller=seller, currency="EUR", by=seller), by=by)


def sent(far: StripeDouble, seller: User, finance: User, admin: User) -> Payout:
    return send_transfer(approved(far, seller, finance), by=admin)


def states(payout: Payout) -> tuple[str, str]:
    payout.refresh_from_db()
    return payout.state, Operation.objects.get(kind="payout").state


# --- where ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "country", "can"),
    [("DE", "AT", True), ("DE", "US", True), ("DE", "IN", False), ("", "DE", False), ("AU", "AU", False)],
)
def test_transfers_reach_some_countries_only(platform: str, country: str, can: bool) -> None:
    assert reaches(platform, country) is can


def test_the_seller_is_told_so_before_listing(far: StripeDouble) -> None:
    assert "stripe" in reach("AT", "EUR").ways
    assert "by bank transfer, by the card network" in reach("AT", "EUR").words
    assert "stripe" not in reach("IN", "INR").ways
    assert "stripe" not in reach("AT", "USD").ways


# --- the account ----------------------------------------------------------------------------------


def test_a_seller_opens_one_account_and_says_there_who_they_are(far: StripeDouble, anna: User) -> None:
    method = opened(anna)
    assert (method.kind, method.destination[:5], method.verified_at) == ("stripe", "acct_", None)
    assert opened(anna) == method
    assert connect.look(method.pk).verified_at is None
    assert connect.page(method, by=anna, back="http://testserver/sell/money/").startswith(far.url)
    far.finish_account(method.destination)
    work.look_at_payees()
    method.refresh_from_db()
    assert method.verified_at is not None
    assert connect.waiting() == []
    assert len(far.double.store.every("account")) == 1


def test_a_lost_answer_opens_no_second_account(far: StripeDouble, anna: User) -> None:
    far.fault("drop", path="/v2/core/accounts")
    with pytest.raises(PayoutRefused, match="does not answer just now"):
        opened(anna)
    assert PayoutMethod.objects.count() == 0
    method = opened(anna)
    [account] = far.double.store.every("account")
    assert method.destination == account["id"]


def test_nobody_else_opens_one_and_not_everywhere(far: StripeDouble, anna: User, alice: User, admin: User) -> None:
    with pytest.raises(PayoutRefused, match="Only sellers themselves"):
        connect.open_account(seller=anna, currency="EUR", country="AT", by=admin)
    with pytest.raises(PayoutRefused, match="Stripe cannot pay INR out to IN"):
        connect.open_account(seller=alice, currency="INR", country="IN", by=alice)
    with pytest.raises(PayoutRefused, match="no such destination"):
        connect.page(opened(anna), by=alice, back="http://testserver/")
    assert len(far.double.store.every("account")) == 1


def test_nothing_is_approved_before_the_account_is_ready(far: StripeDouble, anna: User, finance: User) -> None:
    opened(anna)
    payable(anna, EUR)
    at_stripe(EUR)
    payout = request_payout(seller=anna, currency="EUR", by=anna)
    with pytest.raises(PayoutRefused, match="not said yet at Stripe"):
        approve_payout(payout, by=finance)
    payout.refresh_from_db()
    assert (payout.state, payout.send_minor) == ("requested", None)


# --- the transfer ---------------------------------------------------------------------------------


def test_a_transfer_is_sent_by_a_second_person_and_pays(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = approved(far, anna, finance)
    for who in (finance, anna):
        with pytest.raises(PayoutRefused, match="Somebody else has to send it"):
            send_transfer(payout, by=who)
    assert far.transfers() == []
    send_transfer(payout, by=admin)
    work.drain_operations()
    assert states(payout) == ("paid", "done")
    [transfer] = far.transfers()
    assert (transfer["amount"], transfer["currency"], transfer["destination"]) == (
        5000,
        "eur",
        payout.method.destination,
    )
    assert (payout.bank_reference, payout.sent_by, payout.paid_by) == (transfer["id"], admin, None)
    assert balance(codes.payouts("EUR")) == balance(codes.clearing("stripe", "EUR")) == Money(0, "EUR")
    assert trial_balance() == {}
    assert [check for check in broken() if check in {"F09", "F10", "F12", "F13", "F14", "F15", "F30", "F32"}] == []


def test_the_webhook_of_a_transfer_says_nothing_new(far: StripeDouble, anna: User, finance: User, admin: User) -> None:
    payout = sent(far, anna, finance, admin)
    work.drain_operations()
    assert far.deliver(Client(), times=2) == [200, 200]
    work.drain_inbox()
    assert states(payout) == ("paid", "done")
    assert Case.objects.count() == 0


def test_a_webhook_that_is_faster_than_the_answer_pays_once(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers")
    work.drain_operations()
    assert states(payout) == ("sent", "unknown")
    far.deliver(Client())
    work.drain_inbox()
    assert states(payout) == ("paid", "unknown")
    with shifted(minutes=1):
        work.drain_operations()
    assert states(payout) == ("paid", "done")
    assert len(far.transfers()) == 1
    assert trial_balance() == {}


@pytest.mark.parametrize("fault", ["drop", "half", "error_after", "error", "rate_limit"])
def test_whatever_happens_on_the_way_it_is_sent_once(
    far: StripeDouble, anna: User, finance: User, admin: User, fault: str
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault(fault, path="/v1/transfers")
    work.drain_operations()
    payout.refresh_from_db()
    assert payout.state == "sent"
    hours = 25 if fault == "error" else 0  # Stripe saved its error under the key for a day
    for minutes in (1, 3, 6, 60 * hours + 10):
        with shifted(minutes=minutes):
            work.drain_operations()
    assert len(far.transfers()) <= 1
    if fault == "error":
        assert states(payout) == ("sent", "dead")
        assert Case.objects.get().kind == Case.Kind.DEAD
    else:
        assert states(payout) == ("paid", "done")
        assert len(far.transfers()) == 1
    assert trial_balance() == {}


def test_a_person_ends_what_stripe_could_not_be_asked_about(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    with pytest.raises(PayoutRefused, match="still asked about it"):
        mark_failed(payout, by=admin, problem="x")
    with pytest.raises(PayoutRefused, match="still asked about it"):
        mark_paid(payout, by=admin, bank_reference="x")
    Operation.objects.filter(kind="payout").update(state="dead")
    mark_failed(payout, by=admin, problem="Stripe has no trace of it")
    assert balance(codes.seller(anna.pk, "EUR")) == EUR


def test_a_balance_that_is_too_small_fails_it_and_the_seller_is_owed_again(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    ready(far, anna)
    payable(anna, EUR)
    at_stripe(EUR)
    far.top_up(4_999)
    payout = approve_payout(request_payout(seller=anna, currency="EUR", by=anna), by=finance)
    send_transfer(payout, by=admin)
    work.drain_operations()
    assert states(payout) == ("failed", "failed")
    assert "insufficient available funds" in payout.problem
    assert far.transfers() == []
    assert balance(codes.seller(anna.pk, "EUR")) == EUR
    assert balance(codes.clearing("stripe", "EUR")) == EUR
    assert Letter.objects.filter(key__contains=":failed:0", to="anna@example.com").count() == 1
    work.look_at_payees()
    again = approve_payout(request_payout(seller=anna, currency="EUR", by=anna), by=finance)
    far.top_up(1)
    send_transfer(again, by=admin)
    work.drain_operations()
    again.refresh_from_db()
    assert (again.state, len(far.transfers())) == ("paid", 1)


def test_an_account_that_stripe_closed_again_is_refused(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    far.finish_account(payout.method.destination, ready=False)
    work.drain_operations()
    assert states(payout) == ("failed", "failed")
    payout.method.refresh_from_db()
    assert payout.method.verified_at is None
    assert far.transfers() == []


def test_a_transfer_that_is_taken_back_is_payable_again(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    work.drain_operations()
    payout.refresh_from_db()
    far.reverse_transfer(payout.bank_reference)
    assert set(far.deliver(Client(), times=2)) == {200}
    work.drain_inbox()
    assert states(payout) == ("failed", "done")
    assert payout.problem == "The transfer was taken back."
    assert balance(codes.seller(anna.pk, "EUR")) == balance(codes.clearing("stripe", "EUR")) == EUR
    assert Letter.objects.filter(key__contains=":failed:0").count() == 1
    assert Case.objects.count() == 0
    assert trial_balance() == {}
    assert [check for check in broken() if check in {"F09", "F10", "F12", "F13", "F14", "F15"}] == []


def test_a_part_that_is_taken_back_is_a_case(far: StripeDouble, anna: User, finance: User, admin: User) -> None:
    payout = sent(far, anna, finance, admin)
    work.drain_operations()
    payout.refresh_from_db()
    part = Update("payout", payout.bank_reference, Outcome.REVERSED, Money(4_000, "EUR"), key=payout.key)
    for _ in range(2):
        apply(part, processor="stripe")
    case = Case.objects.get()
    assert (case.kind, case.ref) == ("reversed", payout.bank_reference)
    assert case.detail == {"payout": str(payout.pk), "left": "40.00 EUR"}
    assert states(payout) == ("paid", "done")


def test_a_transfer_whose_news_were_lost_is_found_by_the_reconciliation(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers")
    work.drain_operations()
    assert states(payout) == ("sent", "unknown")
    run = reconcile("stripe")
    assert (run.healed, states(payout)[0]) == (1, "paid")
    assert not ReconItem.objects.filter(ref=payout.bank_reference).exists()


def test_while_payouts_are_frozen_nothing_is_transferred(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = approved(far, anna, finance)
    freeze(reason="Look")
    with pytest.raises(PayoutRefused, match="frozen"):
        send_transfer(payout, by=admin)
    lift(by=admin, why="Looked")
    send_transfer(payout, by=admin)
    freeze(reason="Look again")
    work.drain_operations()
    assert states(payout) == ("sent", "ready")
    assert far.transfers() == []
    lift(by=admin, why="Looked")
    with shifted(minutes=2):
        work.drain_operations()
    assert states(payout) == ("paid", "done")


def test_what_is_asked_for_is_not_canceled(far: StripeDouble, anna: User, finance: User, admin: User) -> None:
    payout = sent(far, anna, finance, admin)
    with pytest.raises(PayoutRefused, match="is Sent"):
        cancel_payout(payout, by=anna)


# --- in the browser -------------------------------------------------------------------------------


def test_anna_is_paid_through_stripe(
    far: StripeDouble, anna: User, finance: User, admin: User, client_for: ClientFor
) -> None:
    make_shop(anna, "Wien", "AT", "Wien", "EUR", "5")
    browser = client_for(anna)
    assert "Be paid through Stripe" in text(browser.get("/sell/money/"))
    page = text(browser.post("/sell/money/method/open-account/", follow=True))
    assert "Your account at Stripe is open" in page
    method = PayoutMethod.objects.get()
    there = browser.get(f"/sell/money/method/{method.pk}/account/")
    assert there["Location"] == f"{far.url}/connect/{method.destination}"
    look = f"/sell/money/method/{method.pk}/look/"
    assert "still wants to know more" in text(browser.post(look, follow=True))
    far.finish_account(method.destination)
    assert "Stripe can pay you." in text(browser.post(look, follow=True))
    payable(anna, EUR)
    at_stripe(EUR)
    far.top_up(EUR.amount)
    browser.post("/sell/money/payout/")
    payout = Payout.objects.get()
    assert "Approved" in act(staff(finance, "finance", client_for), "payout", "approve", payout.pk)
    assert "It is on its way" in act(staff(admin, "finance", client_for), "payout", "transfer", payout.pk)
    work.drain_operations()
    assert states(payout) == ("paid", "done")
