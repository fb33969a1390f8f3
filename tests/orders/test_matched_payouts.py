"""Same currency first: a payout says what of it came in as its currency, to the unit; such payouts are funded first."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from pytest_django import Settings

from fx.format import format_money
from fx.money import Money
from listings.models import Listing
from marketplace.lib.pdf import Paper
from marketplace.models import User
from orders import services
from orders.models import Order
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import Payout
from payments.payouts.life import cancel_payout, request_payout
from payments.payouts.matched import same_currency_first
from tests.api.caller import by_token
from tests.conftest import ClientFor, logged_in, make_user
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, make_listing, make_shop, pay_by_card, place
from tests.payments.test_admin import staff
from tests.payments.test_payouts import GERMAN, method, payable

pytestmark = pytest.mark.django_db


@pytest.fixture
def greta() -> User:
    """Sells from Leipzig in euros."""
    greta = make_user("greta@example.com", name="Greta")
    method(greta, "EUR", **GERMAN)
    return greta


@pytest.fixture
def bag(world: World, greta: User) -> Listing:
    shop = make_shop(greta, "Taschen", "DE", "Leipzig", "EUR", "5")
    return make_listing(shop, world.moderator, "Linen bag", "30", "420292", 300, stock=9)


def sold(world: World, double: StripeDouble, bag: Listing, currency: str) -> Order:
    """Bob pays in `currency`, has it and is content."""
    checkout = place(world.bob, bag, currency=currency)
    pay_by_card(checkout, double)
    order = checkout.orders.get()
    number = "EE123456785DE" if order.tracked else ""
    services.mark_shipped(order.number, by=bag.shop.owner, carrier="DHL", tracking_number=number)
    services.mark_delivered(order.number, by=world.bob)
    return services.confirm(order.number, by=world.bob)


def asked(seller: User, currency: str = "EUR") -> Payout:
    return request_payout(seller=seller, currency=currency, by=seller)


def shown(money: Money) -> str:
    return format_money(money, "en")


def test_a_payout_says_what_came_in_as_its_currency_and_what_was_exchanged(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User
) -> None:
    euros, dollars = sold(world, stripe_double, bag, "EUR"), sold(world, stripe_double, bag, "USD")
    payout = asked(greta)
    assert (payout.matched, payout.exchanged) == (euros.net, dollars.net)
    assert payout.amount == euros.net + dollars.net
    words = f"{shown(euros.net)} of it came in as EUR, {shown(dollars.net)} was exchanged or is from a sales balance."
    assert payout.matched_in_words == words
    told = by_token(greta).get(f"payouts/{payout.pk}/")
    assert (told["matched"], told["exchanged"]) == (euros.net.json(), dollars.net.json())
    assert {row["number"]: row["paid_in"] for row in told["orders"]} == {euros.number: "EUR", dollars.number: "USD"}
    [row] = by_token(greta).get("payouts/")["results"]
    assert (row["matched"], row["exchanged"]) == (euros.net.json(), dollars.net.json())
    page = logged_in(greta).get(f"/sell/money/payout/{payout.pk}/").content.decode()
    assert words in page
    assert words in logged_in(greta).get("/sell/money/").content.decode()
    assert "It was paid in EUR.</p>" in page
    assert "It was paid in USD and exchanged.</p>" in page
    assert broken() == []


def test_the_statement_says_it_in_words_and_in_a_column(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    euros, dollars = sold(world, stripe_double, bag, "EUR"), sold(world, stripe_double, bag, "USD")
    payout = asked(greta)
    words = payout.matched_in_words
    assert (
        words
        == f"{shown(euros.net)} of it came in as EUR, {shown(dollars.net)} was exchanged or is from a sales balance."
    )
    answer = logged_in(greta).get("/sell/money/statement.csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["kind"], row["amount"], row["matched"], row["note"]) for row in rows] == [
        ("opening", "", "", ""),
        ("release", f"{euros.net.decimal}", "", ""),
        ("release", f"{dollars.net.decimal}", "", ""),
        ("payout", f"-{payout.amount.decimal}", f"{euros.net.decimal}", words),
        ("closing", "", "", ""),
    ]
    heads, table = pdf_table(greta, monkeypatch)
    assert heads[-1] == "Of it came in as EUR"
    assert [row[-1] for row in table] == ["", "", shown(euros.net)]
    assert table[-1][1] == f"Payout · {payout.method.words}. {words}"
    lines = by_token(greta).get("balance/movements/")["movements"]
    assert [(line["kind"], line["matched"], line["note"]) for line in lines] == [
        ("payout", euros.net.json(), words),
        ("release", None, ""),
        ("release", None, ""),
    ]
    page = logged_in(greta).get("/sell/money/movements/").content.decode()
    assert words in page
    assert f'href="/sell/money/payout/{payout.pk}/"' in page


def test_a_statement_is_silent_about_what_was_not_noted_and_about_what_came_back(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Payouts from before this was noted, and those that did not go out: the amount comes back, nothing is paid out."""
    sold(world, stripe_double, bag, "EUR")
    payout = asked(greta)
    cancel_payout(payout, by=greta)
    [back, out, _release] = by_token(greta).get("balance/movements/")["movements"]
    assert (out["kind"], out["matched"]) == ("payout", payout.amount.json())
    assert (back["kind"], back["matched"], back["note"]) == ("payout_back", None, "")
    Payout.objects.filter(pk=payout.pk).update(matched_minor=None)
    heads, _table = pdf_table(greta, monkeypatch)
    assert heads == ["Day", "What", "Account", "Amount", "Balance"]
    answer = logged_in(greta).get("/sell/money/statement.csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert {(row["matched"], row["note"]) for row in rows} == {("", "")}


def pdf_table(seller: User, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[list[str]]]:
    """Heads and rows as the PDF is given them."""
    written: list[tuple[list[str], list[list[str]]]] = []
    real = Paper.rows

    def kept(paper: Paper, heads: Any, rows: Any, *rest: Any, **more: Any) -> None:
        written.append((list(heads), list(rows)))
        real(paper, heads, rows, *rest, **more)

    monkeypatch.setattr(Paper, "rows", kept)
    answer = logged_in(seller).get("/sell/money/statement.pdf")
    assert answer["Content-Type"] == "application/pdf"
    [table] = written
    return table


def test_all_or_nothing_is_said_so(world: World, stripe_double: StripeDouble, bag: Listing, greta: User) -> None:
    order = sold(world, stripe_double, bag, "EUR")
    assert asked(greta).matched_in_words == "All of it came in as EUR."
    sold(world, stripe_double, bag, "USD")
    assert asked(greta).matched_in_words == "All of it was exchanged, or is from a sales balance."
    assert Payout.objects.get(matched_minor=order.net.amount).exchanged == Money(0, "EUR")


def test_a_processor_that_pays_us_in_another_currency_has_exchanged_it_already(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User, settings: Settings
) -> None:
    sold(world, stripe_double, bag, "EUR")
    stripe = settings.PROCESSORS["stripe"] | {"settlement_currencies": ["USD"]}
    settings.PROCESSORS = settings.PROCESSORS | {"stripe": stripe}
    assert asked(greta).matched == Money(0, "EUR")


def test_a_debt_is_paid_from_what_was_exchanged_first(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User
) -> None:
    euros, dollars = sold(world, stripe_double, bag, "EUR"), sold(world, stripe_double, bag, "USD")
    debt = dollars.net + Money(100, "EUR")
    post(
        "owed",
        "test",
        "",
        [(codes.seller_debt(greta.pk, "EUR"), debt.amount), (codes.income("bank", "EUR"), -debt.amount)],
    )
    payout = asked(greta)
    assert (payout.matched, payout.exchanged) == (euros.net - Money(100, "EUR"), Money(0, "EUR"))
    sold_later = sold(world, stripe_double, bag, "USD")
    later = asked(greta)
    assert (later.matched, later.exchanged) == (Money(0, "EUR"), sold_later.net)
    assert broken() == []


def test_what_comes_back_is_again_what_it_was(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User
) -> None:
    euros, dollars = sold(world, stripe_double, bag, "EUR"), sold(world, stripe_double, bag, "USD")
    cancel_payout(asked(greta), by=greta)
    again = asked(greta)
    assert (again.matched, again.exchanged) == (euros.net, dollars.net)
    assert broken() == []


def test_the_desk_approves_first_whose_money_is_there(
    world: World, stripe_double: StripeDouble, bag: Listing, greta: User, finance: User, client_for: ClientFor
) -> None:
    """Another seller asked before, and the bank has euros for one of them."""
    method(world.carmen, "EUR", country="DE", iban="DE02120300000000202051")
    payable(world.carmen, Money(2_000, "EUR"))
    early = asked(world.carmen)
    order = sold(world, stripe_double, bag, "EUR")
    late = asked(greta)
    assert list(same_currency_first(Payout.objects.all())) == [late, early]
    assert early.requested_at < late.requested_at
    there = order.net.amount
    post("funds", "test", "", [(codes.clearing("bank", "EUR"), there), (codes.income("bank", "EUR"), -there)])
    desk = staff(finance, "finance", client_for)
    answer = desk.post(
        "/admin/payments/payout/",
        {"action": "approve", "_selected_action": [str(early.pk), str(late.pk)]},
        follow=True,
    )
    assert answer.status_code == 200
    states = {str(payout.pk): payout.state for payout in Payout.objects.all()}
    assert states == {str(early.pk): "requested", str(late.pk): "approved"}
    listed = desk.get("/admin/payments/payout/").content.decode()
    assert "came in as it" in listed.lower()
