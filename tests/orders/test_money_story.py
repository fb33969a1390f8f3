"""Alice says over HTTP where her money goes, changes her mind, and is paid."""

from __future__ import annotations

import pytest
from django.test import Client

from fx.money import Money
from fx.services import refresh_rates
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import work
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.models import Payout, PayoutMethod, PayoutPlan
from tests.conftest import logged_in
from tests.orders.world import make_shop
from tests.payments.test_admin import act, staff
from tests.payments.test_payouts import fund, payable

pytestmark = pytest.mark.django_db
WALLET = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
BANK = {
    "holder": "Alice",
    "town": "Jaipur",
    "home": "IN",
    "country": "IN",
    "account": "123456789012",
    "clearing_code": "SBIN0001234",
}
MONEY = Money(239_100, "INR")


@pytest.fixture
def desk(alice: User) -> Client:
    refresh_rates()
    make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    payable(alice, MONEY)
    return logged_in(alice)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_alice_changes_her_account_waits_72_hours_and_is_paid(desk: Client, finance: User, admin: User) -> None:
    page = text(desk.get("/sell/money/"))
    assert "Say where to pay it" in page
    assert "Saved. Payouts go there." in text(desk.post("/sell/money/method/add/bank/", BANK, follow=True))
    added = text(desk.post("/sell/money/method/add/bitcoin/", {"bitcoin-destination": WALLET}, follow=True))
    assert "The destination is new" in added
    assert WALLET in added
    changed = text(
        desk.post("/sell/money/method/add/bank/", BANK | {"account": "987654321098", "default": "on"}, follow=True)
    )
    assert "The destination is new" in changed
    assert PayoutMethod.objects.get(is_default=True).account == "987654321098"
    assert Letter.objects.filter(to="alice@example.com", subject__contains="new destination").count() == 3
    asked = text(desk.post("/sell/money/payout/", follow=True))
    assert "A payout of ₹2,391.00 is requested." in asked
    assert "Payouts to it wait until" in asked
    payout, office = Payout.objects.get(), staff(finance, "finance", logged_in)
    fund(MONEY)
    assert "The destination is new" in act(office, "payout", "approve", payout.pk)
    payout.refresh_from_db()
    assert payout.state == "requested"
    with shifted(hours=72, minutes=1):
        act(staff(finance, "finance", logged_in), "payout", "approve", payout.pk)
        act(staff(finance, "finance", logged_in), "payout", "make_file", payout.pk)
        other = staff(admin, "finance", logged_in)
        other.post(f"/admin/payments/payout/{payout.pk}/end/", {"outcome": "paid", "text": "SBIN 7"})
        page = text(logged_in(payout.seller).get("/sell/money/"))
    payout.refresh_from_db()
    assert (payout.state, payout.method.account) == ("paid", "987654321098")
    assert "Paid" in page
    assert balance(codes.payouts("INR")) == balance(codes.clearing("bank", "INR")) == Money(0, "INR")
    assert trial_balance() == {}


def test_alice_is_paid_in_bitcoin(desk: Client, alice: User, finance: User, admin: User) -> None:
    legs = [(codes.clearing("bitcoin", "BTC"), 10_000_000), (codes.fx("BTC"), -10_000_000)]
    post("coins", "fill", "", legs)
    desk.post("/sell/money/method/add/bitcoin/", {"bitcoin-destination": WALLET})
    desk.post("/sell/money/payout/")
    payout, office = Payout.objects.get(), staff(finance, "finance", logged_in)
    assert "Approved" in act(office, "payout", "approve", payout.pk)
    payout.refresh_from_db()
    sent = f"/admin/payments/payout/{payout.pk}/sent/"
    shown = text(office.get(sent))
    assert WALLET in shown
    assert f"{payout.sends.decimal:.8f}".rstrip("0") in shown
    assert "Noted" in text(office.post(sent, {"transaction_id": "ab" * 32}, follow=True))
    end = {"outcome": "paid", "text": "ab" * 32}
    staff(admin, "finance", logged_in).post(f"/admin/payments/payout/{payout.pk}/end/", end)
    payout.refresh_from_db()
    assert payout.state == "paid"
    assert trial_balance() == {}


def test_a_wrong_address_is_said_on_the_page_and_nothing_is_kept(desk: Client) -> None:
    answer = desk.post("/sell/money/method/add/bitcoin/", {"bitcoin-destination": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"})
    assert answer.status_code == 422
    assert "no address that these coins can be sent to" in text(answer)
    assert desk.post("/sell/money/method/add/gold/", {"destination": "x"}).status_code == 404
    assert PayoutMethod.objects.count() == 0


def test_alice_chooses_and_removes(desk: Client, alice: User, charlie: User) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    desk.post("/sell/money/method/add/bitcoin/", {"bitcoin-destination": WALLET})
    coin = PayoutMethod.objects.get(kind="bitcoin")
    assert logged_in(charlie).post(f"/sell/money/method/{coin.pk}/use/").status_code == 404
    assert logged_in(charlie).post(f"/sell/money/method/{coin.pk}/remove/").status_code == 404
    desk.post(f"/sell/money/method/{coin.pk}/use/")
    coin.refresh_from_db()
    assert coin.is_default
    assert "Removed" in text(desk.post(f"/sell/money/method/{coin.pk}/remove/", follow=True))
    assert PayoutMethod.objects.get(is_default=True).kind == "bank"


def test_alice_is_paid_every_monday_once_enough_is_there(desk: Client, alice: User) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    wrong = desk.post("/sell/money/plan/", {"every": "week", "threshold": "1e3"})
    assert (wrong.status_code, PayoutPlan.objects.count()) == (422, 0)
    assert "Saved." in text(desk.post("/sell/money/plan/", {"every": "week", "threshold": "2000"}, follow=True))
    assert "Next on" in text(desk.get("/sell/money/"))
    with shifted(days=7):
        work.ask_for_payouts()
    assert Payout.objects.get().amount == MONEY
