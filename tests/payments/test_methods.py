"""Several destinations per seller: the default, the rest of a new one, coins, letters."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from fx.models import Conversion
from fx.money import Money
from fx.services import current_rates, refresh_rates
from marketplace.lib.clock import now, shifted
from marketplace.models import FormerAddress, Letter, User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.models import Journal, Payout, PayoutMethod
from payments.payouts import methods
from payments.payouts.life import (
    approve_payout,
    available,
    cancel_payout,
    make_bank_file,
    mark_failed,
    mark_paid,
    mark_sent,
    request_payout,
)
from payments.payouts.methods import add_payout_method, choose_default, remove_payout_method
from tests.orders.world import broken
from tests.payments.test_payouts import IFSC, fund, method, payable

pytestmark = pytest.mark.django_db
OTHER = {"country": "IN", "account": "999999999999", "clearing_code": "HDFC0000001"}
WALLET = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
TXID = "ab" * 32
INR = Money(239_100, "INR")


def coins(amount: int = 100_000_000) -> None:
    """As if buyers had paid this many satoshi."""
    legs = [(codes.clearing("bitcoin", "BTC"), amount), (codes.fx("BTC"), -amount)]
    post(f"coins:{amount}", "converted", "", legs)


def wallet(seller: User, *, default: bool = False) -> PayoutMethod:
    return add_payout_method(
        seller=seller, currency="INR", by=seller, kind="bitcoin", destination=WALLET, default=default
    )


# --- one of several -------------------------------------------------------------------------------


def test_the_first_of_a_currency_is_the_default_and_another_only_when_it_is_chosen(alice: User) -> None:
    bank, coin = method(alice), wallet(alice)
    assert [(one.kind, one.is_default) for one in alice.payout_methods.order_by("pk")] == [
        ("bank", True),
        ("bitcoin", False),
    ]
    choose_default(coin, by=alice)
    bank.refresh_from_db()
    assert not bank.is_default
    assert PayoutMethod.objects.get(is_default=True) == coin


def test_the_same_destination_once_more_is_the_one_that_is_there(alice: User) -> None:
    first = wallet(alice)
    assert wallet(alice) == first
    assert Letter.objects.filter(key__startswith="payout_method:").count() == 1


def test_the_same_account_of_another_holder_is_refused_and_its_address_may_be_said_anew(alice: User) -> None:

    def account_of(holder: str, **more: str) -> PayoutMethod:
        return add_payout_method(seller=alice, currency="INR", by=alice, holder=holder, **IFSC, **more)  # type: ignore[arg-type]

    first = account_of("Alice")
    with pytest.raises(PayoutRefused, match="here already, as that of Alice. Remove it first"):
        account_of("Mallory")
    for town, home in (("Jaipur", "in"), ("Udaipur", "")):
        again = account_of("Alice", town=town, home=home)
        assert (again.pk, again.town, again.home, again.holder) == (first.pk, town, "IN", "Alice")
    assert PayoutMethod.objects.count() == 1


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"town": "जयपुर"}, "Write the town in Latin letters"),
        ({"town": "x" * 36}, "Write the town in Latin letters"),
        ({"town": "Jaipur", "home": "IND"}, "has two letters"),
        ({"holder": "-/."}, "Latin letters, as the bank does"),
    ],
)
def test_an_address_no_bank_could_print_is_refused(alice: User, where: dict[str, str], why: str) -> None:
    with pytest.raises(PayoutRefused, match=why):
        add_payout_method(seller=alice, currency="INR", by=alice, **{"holder": "Alice", **IFSC, **where})  # type: ignore[arg-type]
    assert PayoutMethod.objects.count() == 0


def test_removing_the_default_makes_the_oldest_other_one_the_default(alice: User) -> None:
    bank, coin = method(alice), wallet(alice, default=True)
    remove_payout_method(coin, by=alice)
    assert PayoutMethod.objects.current(alice, "INR").get() == bank
    assert PayoutMethod.objects.get(is_default=True) == bank
    with pytest.raises(PayoutRefused, match="was removed"):
        choose_default(coin, by=alice)


def test_a_payout_that_has_not_left_is_canceled_with_its_destination(alice: User, finance: User) -> None:
    bank = method(alice)
    payable(alice, INR)
    fund(INR)
    payout = approve_payout(request_payout(seller=alice, currency="INR", by=alice), by=finance)
    remove_payout_method(bank, by=alice)
    payout.refresh_from_db()
    assert payout.state == "canceled"
    assert balance(codes.seller(alice.pk, "INR")) == INR
    with pytest.raises(PayoutRefused, match="Say first where"):
        request_payout(seller=alice, currency="INR", by=alice)


def test_a_payout_that_left_keeps_its_destination(alice: User, finance: User, admin: User) -> None:
    bank = method(alice)
    payable(alice, INR)
    fund(INR)
    payout = approve_payout(request_payout(seller=alice, currency="INR", by=alice), by=finance)
    make_bank_file([payout], by=finance)
    remove_payout_method(bank, by=alice)
    assert mark_paid(payout, by=admin, bank_reference="B1").state == "paid"


@pytest.mark.parametrize("verb", [choose_default, remove_payout_method])
def test_nobody_else_touches_a_method(alice: User, charlie: User, admin: User, verb: object) -> None:
    bank = method(alice)
    for other in (charlie, admin):
        with pytest.raises(PayoutRefused, match="Only sellers themselves"):
            verb(bank, by=other)  # type: ignore[operator]
    bank.refresh_from_db()
    assert (bank.is_default, bank.removed_at) == (True, None)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"kind": "bitcoin", "destination": ""}, "no address"),
        ({"kind": "bitcoin", "destination": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}, "no address"),
        ({"kind": "bitcoin", "destination": WALLET[:-1] + "q"}, "no address"),
        ({"kind": "stripe", "destination": "acct_1"}, "not made that way"),
        ({"kind": "nonsense", "destination": WALLET}, "not made that way"),
    ],
)
def test_a_destination_that_cannot_be_is_refused(alice: User, where: dict[str, str], why: str) -> None:
    with pytest.raises(PayoutRefused, match=why):
        add_payout_method(seller=alice, currency="INR", by=alice, **where)  # type: ignore[arg-type]
    assert PayoutMethod.objects.count() == 0


def test_coins_go_nowhere_while_their_processor_is_off(alice: User, settings: object) -> None:
    settings.PROCESSORS = {"bank": settings.PROCESSORS["bank"]}  # type: ignore[attr-defined]
    with pytest.raises(PayoutRefused, match="not made that way"):
        wallet(alice)


def test_nobody_keeps_more_than_ten(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "MOST", 1)
    method(alice)
    with pytest.raises(PayoutRefused, match="Remove one first"):
        wallet(alice)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "bank", "destination": WALLET},
        {"kind": "bitcoin", "destination": ""},
        {"kind": "bitcoin", "destination": WALLET, "iban": "DE89370400440532013000"},
        {"kind": "bank", "iban": "DE89370400440532013000", "account": "1", "clearing_code": "2"},
        {"kind": "bank", "iban": "DE89370400440532013000", "holder": ""},
        {"kind": "bitcoin", "destination": WALLET, "removed_at": now(), "is_default": True},
    ],
)
def test_the_database_refuses_a_method_of_two_minds(alice: User, wrong: dict[str, object]) -> None:
    row = {"holder": "Alice", "country": "DE"} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutMethod.objects.create(seller=alice, currency="EUR", **row)


# --- the rest -------------------------------------------------------------------------------------


def test_the_very_first_method_does_not_rest_and_all_others_do(alice: User) -> None:
    first = method(alice)
    second = add_payout_method(
        seller=alice, currency="EUR", by=alice, holder="A", country="DE", iban="DE89370400440532013000"
    )
    assert (first.rests, second.rests) == (False, True)
    assert second.usable_from == second.created_at + dt.timedelta(hours=72)
    remove_payout_method(first, by=alice)
    assert method(alice).rests


def test_a_payout_to_a_new_destination_waits_72_hours(alice: User, finance: User) -> None:
    method(alice)
    method(alice, **OTHER)
    payable(alice, INR)
    fund(INR)
    payout = request_payout(seller=alice, currency="INR", by=alice)
    journals = Journal.objects.count()
    with shifted(hours=71, minutes=59), pytest.raises(PayoutRefused, match="The destination is new"):
        approve_payout(payout, by=finance)
    payout.refresh_from_db()
    assert (payout.state, payout.send_minor, Journal.objects.count()) == ("requested", None, journals)
    with shifted(hours=72, seconds=1):
        assert approve_payout(payout, by=finance).state == "approved"
    assert [check for check in broken() if check in {"F30", "F31", "F32"}] == []


def test_choosing_a_destination_that_has_rested_begins_no_rest(alice: User) -> None:
    old = method(alice)
    with shifted(hours=1):
        wallet(alice, default=True)
    assert not choose_default(old, by=alice).rests


def test_the_very_first_rests_too_when_the_address_of_the_account_is_new(alice: User) -> None:
    """Who takes over an account changes its address first."""
    FormerAddress.objects.create(user=alice, email="old@example.com", until=now() - dt.timedelta(days=29))
    first = method(alice)
    assert (first.rests, first.usable_from) == (True, first.created_at + dt.timedelta(hours=72))
    assert Letter.objects.filter(to="old@example.com", body__contains="Nothing is paid to it before").count() == 1


# --- letters --------------------------------------------------------------------------------------


def test_a_letter_says_so_to_the_address_and_to_the_one_before(alice: User) -> None:
    method(alice)
    for days, old in ((2, "old@example.com"), (31, "older@example.com")):
        FormerAddress.objects.create(user=alice, email=old, until=now() - dt.timedelta(days=days))
    wallet(alice)
    letters = Letter.objects.filter(subject__contains="new destination")
    assert sorted(letters.values_list("to", flat=True)) == ["alice@example.com"] * 2 + ["old@example.com"]
    last = letters.order_by("-pk")[0]
    assert "Bitcoin, …t080" in last.body
    assert WALLET not in last.body
    assert "Nothing is paid to it before" in last.body
    assert "/sell/money/" in last.body
    first = letters.order_by("pk")[0]
    assert "Nothing is paid to it before" not in first.body


def test_changing_the_address_of_the_account_keeps_the_old_one_for_letters(alice: User, client_for: object) -> None:
    client = client_for(alice)  # type: ignore[operator]
    EmailAddress.objects.create(user=alice, email="new@example.com", verified=True, primary=False)
    client.post("/account/email/", {"action_primary": "", "email": "new@example.com"})
    alice.refresh_from_db()
    assert alice.email == "new@example.com"
    client.post("/account/email/", {"action_remove": "", "email": "alice@example.com"})
    assert not EmailAddress.objects.filter(email="alice@example.com").exists()
    method(alice)
    letters = Letter.objects.filter(subject__contains="new destination")
    assert sorted(letters.values_list("to", flat=True)) == ["alice@example.com", "new@example.com"]


# --- coins ----------------------------------------------------------------------------------------


def test_a_payout_in_bitcoin_is_priced_by_its_approval_and_sent_by_a_person(
    alice: User, finance: User, admin: User
) -> None:
    refresh_rates()
    wallet(alice)
    payable(alice, INR)
    coins()
    payout = request_payout(seller=alice, currency="INR", by=alice)
    payout = approve_payout(payout, by=finance)
    assert payout.sends == current_rates().convert(INR, "BTC", bps=50)
    assert available("BTC", at="bitcoin") == Money(100_000_000, "BTC") - payout.sends
    with pytest.raises(PayoutRefused, match="Only payouts to banks"):
        make_bank_file([payout], by=finance)
    with pytest.raises(PayoutRefused, match="64 hexadecimal digits"):
        mark_sent(payout, by=finance, transaction_id="sent it")
    mark_sent(payout, by=finance, transaction_id=TXID.upper())
    with pytest.raises(PayoutRefused, match="You approved this payout"):
        mark_paid(payout, by=finance, bank_reference=TXID)
    with pytest.raises(PayoutRefused, match=f"It was sent as {TXID}"):
        mark_paid(payout, by=admin, bank_reference="cd" * 32)
    paid = mark_paid(payout, by=admin, bank_reference=TXID)
    assert (paid.state, paid.bank_reference) == ("paid", TXID)
    assert paid.method.kind == "bitcoin"
    assert PayoutMethod.objects.get().verified_at is not None
    assert balance(codes.clearing("bitcoin", "BTC")) == Money(100_000_000, "BTC") - payout.sends
    assert balance(codes.payouts("INR")) == Money(0, "INR")
    assert trial_balance() == {}
    crossed = Conversion.objects.get(journal_key=f"payout:{paid.pk}:paid")
    assert (crossed.sell, crossed.buy, crossed.seller) == (INR, payout.sends, alice)
    assert [check for check in broken() if check.startswith(("F0", "F1", "F3")) and check != "F11"] == []


def test_coins_that_are_not_there_are_not_promised(alice: User, charlie: User, finance: User) -> None:
    refresh_rates()
    coins(1000)
    wallet(alice)
    payable(alice, INR)
    payout = request_payout(seller=alice, currency="INR", by=alice)
    with pytest.raises(PayoutRefused, match=r"Only 0.00001000 BTC is there"):
        approve_payout(payout, by=finance)
    payout.refresh_from_db()
    assert (payout.state, payout.send_minor) == ("requested", None)


def test_without_a_rate_nothing_is_promised(alice: User, finance: User) -> None:
    coins()
    wallet(alice)
    payable(alice, INR)
    payout = request_payout(seller=alice, currency="INR", by=alice)
    with pytest.raises(PayoutRefused, match="INR|BTC"):
        approve_payout(payout, by=finance)
    assert Payout.objects.get().state == "requested"


def test_coins_that_were_never_mined_are_payable_again(alice: User, finance: User, admin: User) -> None:
    refresh_rates()
    coins()
    wallet(alice)
    payable(alice, INR)
    payout = approve_payout(request_payout(seller=alice, currency="INR", by=alice), by=finance)
    mark_sent(payout, by=finance, transaction_id=TXID)
    mark_failed(payout, by=admin, problem="never mined")
    assert balance(codes.seller(alice.pk, "INR")) == INR
    assert balance(codes.clearing("bitcoin", "BTC")) == Money(100_000_000, "BTC")


def test_a_payout_to_a_bank_is_not_sent_by_hand(alice: User, finance: User) -> None:
    method(alice, **IFSC)
    payable(alice, INR)
    fund(INR)
    payout = approve_payout(request_payout(seller=alice, currency="INR", by=alice), by=finance)
    with pytest.raises(PayoutRefused, match="Only coins"):
        mark_sent(payout, by=finance, transaction_id=TXID)
    cancel_payout(payout, by=alice)
