"""Whose tax is inside the commission: the rules, the rates of countries, and what sellers say of themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from marketplace.lib.clock import today
from marketplace.lib.places import EU
from marketplace.models import User
from payments.errors import FeeRefused, InvoiceRefused
from payments.invoices import seed
from payments.invoices.operator import Operator
from payments.invoices.profiles import Stated, set_profile
from payments.invoices.rates import rate_on, record_rate
from payments.invoices.rules import Party, Taxed, decide, is_vat_id
from payments.models import TaxProfile, TaxRate, Treatment, Wait
from tests.conftest import logged_in

pytestmark = pytest.mark.django_db
HAMBURG = Operator("Hafen GmbH", "Hafenstraße 1", "DE", "DE999999995", "", "EUR", "oss")
SMALL = replace(HAMBURG, vat_id="", consumers="home")
LONDON = replace(HAMBURG, country="GB", vat_id="GB980780684")
STATED = Stated("Alice Sharma", "12 Johari Bazaar", "302003", "Jaipur", "IN", "")
ADD = "/admin/payments/taxrate/add/"


@pytest.mark.parametrize(
    ("operator", "country", "postal", "vat_id", "found"),
    [
        (HAMBURG, "DE", "10119", "", Taxed(Treatment.DOMESTIC, "DE")),
        (HAMBURG, "DE", "10119", "DE999999911", Taxed(Treatment.DOMESTIC, "DE")),
        (HAMBURG, "AT", "1010", "ATU13585627", Taxed(Treatment.REVERSE)),
        (HAMBURG, "GR", "10431", "EL094259216", Taxed(Treatment.REVERSE)),
        (HAMBURG, "AT", "1010", "ATU13585628", Wait.VAT_ID),  # its check digit is wrong
        (HAMBURG, "AT", "1010", "FR40303265045", Wait.VAT_ID),  # valid, of another country
        (HAMBURG, "AT", "1010", "", Taxed(Treatment.CONSUMER, "AT")),
        (replace(HAMBURG, consumers="home"), "AT", "1010", "", Taxed(Treatment.HOME, "DE")),
        (replace(HAMBURG, consumers=""), "AT", "1010", "", Wait.CONSUMERS),
        (HAMBURG, "IN", "302003", "", Taxed(Treatment.OUTSIDE)),
        (HAMBURG, "MX", "68000", "RFC", Taxed(Treatment.OUTSIDE)),
        (HAMBURG, "ES", "35 001", "", Wait.LAW),  # the Canary Islands
        (HAMBURG, "DE", "27498", "", Wait.LAW),  # Heligoland
        (HAMBURG, "MC", "98000", "", Wait.LAW),
        (SMALL, "DE", "10119", "", Taxed(Treatment.EXEMPT)),
        (SMALL, "IN", "302003", "", Taxed(Treatment.EXEMPT)),
        (SMALL, "AT", "1010", "", Taxed(Treatment.EXEMPT)),
        (SMALL, "AT", "1010", "ATU13585627", Wait.LAW),
        (replace(SMALL, consumers="oss"), "AT", "1010", "", Wait.LAW),
        (LONDON, "GB", "N1", "", Taxed(Treatment.DOMESTIC, "GB")),
        (LONDON, "DE", "10119", "", Wait.LAW),
        (replace(HAMBURG, name=""), "DE", "10119", "", Wait.OPERATOR),
    ],
)
def test_each_case_is_decided_or_said_to_be_unknown(
    operator: Operator, country: str, postal: str, vat_id: str, found: Taxed | Wait
) -> None:
    assert decide(operator, Party(country, postal, vat_id)) == found


def test_the_operator_says_what_is_missing() -> None:
    assert replace(HAMBURG, name="", country="").missing == ["OPERATOR_NAME", "OPERATOR_COUNTRY"]
    assert HAMBURG.missing == []


def test_every_country_of_the_eu_has_a_rate_with_its_source(db: None) -> None:
    assert set(TaxRate.objects.values_list("country", flat=True)) == EU
    assert {rate_on("DE", today()), rate_on("FI", today())} == {1900, 2550}
    assert rate_on("DE", dt.date(2026, 6, 30)) is None
    assert rate_on("IN", today()) is None
    assert seed.load(TaxRate) == 0


def test_a_new_rate_ends_the_old_one_and_keeps_it(finance: User) -> None:
    soon = today() + dt.timedelta(days=10)
    record_rate(by=finance, country="DE", bps=2000, valid_from=soon, source="A law")
    assert (rate_on("DE", today()), rate_on("DE", soon)) == (1900, 2000)
    old, new = TaxRate.objects.filter(country="DE").order_by("valid_from")
    assert (old.valid_until, new.valid_until, new.recorded_by) == (soon, None, finance)
    sooner = record_rate(by=finance, country="DE", bps=2100, valid_from=today(), source="Another law")
    assert (sooner.valid_until, rate_on("DE", today()), rate_on("DE", soon)) == (soon, 2100, 2000)


def test_the_first_rate_of_a_country_may_begin_in_the_past(finance: User) -> None:
    record_rate(by=finance, country="GB", bps=2000, valid_from=dt.date(2011, 1, 4), source="gov.uk")
    assert rate_on("GB", dt.date(2020, 2, 3)) == 2000


@pytest.mark.parametrize("wrong", [{"country": "QQ"}, {"valid_from": dt.date(2026, 10, 1)}])
def test_what_is_no_rate_is_refused_and_nothing_moves(finance: User, wrong: dict[str, object]) -> None:
    before = list(TaxRate.objects.order_by("pk").values())
    terms = {"country": "DE", "bps": 1, "valid_from": today(), "source": "A law"} | wrong
    with pytest.raises(FeeRefused):
        record_rate(by=finance, **terms)  # type: ignore[arg-type]
    assert list(TaxRate.objects.order_by("pk").values()) == before


def test_finance_records_a_rate_in_the_admin(admin: User) -> None:
    browser = logged_in(admin)
    sent = {"country": "no", "points": "2500", "valid_from": str(today()), "source": "skatteetaten.no"}
    assert browser.post(ADD, sent | {"points": "10001"}).status_code == 200
    assert rate_on("NO", today()) is None
    assert browser.post(ADD, sent).status_code == 302
    assert rate_on("NO", today()) == 2500
    assert "skatteetaten.no" in browser.get("/admin/payments/taxrate/?country=NO").content.decode()


@pytest.mark.parametrize(
    ("number", "country", "valid"),
    [("DE999999995", "DE", True), ("DE999999994", "DE", False), ("999999995", "DE", False), ("", "DE", False)],
)
def test_a_vat_number_has_its_letters_and_its_check_digit(number: str, country: str, valid: bool) -> None:
    assert is_vat_id(number, country) is valid


def test_a_seller_says_who_they_are_and_may_change_it(alice: User) -> None:
    set_profile(seller=alice, by=alice, stated=STATED)
    set_profile(seller=alice, by=alice, stated=replace(STATED, country="AT", vat_id="atu 1358.5627"))
    profile = TaxProfile.objects.get()
    assert (profile.seller, profile.country, profile.vat_id, profile.city) == (alice, "AT", "ATU13585627", "Jaipur")


@pytest.mark.parametrize("wrong", [{"country": "QQ"}, {"country": "AT", "vat_id": "ATU13585628"}])
def test_a_number_that_is_none_is_refused_and_nothing_is_kept(alice: User, wrong: dict[str, str]) -> None:
    with pytest.raises(InvoiceRefused):
        set_profile(seller=alice, by=alice, stated=replace(STATED, **wrong))
    assert not TaxProfile.objects.exists()
