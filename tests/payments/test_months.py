"""The platform's books per month: income, expense and tax as posted, each in its currency and its month."""

from __future__ import annotations

import datetime as dt

import pytest

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.lib.period import Period
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.months import Line, month_of
from payments.ledger.posting import post
from tests.conftest import logged_in, make_user

pytestmark = pytest.mark.django_db
MONTHS = "/admin/payments/journal/months/"


def earn(key: str, commission: int, spent: int, tax: int) -> None:
    legs = [
        (codes.clearing("stripe", "EUR"), commission + tax - spent),
        (codes.income("commission", "EUR"), -commission),
        (codes.expense("stripe", "EUR"), spent),
        (codes.tax("IOSS", "DE", "EUR"), -tax),
    ]
    post(f"test:{key}", "test", "", legs)


def first() -> dt.date:
    return now().date().replace(day=1)


def test_a_month_has_its_own_income_expense_and_tax(db: None) -> None:
    earn("a", 1_000, 300, 190)
    earn("b", 500, 0, 10)
    post("test:yen", "test", "", [(codes.clearing("stripe", "JPY"), 70), (codes.income("spread", "JPY"), -70)])
    month = month_of(Period.month(first()))
    assert month.lines == (
        Line("income", "income:commission:EUR", Money(1_500, "EUR")),
        Line("income", "income:spread:JPY", Money(70, "JPY")),
        Line("expense", "expense:stripe:EUR", Money(300, "EUR")),
        Line("tax", "tax:IOSS:DE:EUR", Money(200, "EUR")),
    )
    assert month.results == [Money(1_200, "EUR"), Money(70, "JPY")]
    assert month_of(Period.month(month.before)).lines == month_of(Period.month(month.after)).lines == ()


def test_the_months_go_over_the_end_of_a_year() -> None:
    december = month_of(Period.month(dt.date(2025, 12, 1)))
    assert (december.before, december.after) == (dt.date(2025, 11, 1), dt.date(2026, 1, 1))
    assert month_of(Period.month(dt.date(2024, 2, 1))).after == dt.date(2024, 3, 1)


def test_finance_reads_the_page_and_the_csv(admin: User) -> None:
    earn("a", 123_456, 789, 0)
    page = logged_in(admin).get(MONTHS).content.decode()
    assert "income:commission:EUR" in page
    assert "€1,226.67" in page
    asked = f"?month={first():%Y-%m}"
    sheet = logged_in(admin).get(f"{MONTHS}csv/{asked}")
    assert sheet.content.decode().splitlines() == [
        "month,part,account,currency,amount",
        f"{first():%Y-%m},income,income:commission:EUR,EUR,1234.56",
        f"{first():%Y-%m},expense,expense:stripe:EUR,EUR,7.89",
    ]
    assert MONTHS in logged_in(admin).get("/admin/payments/journal/").content.decode()


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "0001-01", "9999-12", "2026-11-01"])
def test_a_month_that_is_none_is_not_found(admin: User, month: str) -> None:
    assert logged_in(admin).get(f"{MONTHS}?month={month}").status_code == 404


def test_staff_without_the_books_are_refused(db: None) -> None:
    moderator = logged_in(make_user("a-moderator@example.com", staff=True))
    assert moderator.get(MONTHS).status_code == 403
    assert moderator.get(f"{MONTHS}csv/").status_code == 403
