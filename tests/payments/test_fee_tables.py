"""Price lists of processors: dated rows, what a quote makes of them, and what an operator may do to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fx.money import Money
from marketplace.lib.clock import shifted, today
from marketplace.models import User
from marketplace.roles import make_roles
from payments.errors import FeeRefused
from payments.feetables import seed
from payments.feetables.estimates import FeeTable
from payments.feetables.recording import record_fee
from payments.models import FeeRow
from payments.processors.registry import get
from tests.conftest import ClientFor
from tests.payments.pocket import Pocket

pytestmark = pytest.mark.django_db
CARD: dict[str, Any] = {
    "processor": "stripe",
    "part": "percent",
    "source": "Our contract of 2026",
    "confidence": "high",
}
ADD = "/admin/payments/feerow/add/"


def fee(money: Money, country: str, slug: str = "stripe") -> Money:
    return FeeTable.of_today().estimate(get(slug), money, country).fee


@pytest.mark.parametrize(
    ("amount", "currency", "country", "kept"),
    [
        (10_000, "EUR", "DE", 175),
        (10_000, "EUR", "GB", 275),
        (10_000, "EUR", "IN", 350),
        (1778, "EUR", "DE", 52),  # 26.67 cents up to 27, and 25
        (1667, "EUR", "DE", 51),  # 25.005 up: the estimate never falls short
        (10_000, "GBP", "GB", 270),
        (10_000, "INR", "IN", 325),  # no fixed part is listed
    ],
)
def test_the_estimate_is_a_percentage_and_a_fixed_part_rounded_up(
    amount: int, currency: str, country: str, kept: int
) -> None:
    assert fee(Money(amount, currency), country) == Money(kept, currency)


def test_the_estimate_names_its_source_and_since_when_it_is_in_force() -> None:
    estimate = FeeTable.of_today().estimate(get("stripe"), Money(10_000, "EUR"), "DE")
    assert estimate.source == f"{seed.LIST}; in force since 2026-01-01"
    assert estimate.known is True


def test_new_terms_end_the_old_ones_and_the_past_keeps_its_row(finance: User) -> None:
    later = today() + dt.timedelta(days=10)
    record_fee(by=finance, area="EEA", bps=140, valid_from=later, **CARD)
    assert fee(Money(10_000, "EUR"), "DE") == Money(175, "EUR")
    with shifted(days=10):
        assert fee(Money(10_000, "EUR"), "DE") == Money(165, "EUR")
    old, new = FeeRow.objects.filter(area="EEA").order_by("valid_from")
    assert (old.valid_until, old.bps, old.recorded_by) == (later, 150, None)
    assert (new.valid_until, new.bps, new.recorded_by) == (None, 140, finance)


def test_a_country_of_its_own_goes_before_the_region(finance: User) -> None:
    record_fee(by=finance, area="DE", bps=90, valid_from=today(), **CARD)
    assert fee(Money(10_000, "EUR"), "DE") == Money(115, "EUR")
    assert fee(Money(10_000, "EUR"), "FR") == Money(175, "EUR")


def test_a_row_between_two_others_ends_where_the_next_begins(finance: User) -> None:
    first, last = today() + dt.timedelta(days=5), today() + dt.timedelta(days=20)
    record_fee(by=finance, area="EEA", bps=200, valid_from=last, **CARD)
    middle = record_fee(by=finance, area="EEA", bps=100, valid_from=first, **CARD)
    assert middle.valid_until == last


def test_the_same_day_can_be_corrected_and_both_rows_stay(finance: User) -> None:
    wrong = record_fee(by=finance, area="EEA", bps=1400, valid_from=today(), **CARD)
    record_fee(by=finance, area="EEA", bps=140, valid_from=today(), **CARD)
    wrong.refresh_from_db()
    assert (wrong.valid_from, wrong.valid_until) == (today(), today())
    assert fee(Money(10_000, "EUR"), "DE") == Money(165, "EUR")


def test_an_ended_list_is_said_in_words_and_is_no_silent_number(finance: User) -> None:
    ends = today() + dt.timedelta(days=1)
    for area in ("EEA", ""):
        record_fee(by=finance, area=area, bps=150, valid_from=today(), valid_until=ends, **CARD)
    with shifted(days=1):
        estimate = FeeTable.of_today().estimate(get("stripe"), Money(10_000, "EUR"), "DE")
    assert (estimate.known, estimate.fee, estimate.source) == (False, Money(0, "EUR"), "")
    assert f"ended before {ends}" in estimate.words
    assert "the platform bears it" in estimate.words


def test_an_ended_fixed_part_makes_the_whole_fee_unknown(finance: User) -> None:
    ends = today() + dt.timedelta(days=1)
    terms = CARD | {"part": "fixed"}
    record_fee(by=finance, amount=Money(25, "EUR"), valid_from=today(), valid_until=ends, **terms)
    with shifted(days=1):
        assert FeeTable.of_today().estimate(get("stripe"), Money(10_000, "EUR"), "DE").known is False
        assert FeeTable.of_today().estimate(get("stripe"), Money(10_000, "USD"), "DE").known is True


def test_a_processor_of_ours_without_a_row_is_not_known() -> None:
    FeeRow.objects.filter(processor="stripe").delete()
    estimate = FeeTable.of_today().estimate(get("stripe"), Money(10_000, "EUR"), "DE")
    assert (estimate.known, estimate.fee) == (False, Money(0, "EUR"))
    assert "no price list" in estimate.words


def test_a_plug_in_without_a_row_says_its_own_estimate_until_an_operator_records_one(finance: User) -> None:
    class Odd(Pocket):
        slug = "oddpay"

        def fee(self, money: Money, country: str) -> Money:
            return Money(7, money.currency)

    odd = object.__new__(Odd)
    estimate = FeeTable.of_today().estimate(odd, Money(10_000, "EUR"), "DE")
    assert (estimate.fee, estimate.source) == (Money(7, "EUR"), "the payment method’s own estimate")
    record_fee(by=finance, bps=50, valid_from=today(), **CARD | {"processor": "oddpay"})
    assert FeeTable.of_today().estimate(odd, Money(10_000, "EUR"), "DE").fee == Money(50, "EUR")


def test_the_database_refuses_two_rows_at_a_time() -> None:
    row = FeeRow.objects.get(processor="stripe", area="EEA")
    row.pk, row.valid_from = None, today()
    with pytest.raises(IntegrityError, match="fee_row_one_at_a_time"), transaction.atomic():
        row.save(force_insert=True)
    assert FeeRow.objects.filter(processor="stripe", area="EEA").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"bps": 10, "amount": Money(25, "EUR")},
        {"part": "fixed", "amount": None},
        {"part": "fixed", "amount": Money(25, "EUR"), "area": "DE"},
        {"area": "QQ"},
        {"part": "fixed", "amount": Money(-1, "EUR")},
        {"valid_from": dt.date(2026, 1, 1)},
        {"valid_until": dt.date(2026, 1, 1)},
    ],
)
def test_what_is_no_price_is_refused_and_nothing_moves(finance: User, wrong: dict[str, object]) -> None:
    before = list(FeeRow.objects.order_by("pk").values())
    terms = CARD | {"valid_from": today()} | wrong
    with pytest.raises(FeeRefused):
        record_fee(by=finance, **terms)
    assert list(FeeRow.objects.order_by("pk").values()) == before


def test_a_second_seeding_adds_what_is_missing_and_keeps_what_an_operator_recorded(finance: User) -> None:
    record_fee(by=finance, area="EEA", bps=90, valid_from=today(), **CARD)
    FeeRow.objects.filter(currency="THB").delete()
    assert (seed.load(FeeRow), seed.load(FeeRow)) == (1, 0)
    assert fee(Money(10_000, "EUR"), "DE") == Money(115, "EUR")


def test_finance_records_terms_in_the_admin_and_the_list_is_the_history(finance: User, client_for: ClientFor) -> None:
    make_roles()
    finance.groups.set(finance.groups.model.objects.filter(name="finance"))
    browser = client_for(finance)
    sent = {"processor": "stripe", "part": "percent", "area": "eea", "points": "140", "valid_from": str(today())}
    wrong = browser.post(ADD, sent | {"source": "Contract 7", "confidence": "high", "fixed": "-5", "currency": "EUR"})
    assert (wrong.status_code, FeeRow.objects.filter(area="EEA").count()) == (200, 1)
    done = browser.post(ADD, sent | {"source": "Contract 7", "confidence": "high"})
    assert (done.status_code, fee(Money(10_000, "EUR"), "DE")) == (302, Money(165, "EUR"))
    page = browser.get("/admin/payments/feerow/?processor=stripe&part=percent").content.decode()
    assert "140 bps" in page
    assert "150 bps" in page
    assert "Contract 7" in page


def test_every_row_that_ships_names_a_published_source_or_says_that_nobody_has_verified_it() -> None:
    shipped = FeeRow.objects.filter(recorded_by=None)
    unverified = {row.currency or row.processor for row in shipped if not row.verified}
    assert unverified == {*seed.FIXED} - {"EUR"} - seed.OF_THE_NOTICE | {"transfer"}
    for row in shipped.filter(processor="stripe"):
        assert ("support.stripe.com, in force since 10 April 2023" in row.source) is row.verified
    assert not shipped.filter(source__icontains="memory").exists()


@pytest.mark.parametrize(("currency", "unverified"), [("EUR", False), ("USD", True), ("CZK", False)])
def test_the_sheet_says_of_a_price_that_nobody_has_verified_it(currency: str, unverified: bool) -> None:
    estimate = FeeTable.of_today().estimate(get("stripe"), Money(10_000, currency), "DE")
    assert ("nobody has verified" in estimate.words) is unverified
    assert ("No published source was read" in estimate.source) is unverified
    assert estimate.known is True


def test_rows_from_before_get_their_source_and_what_people_recorded_stays(finance: User) -> None:
    FeeRow.objects.update(source="from memory", confidence="medium")
    own = record_fee(by=finance, amount=Money(30, "USD"), valid_from=today(), **CARD | {"part": "fixed"})
    figures = list(FeeRow.objects.order_by("pk").values_list("bps", "minor", "valid_from", "valid_until"))
    assert seed.say_sources(FeeRow) == len(list(seed.rows()))
    assert list(FeeRow.objects.order_by("pk").values_list("bps", "minor", "valid_from", "valid_until")) == figures
    own.refresh_from_db()
    assert (own.source, own.confidence) == ("Our contract of 2026", "high")
    assert not FeeRow.objects.filter(source="from memory").exists()


def test_the_admin_says_what_is_unverified_and_what_is_not(finance: User, client_for: ClientFor) -> None:
    make_roles()
    finance.groups.set(finance.groups.model.objects.filter(name="finance"))
    browser = client_for(finance)
    page = browser.get("/admin/payments/feerow/?confidence=none").content.decode()
    assert "Unverified" in page
    assert "Record what your account is charged" in page
    assert "support.stripe.com" not in page.split("<tbody>")[1]
