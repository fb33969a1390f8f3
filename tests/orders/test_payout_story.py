"""Point by point over HTTP: where a seller's money goes, when, what becomes of it, and what somebody else cannot do."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from fx.money import Money
from fx.services import refresh_rates
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import work
from payments.bankin.demo import Told, statement
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.models import BankFile, Case, Journal, Payout, PayoutMethod
from tests.api.caller import Caller, by_token
from tests.conftest import logged_in, make_user
from tests.doubles import StripeDouble
from tests.orders.test_leaving import fresh
from tests.orders.test_money_story import BANK, MONEY, WALLET, text
from tests.orders.test_money_story import desk as desk
from tests.orders.world import broken, make_shop
from tests.payments.test_admin import act, staff
from tests.payments.test_bankin import AT, IBAN, report
from tests.payments.test_payouts import GERMAN, fund, payable

pytestmark = pytest.mark.django_db
DESK = "/sell/money/"
FAILS = {"F09", "F10", "F12", "F13", "F14", "F15", "F30", "F31", "F32", "F33", "F35", "F36"}


@pytest.fixture
def offices(finance: User, admin: User) -> tuple[Client, Client]:
    """Who approves, and who confirms."""
    return staff(finance, "finance", logged_in), staff(admin, "finance", logged_in)


def told(office: Client, body: bytes | str) -> str:
    """What the page says after a file of the bank."""
    content = body.encode() if isinstance(body, str) else body
    page = office.post("/admin/payments/bankmessage/add/", {"file": SimpleUploadedFile("x.xml", content)}, follow=True)
    return text(page)


def sent(office: Client, payout: Payout) -> BankFile:
    assert "Approved" in act(office, "payout", "approve", payout.pk)
    assert "Made a bank file" in act(office, "payout", "make_file", payout.pk)
    payout.refresh_from_db()
    assert payout.file is not None
    assert text(office.get(f"/admin/payments/bankfile/{payout.file.pk}/download/")) == payout.file.xml
    return payout.file


def in_inr(seller: User) -> Money:
    return balance(codes.seller(seller.pk, "INR"))


# --- several methods at once, schedule, threshold, minimum ----------------------------------------------


def test_one_seller_is_paid_by_bank_and_in_coin_and_by_stripe(
    stripe_double: StripeDouble, finance: User, admin: User
) -> None:
    """Anna in Vienna has all three at once and says for each payout which."""
    refresh_rates()
    anna = make_user("anna@example.com", country="AT", currency="EUR")
    make_shop(anna, "Wien", "AT", "Wien", "EUR", "5")
    caller, browser = by_token(anna), logged_in(anna)
    bank = {"holder": "Anna", "town": "Wien", "home": "AT", "country": "DE", "iban": GERMAN["iban"]}
    assert browser.post("/sell/money/method/add/bank/", bank).status_code == 302
    caller.post("payout-methods/", {"currency": "EUR", "kind": "bitcoin", "destination": WALLET}, 201)
    account = caller.post("payout-methods/account/", {"currency": "EUR", "country": "AT"}, 201)
    assert account["page"].startswith(stripe_double.url)
    stripe_double.finish_account(PayoutMethod.objects.get(kind="stripe").destination)
    looked = caller.post(f"payout-methods/{account['id']}/account/")
    assert (looked["page"], looked["verified_at"] is not None) == ("", True)
    there = {one["kind"]: one for one in caller.get("payout-methods/")}
    assert {kind: one["is_default"] for kind, one in there.items()} == {"bank": True, "bitcoin": False, "stripe": False}
    post("in", "fill", "", [(codes.clearing("stripe", "EUR"), 5000), (codes.fx("EUR"), -5000)])
    post("coins", "fill", "", [(codes.clearing("bitcoin", "BTC"), 10_000_000), (codes.fx("BTC"), -10_000_000)])
    fund(Money(7000, "EUR"))
    stripe_double.top_up(5000)
    with shifted(hours=73):
        for minor, kind in ((7000, "bank"), (5000, "stripe"), (6000, "bitcoin")):
            payable(anna, Money(minor, "EUR"))
            asked = caller.post("payouts/", {"currency": "EUR", "method": there[kind]["id"]}, 201)
            assert (asked["method"], asked["waits_until"]) == (there[kind]["id"], None)
            act(
                staff(User.objects.get(email="finance@example.com"), "finance", logged_in),
                "payout",
                "approve",
                asked["id"],
            )
        rows = {row.method.kind: row for row in Payout.objects.select_related("method")}
        assert {row.state for row in rows.values()} == {"approved"}
        approver, other = (staff(one, "finance", logged_in) for one in (finance, admin))
        act(approver, "payout", "make_file", rows["bank"].pk)
        act(other, "payout", "transfer", rows["stripe"].pk)
        approver.post(f"/admin/payments/payout/{rows['bitcoin'].pk}/sent/", {"transaction_id": "ab" * 32})
        work.drain_operations()
        for kind, said in (("bank", "B 1"), ("bitcoin", "ab" * 32)):
            other.post(f"/admin/payments/payout/{rows[kind].pk}/end/", {"outcome": "paid", "text": said})
        assert {one["state"] for one in caller.get("payouts/")["results"]} == {"paid"}
    assert "<TwnNm>Wien</TwnNm>" in BankFile.objects.get().xml
    assert (trial_balance(), FAILS & set(broken())) == ({}, set())


def test_a_schedule_waits_for_threshold_and_minimum(desk: Client, alice: User, settings: Settings) -> None:
    settings.PAYOUT_MINIMUMS = {"INR": "500"}
    caller = by_token(alice)
    desk.post("/sell/money/method/add/bank/", BANK)
    plan = {"every": "week", "threshold": {"amount": "3000.00", "currency": "INR"}}
    assert caller.put("payout-plans/INR/", plan)["threshold"]["amount"] == "3000.00"
    with shifted(days=7):
        work.ask_for_payouts()
    assert Payout.objects.count() == 0  # 2,391.00 is there
    payable(alice, Money(60_900, "INR"))
    with shifted(days=14):
        work.ask_for_payouts()
        work.ask_for_payouts()
    assert Payout.objects.get().amount == Money(300_000, "INR")
    payable(alice, Money(49_999, "INR"))
    assert "Payouts begin at" in text(desk.post("/sell/money/payout/", follow=True))
    assert "500.00" in caller.post("payouts/", {"currency": "INR"}, 409)["detail"]
    assert Payout.objects.count() == 1


# --- somebody has taken over the account ------------------------------------------------------------------


def test_who_takes_over_an_account_gets_nothing_for_72_hours_and_its_owner_is_told(
    desk: Client, alice: User, offices: tuple[Client, Client], client_for: object
) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    thief = by_token(alice)
    his = {**BANK, "holder": "Mallory", "account": "666666666666", "currency": "INR", "default": True}
    added = thief.post("payout-methods/", his, 201)
    first = Letter.objects.filter(to="alice@example.com", body__contains="…6666").get()
    assert "Nothing is paid to it before" in first.body
    asked = thief.post("payouts/", {"currency": "INR"}, 201)
    assert asked["waits_until"] is not None
    fund(MONEY)
    approver, _other = offices
    for action in ("approve", "make_file"):
        act(approver, "payout", action, asked["id"])
    assert (Payout.objects.get().state, BankFile.objects.count()) == ("requested", 0)
    assert thief.post(f"payout-methods/{added['id']}/default/")["is_default"]  # that it rests does not change
    desk.post(f"/sell/money/method/{added['id']}/remove/")  # Alice read the letter
    payout = Payout.objects.get()
    assert (payout.state, in_inr(alice)) == ("canceled", MONEY)
    with shifted(hours=80):
        again = thief.post("payout-methods/", his, 201)  # it rests from the beginning
        assert PayoutMethod.objects.get(pk=again["id"]).rests
    assert trial_balance() == {}


def test_the_same_account_under_another_name_is_no_way_around_the_rest(desk: Client) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    answer = desk.post("/sell/money/method/add/bank/", BANK | {"holder": "Mallory"})
    assert (answer.status_code, "is here already, as that of Alice" in text(answer)) == (422, True)
    assert PayoutMethod.objects.get().holder == "Alice"


def test_nobody_asks_for_sends_or_cancels_what_is_anothers(desk: Client, alice: User, charlie: User, bob: User) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    method, stranger = PayoutMethod.objects.get(), by_token(charlie)
    stranger.post("payouts/", {"currency": "INR", "method": method.pk}, 404)
    desk.post("/sell/money/payout/")
    payout, before = Payout.objects.get(), Journal.objects.count()
    stranger.post(f"payouts/{payout.pk}/cancel/", status=404)
    assert logged_in(charlie).post(f"/sell/money/payout/{payout.pk}/cancel/").status_code == 404
    for action in ("approve", "make_file", "transfer", "cancel"):
        act(logged_in(bob), "payout", action, payout.pk)
    payout.refresh_from_db()
    assert (payout.state, Journal.objects.count(), stranger.get("payouts/")["results"]) == ("requested", before, [])


# --- what becomes of it -----------------------------------------------------------------------------------


def test_a_seller_changes_their_mind_until_it_has_left(
    desk: Client, alice: User, offices: tuple[Client, Client]
) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    desk.post("/sell/money/payout/")
    first = Payout.objects.get()
    assert "Cancel the payout of" in text(desk.get(DESK))
    assert "payable to you again" in text(desk.post(f"/sell/money/payout/{first.pk}/cancel/", follow=True))
    assert in_inr(alice) == MONEY
    caller = by_token(alice)
    asked = caller.post("payouts/", {"currency": "INR"}, 201)
    fund(MONEY)
    sent(offices[0], Payout.objects.get(pk=asked["id"]))
    assert "Cancel the payout of" not in text(desk.get(DESK))
    refused = caller.post(f"payouts/{asked['id']}/cancel/", status=409)
    assert "is Sent; it cannot become Canceled" in refused["detail"]
    assert in_inr(alice) == Money(0, "INR")


def test_there_is_no_way_back_from_sent_but_a_second_persons(
    desk: Client, alice: User, offices: tuple[Client, Client]
) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    desk.post("/sell/money/payout/")
    payout, (approver, other) = Payout.objects.get(), offices
    fund(MONEY)
    sent(approver, payout)
    before = Journal.objects.count()
    for action in ("approve", "make_file", "transfer", "cancel"):
        for office in offices:
            act(office, "payout", action, payout.pk)
    end = f"/admin/payments/payout/{payout.pk}/end/"
    said = approver.post(end, {"outcome": "failed", "text": "never uploaded"}, follow=True)
    assert "Somebody else has to say that it came back" in text(said)
    with shifted(days=200):
        work.ask_for_payouts()
        work.remind_of_payouts()
        work.drain_operations()
    payout.refresh_from_db()
    assert (payout.state, BankFile.objects.count(), Journal.objects.count()) == ("sent", 1, before)
    other.post(end, {"outcome": "failed", "text": "The bank has no trace of it"})
    payout.refresh_from_db()
    assert (payout.state, in_inr(alice)) == ("failed", MONEY)
    assert "The bank has no trace of it" in text(desk.get(DESK))
    page = approver.get(f"/admin/payments/bankfile/{payout.file_id}/download/", follow=True)
    assert "The bank must not get the file any more" in text(page)


def test_a_lost_upload_is_repeated_and_the_bank_takes_the_file_once(
    desk: Client, alice: User, offices: tuple[Client, Client]
) -> None:
    """The bank took the file, its answer was lost: downloaded and uploaded again, rejected as a copy, and paid."""
    payable(alice, Money(5000, "EUR"))
    fund(Money(5000, "EUR"))
    caller = by_token(alice)
    caller.post("payout-methods/", {"currency": "EUR", "holder": "Alice", **GERMAN}, 201)
    asked = caller.post("payouts/", {"currency": "EUR"}, 201)
    (approver, other), payout = offices, Payout.objects.get(pk=asked["id"])
    file = sent(approver, payout)
    again = approver.get(f"/admin/payments/bankfile/{file.pk}/download/")
    assert text(again) == file.xml
    assert "Used" in told(other, report(file, {payout.pk.hex: "ACSP"}, count=1))
    copy = report(file, {}, whole="RJCT", number="2").replace(b"AM04", b"DU01")
    assert "The bank has a file with this id already. (DU01)" in told(other, copy)
    assert caller.get("payouts/")["results"][0]["state"] == "sent"
    assert balance(codes.seller(alice.pk, "EUR")) == Money(0, "EUR")
    assert Case.objects.get().kind == "contradiction"
    left = statement(IBAN, Money(5000, "EUR"), [Told(Money(-5000, "EUR"), "B1", payout.pk.hex)], at=AT, number="1")
    assert "A payout left" in told(other, left)
    assert caller.get("payouts/")["results"][0]["state"] == "paid"
    days_later = Told(Money(5000, "EUR"), "B2", payout.pk.hex, why="AC04")
    assert "A payout came back" in told(other, statement(IBAN, Money(0, "EUR"), [days_later], at=AT, number="2"))
    shown = caller.get("payouts/")["results"][0]
    assert (shown["state"], shown["problem"]) == ("failed", "The account is closed. (AC04)")
    assert shown["failed_at"] is not None
    twice = Told(Money(5000, "EUR"), "B3", payout.pk.hex, why="AC04")
    assert "Nothing explains it" in told(other, statement(IBAN, Money(5000, "EUR"), [twice], at=AT, number="3"))
    assert balance(codes.seller(alice.pk, "EUR")) == Money(5000, "EUR")
    assert balance(codes.suspense("bank", "EUR")) == Money(5000, "EUR")
    assert (trial_balance(), FAILS & set(broken())) == ({}, set())


def test_a_payout_that_looks_like_another_waits_for_a_person(
    desk: Client, alice: User, offices: tuple[Client, Client]
) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    desk.post("/sell/money/payout/")
    post("twin", "test", "", [(codes.fx("INR"), MONEY.amount), (codes.seller(alice.pk, "INR"), -MONEY.amount)])
    desk.post("/sell/money/payout/")
    _first, twin = Payout.objects.order_by("requested_at")
    fund(MONEY + MONEY)
    approver, other = offices
    assert "Somebody has to look at this payout first" in act(approver, "payout", "approve", twin.pk)
    decide = f"/admin/payments/payout/{twin.pk}/decide/"
    other.post(decide, {"decision": "right", "why": "Two sales of the same scarf."})
    assert "You said that this payout is right" in act(other, "payout", "approve", twin.pk)
    assert "Approved" in act(approver, "payout", "approve", twin.pk)


# --- what the platform cannot do ----------------------------------------------------------------------------


def test_frozen_money_stays_where_it_is(desk: Client, alice: User, offices: tuple[Client, Client]) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    desk.post("/sell/money/payout/")
    payout, (approver, other) = Payout.objects.get(), offices
    fund(MONEY)
    act(approver, "payout", "approve", payout.pk)
    assert "reason" in text(other.get("/admin/payments/freeze/add/"))
    other.post("/admin/payments/freeze/add/", {"reason": "The audit found something."})
    assert "Payouts are frozen" in act(approver, "payout", "make_file", payout.pk)
    assert BankFile.objects.count() == 0
    assert "payable to you again" in text(desk.post(f"/sell/money/payout/{payout.pk}/cancel/", follow=True))
    assert in_inr(alice) == MONEY


def test_nobody_leaves_while_a_payout_is_under_way_and_one_that_comes_back_keeps_the_account_open(
    desk: Client, alice: User, offices: tuple[Client, Client]
) -> None:
    desk.post("/sell/money/method/add/bank/", BANK)
    desk.post("/sell/money/payout/")
    page = text(fresh(alice).get("/account/close/"))
    assert "A payout to you is under way." in page
    fund(MONEY)
    payout = Payout.objects.get()
    sent(offices[0], payout)
    assert "A payout to you is under way." in text(fresh(alice).get("/account/close/"))
    offices[1].post(f"/admin/payments/payout/{payout.pk}/end/", {"outcome": "failed", "text": "closed"})
    page = text(fresh(alice).get("/account/close/"))
    assert "is payable to you" in page
    alice.refresh_from_db()
    assert alice.closed_at is None


def test_how_they_can_be_paid_is_said_before_the_first_listing(charlie: User, settings: Settings) -> None:
    settings.PROCESSORS = {"bank": settings.PROCESSORS["bank"]}
    guest = Caller()
    india = guest.get("payout-reach/IN/INR/")
    assert (india["ways"], india["words"]) == (
        ["bank"],
        "We can pay you in INR by bank transfer; not by the card network.",
    )
    assert "IFSC" in india["account"]
    japan = guest.get("payout-reach/JP/JPY/")
    assert (japan["ways"], japan["words"][:34]) == ([], "We cannot pay you in JPY yet. You ")
    assert "We cannot pay you in USD yet" in text(logged_in(charlie).get("/sell/shop/"))
    guest.get("payout-reach/india/INR/", status=404)


def test_without_a_corridor_no_destination_is_kept(alice: User, offices: tuple[Client, Client]) -> None:
    caller = by_token(alice)
    kept = caller.post(
        "payout-methods/",
        {"currency": "CNY", "holder": "A", "country": "CN", "account": "6222020200112233", "clearing_code": "ICBKCNBJ"},
        409,
    )
    assert "We cannot pay to account numbers in CN yet" in kept["detail"]
    payable(alice, Money(1000, "KES"))
    caller.post("payout-methods/", {"currency": "KES", "holder": "A", **GERMAN}, 201)
    asked = caller.post("payouts/", {"currency": "KES"}, 201)
    assert "Add KES:IBAN to BANK_ACCOUNTS" in act(offices[0], "payout", "approve", asked["id"])
    assert Payout.objects.get().state == "requested"
