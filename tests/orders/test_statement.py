"""Every movement of a seller's money is explained, and a statement adds up: page, CSV, PDF and API alike."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from fx.money import Money
from listings.models import Shop
from marketplace.lib.clock import now, shifted
from marketplace.lib.pdf import Paper
from marketplace.lib.period import Period, PeriodError
from marketplace.models import User
from marketplace.run.places import BASE
from orders import services, work
from orders.money import papers
from orders.money.statement import Pages, Statement
from orders.money.words import WORDS, why
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.payouts.life import cancel_payout, request_payout
from payments.sellers.movements import PARTS
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, delivered_order, make_shop
from tests.payments.test_payouts import method

pytestmark = pytest.mark.django_db
TABLE = re.compile(r"^\| `(\w+)` \| `[^`]+` \|(.*)\| `payments/[\w/]+\.py` \|$", re.MULTILINE)
PDF_TEXT = re.compile(rb"%PDF-1\.\d")


def documented() -> set[str]:
    """Kinds of journals that touch a seller's account, by the table of docs/architecture.md."""
    rows = TABLE.findall((BASE / "docs" / "architecture.md").read_text())
    assert len(rows) > 30
    return {kind for kind, legs in rows if "seller" in legs} | {"reversal"}  # of a refund, whatever that touched


def test_every_kind_of_journal_of_a_seller_has_words() -> None:
    assert documented() - set(WORDS) == set()
    assert (
        set(WORDS) - {kind for kind, _legs in TABLE.findall((BASE / "docs" / "architecture.md").read_text())} == set()
    )
    assert {part for words in WORDS.values() for part in words} == set(PARTS)


def story(world: World, double: StripeDouble) -> str:
    """A sale is released, asked to be paid out, that is canceled, and then all goes back to the buyer: Alice owes."""
    order = services.confirm(delivered_order(world, double).number, by=world.bob)
    method(world.alice)
    cancel_payout(request_payout(seller=world.alice, currency="INR", by=world.alice), by=world.alice)
    request_payout(seller=world.alice, currency="INR", by=world.alice)
    logged_in(world.alice).post(
        f"/sell/orders/{order.number}/refund/", {"everything": "on", "why": "Torn.", "step": "do"}
    )
    work.drain_operations()
    return order.number


def read(world: World, query: str = "") -> list[dict[str, str]]:
    answer = logged_in(world.alice).get(f"/sell/money/statement.csv{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def kept(user: User, currency: str = "INR") -> Money:
    """What the books have of hers, less what she owes."""
    mine = (codes.seller, codes.seller_reserve, codes.seller_contested)
    return sum((balance(code(user.pk, currency)) for code in mine), -balance(codes.seller_debt(user.pk, currency)))


def test_the_csv_of_a_period_adds_up_and_says_why(world: World, stripe_double: StripeDouble) -> None:
    number = story(world, stripe_double)
    opening, *movements, closing = read(world)
    assert [(row["kind"], row["account"]) for row in movements] == [
        ("release", "payable"),
        ("payout", "payable"),
        ("payout_back", "payable"),
        ("payout", "payable"),
        ("refund", "debt"),
    ]
    assert (opening["kind"], opening["balance"], closing["kind"]) == ("opening", "0.00", "closing")
    sums = [
        Money.parse(row["amount"].removeprefix("-"), "INR").times(-1 if row["amount"][0] == "-" else 1)
        for row in movements
    ]
    assert sum(sums[1:], sums[0]).decimal == kept(world.alice).decimal
    assert closing["balance"] == f"{kept(world.alice).decimal:.2f}"
    running = Money(0, "INR")
    for row, amount in zip(movements, sums, strict=True):
        running += amount
        assert row["balance"] == f"{running.decimal:.2f}"
    assert {row["about"] for row in movements if row["kind"] in {"release", "refund"}} == {number}
    assert all(row["why"] != "Booked by our staff" for row in movements)
    assert broken() == []


def test_the_page_and_the_api_say_the_same_as_the_csv(world: World, stripe_double: StripeDouble) -> None:
    number = story(world, stripe_double)
    page = logged_in(world.alice).get("/sell/money/movements/").content.decode()
    answer = by_token(world.alice).get("balance/movements/")
    rows = read(world)
    assert answer["count"] == 5
    assert [
        (one["journal"], one["amount"]["amount"], one["balance"]["amount"]) for one in reversed(answer["movements"])
    ] == [(row["journal"], row["amount"], row["balance"]) for row in rows[1:-1]]
    assert answer["closing"]["amount"] == rows[-1]["balance"]
    assert f'href="/sell/orders/{number}/"' in page
    for one in answer["movements"]:
        assert one["why"] in page
    assert (
        "Given back to the buyer after you had been paid" in logged_in(world.alice).get("/sell/money/").content.decode()
    )


def test_a_later_month_opens_with_what_this_one_closed_with(world: World, stripe_double: StripeDouble) -> None:
    story(world, stripe_double)
    here = Period.month(now().date())
    later = Period.month(here.last + dt.timedelta(days=1))
    with shifted(days=40):
        code = codes.seller_debt(world.alice.pk, "INR")
        post("later", "test", "", [(codes.fx("INR"), 100), (code, -100)])
    query = f"?month={(now() + dt.timedelta(days=40)).date():%Y-%m}"
    opening, moved, closing = read(world, query)
    assert opening["balance"] == f"{(kept(world.alice) - Money(100, 'INR')).decimal:.2f}"
    assert (moved["why"], moved["amount"], closing["balance"]) == (
        "Booked by our staff",
        "1.00",
        f"{kept(world.alice).decimal:.2f}",
    )
    assert read(world, f"?{later.query}")[0]["balance"] == opening["balance"]
    page = logged_in(world.alice).get(f"/sell/money/movements/{query}").content.decode()
    assert f"?month={here.first:%Y-%m}" in page


def moves(user: User, number: int) -> None:
    for one in range(number):
        legs = [(codes.fx("INR"), 100 + one), (codes.seller(user.pk, "INR"), -100 - one)]
        post(f"move:{one}", "test", "", legs)


def test_pages_and_batches_lose_no_movement(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    moves(alice, 7)
    monkeypatch.setattr("payments.sellers.movements.BATCH", 3)
    statement = Statement(shop, Period.month(now().date()))
    pages = Pages(statement)
    every = list(statement.each(pages.opening))
    assert [one.amount.amount for one in every] == [100, 101, 102, 103, 104, 105, 106]
    assert [one for start in (0, 3, 6) for one in pages[start : min(start + 3, 7)]] == every[::-1]
    assert every[-1].balance == pages.closing == Money(721, "INR")


def test_a_page_asks_the_same_number_of_questions_however_long_it_is(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    shop = make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    moves(alice, 40)
    with django_assert_max_num_queries(6):
        assert len(Pages(Statement(shop, Period.month(now().date())))[0:40]) == 40


def test_the_pdf_is_made_in_the_script_of_the_shop(world: World, stripe_double: StripeDouble) -> None:
    story(world, stripe_double)
    Shop.objects.filter(owner=world.alice).update(name="छाया प्रिंट्स 影 ظلّ")
    answer = logged_in(world.alice).get("/sell/money/statement.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert PDF_TEXT.match(answer.content)
    fonts = set(re.findall(rb"/BaseFont /\S*?\+?(\w*Devanagari|\w*Arabic|\w*CJK)", answer.content))
    assert len(fonts) >= 3, answer.content[:200]


def test_the_rows_of_the_pdf_are_those_of_the_csv(
    world: World, stripe_double: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(world, stripe_double)
    written, facts = [], []
    real_rows, real_facts = Paper.rows, Paper.facts

    def rows_kept(paper: Paper, heads: Any, rows: Any, *rest: Any, **more: Any) -> None:
        written.extend(rows)
        real_rows(paper, heads, rows, *rest, **more)

    def facts_kept(paper: Paper, pairs: Any) -> None:
        facts.extend(pairs)
        real_facts(paper, pairs)

    monkeypatch.setattr(Paper, "rows", rows_kept)
    monkeypatch.setattr(Paper, "facts", facts_kept)
    logged_in(world.alice).get("/sell/money/statement.pdf")
    rows = read(world)
    digits = re.compile(r"[^0-9.-]")
    assert [[digits.sub("", cell) for cell in row[3:]] for row in written] == [
        [row["amount"], row["balance"], row["matched"]] for row in rows[1:-1]
    ]
    assert digits.sub("", dict(facts)["Closing balance"]) == rows[-1]["balance"]


def test_a_pdf_that_would_be_a_book_is_refused_with_the_way_out(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    moves(alice, 4)
    monkeypatch.setattr(papers, "MOST_ROWS", 3)
    page = logged_in(alice).get("/sell/money/statement.pdf", follow=True).content.decode()
    assert "Choose a shorter period, or take the CSV" in page


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "٢٠٢٦-11"},
        {"since": "2026-02-30", "until": "2026-03-01"},
        {"since": "2026-03-01"},
        {"since": "2026-03-02", "until": "2026-03-01"},
        {"since": "2020-01-01", "until": "2026-01-01"},
        {"month": "2026-11", "since": "2026-11-01"},
    ],
)
def test_a_period_that_is_none_is_refused(world: World, query: dict[str, str]) -> None:
    with pytest.raises(PeriodError):
        Period.read(query)
    assert logged_in(world.alice).get("/sell/money/movements/", query).status_code == 404
    path = "balance/movements/?" + "&".join(f"{name}={value}" for name, value in query.items())
    assert "month" in by_token(world.alice).get(path, status=400)["errors"]


def test_a_year_ends_with_its_last_day() -> None:
    assert Period.month(dt.date(2026, 12, 9)) == Period(dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert Period.read({"month": "2028-02"}).last == dt.date(2028, 2, 29)
    assert Period.read({"since": "2026-01-01", "until": "2026-12-31"}).end == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def test_carmen_sees_none_of_alices_movements(world: World, stripe_double: StripeDouble) -> None:
    number = story(world, stripe_double)
    page = logged_in(world.carmen).get("/sell/money/movements/").content.decode()
    assert number not in page
    assert "Nothing moved." in page


def test_a_kind_without_words_is_said_to_be_by_hand() -> None:
    assert why("adjustment", "payable") == "Booked by our staff"
