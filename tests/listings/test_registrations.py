"""The operator's registrations: numbers that can be right, one of a scheme at a time, ended once, kept for good."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listings.customs.rules import rulebook
from listings.errors import ListingError
from listings.models import ImportRule, Registration
from listings.registrations.numbers import FORMATS, WrongNumber, read_number
from listings.services import end_registration, register
from listings.services.registrations import known_schemes
from marketplace.lib.clock import today
from marketplace.models import User
from marketplace.seeding.registered import register_demo
from tests.listings.test_review import passed
from tests.registered import registered

pytestmark = pytest.mark.django_db
DESK = "/admin/listings/registration/"
START = dt.date(2026, 7, 1)


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_user("admin@example.com", "a-long-password", is_staff=True, is_superuser=True)


def typed(**edits: Any) -> dict[str, Any]:
    said = {"scheme": "IOSS", "number": "IM 276 000 0009", "country": "DE", "valid_from": "2026-07-01"}
    return said | {"valid_until": "", "note": ""} | edits


def draft(**edits: Any) -> Registration:
    return Registration(**{**typed(valid_from=START, valid_until=None), **edits})


RIGHT = [
    ("IOSS", "IM 276 000 0009", "IM2760000009"),
    ("UK-POS", "GB 980 7806 84", "980780684"),
    ("VOEC", "2012345", "2012345"),
    ("CH-MAIL", "CHE-107.787.577 MWST", "CHE107787577MWST"),
    ("AU-LVIG", "51 824 753 556", "51824753556"),
    ("AU-LVIG", "300 012 345 678", "300012345678"),
    ("NZ-LVG", "49-091-850", "49091850"),
    ("SG-OVR", "M90370112A", "M90370112A"),
    ("SG-OVR", "00192200M", "00192200M"),
    ("CL-IVA", "12.531.909-2", "125319092"),
    ("BR-RC", "16.727.230/0001-97", "16727230000197"),
    ("CN-CBEC", "91110000600037341L", "91110000600037341L"),
    ("JP-JCT", "T5835678256246", "T5835678256246"),
    ("MY-LVG", "LVG-0012345", "LVG0012345"),
]
WRONG = [
    ("IOSS", "EU372022452"),  # the non-Union scheme
    ("IOSS", "IN2760000009"),  # an intermediary's own
    ("IOSS", "IM9990000009"),  # no member state
    ("UK-POS", "GB 980 7806 85"),
    ("VOEC", "201234"),
    ("CH-MAIL", "CHE-107.787.578 MWST"),
    ("AU-LVIG", "51 824 753 557"),
    ("NZ-LVG", "49-091-851"),
    ("SG-OVR", "00192200N"),
    ("CL-IVA", "12.531.909-3"),
    ("BR-RC", "16.727.230/0001-98"),
    ("CN-CBEC", "91110000600037341M"),
    ("JP-JCT", "5835678256246"),
    ("JP-JCT", "T5835678256247"),
    ("MY-LVG", "?"),
]


@pytest.mark.parametrize(("scheme", "number", "plain"), RIGHT)
def test_a_number_that_can_be_right_is_kept_plain(scheme: str, number: str, plain: str) -> None:
    assert read_number(scheme, number) == plain


@pytest.mark.parametrize(("scheme", "number"), WRONG)
def test_a_number_that_cannot_be_right_is_refused_with_one_that_could(scheme: str, number: str) -> None:
    with pytest.raises(WrongNumber) as refused:
        read_number(scheme, number)
    assert read_number(scheme, refused.value.example)


def test_every_format_is_of_a_scheme_that_a_rule_names() -> None:
    assert FORMATS.keys() - set(known_schemes()) == set()


def test_the_desk_enters_and_ends_one(boss: User) -> None:
    client = passed(boss)
    assert client.post(f"{DESK}add/", typed()).status_code == 302
    row = Registration.objects.get()
    assert (row.number, row.by, row.valid_until, row.ended_by) == ("IM2760000009", boss, None, None)
    assert (
        client.post(f"{DESK}{row.pk}/change/", {"valid_until": "2027-01-01", "number": "IM3720000003"}).status_code
        == 302
    )
    row.refresh_from_db()
    assert (row.number, row.valid_until, row.ended_by) == ("IM2760000009", dt.date(2027, 1, 1), boss)
    assert client.post(f"{DESK}{row.pk}/change/", {"valid_until": "2028-01-01"}).status_code == 403
    assert "2027" in client.get(f"{DESK}{row.pk}/change/").content.decode()
    assert client.post(f"{DESK}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.valid_until == dt.date(2027, 1, 1)


REFUSED = [
    ({"number": "IM276"}, "One looks like IM2760000009"),
    ({"country": "XX"}, "is no country"),
    ({"valid_until": "2026-06-30"}, "ends before it starts"),
    ({"scheme": "EU"}, "Select a valid choice"),
    ({"number": "IM276\0"}, "Null characters are not allowed"),
    ({"valid_from": "soon"}, "Enter a valid date"),
]


@pytest.mark.parametrize(("edits", "says"), REFUSED)
def test_the_desk_says_what_is_wrong_and_keeps_nothing(boss: User, edits: dict[str, str], says: str) -> None:
    page = passed(boss).post(f"{DESK}add/", typed(**edits))
    assert page.status_code == 200
    assert says in page.content.decode()
    assert not Registration.objects.exists()


def test_an_end_before_the_start_is_refused_at_the_desk(boss: User) -> None:
    [row] = registered("IOSS", by=boss)
    page = passed(boss).post(f"{DESK}{row.pk}/change/", {"valid_until": "2020-01-01"})
    assert "ends before it starts" in page.content.decode()
    row.refresh_from_db()
    assert row.valid_until is None


def test_two_of_one_scheme_are_never_in_force_at_once(boss: User) -> None:
    first = register(draft(), by=boss)
    with pytest.raises(ListingError, match="IOSS IM2760000009. is in force at the same time"):
        register(draft(valid_from=dt.date(2027, 1, 1)), by=boss)
    end_registration(first, valid_until=dt.date(2027, 1, 1), by=boss)
    register(draft(number="IM3720000003", valid_from=dt.date(2027, 1, 1)), by=boss)
    with pytest.raises(IntegrityError, match="registration_one_at_a_time"), transaction.atomic():
        draft(number="IM3720000003", valid_from=dt.date(2026, 12, 31), by=boss).save()
    assert Registration.objects.count() == 2


def test_one_that_was_never_right_ends_on_its_first_day_and_another_takes_its_place(boss: User) -> None:
    wrong = register(draft(), by=boss)
    end_registration(wrong, valid_until=START, by=boss)
    assert rulebook().schemes_on(START) == frozenset()
    register(draft(number="IM3720000003"), by=boss)
    assert rulebook().schemes_on(START) == {"IOSS"}
    with pytest.raises(ListingError, match="ends on 2026-07-01 already"):
        end_registration(wrong, valid_until=dt.date(2027, 1, 1), by=boss)


@pytest.mark.parametrize(
    "sql",
    [
        "update listings_registration set number = 'IM3720000003'",
        "update listings_registration set valid_from = '2020-01-01'",
        "delete from listings_registration",
    ],
)
def test_nobody_rewrites_one_not_even_by_hand(sql: str) -> None:
    registered("IOSS")
    with pytest.raises(IntegrityError, match="ended once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Registration.objects.get().number == "IM2760000009"


def test_the_kept_book_hears_of_a_registration_and_asks_once(boss: User) -> None:
    assert rulebook().schemes_on(today()) == frozenset()
    [row] = registered("IOSS", "UK-POS", by=boss)[:1]
    assert rulebook().schemes_on(today()) == {"IOSS", "UK-POS"}
    end_registration(row, valid_until=today(), by=boss)
    assert rulebook().schemes_on(today()) == {"UK-POS"}
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rulebook().schemes_on(today())
    assert len(asked) == 1


def test_a_scheme_that_no_rule_names_is_refused(boss: User) -> None:
    ImportRule.objects.filter(scheme="IOSS").update(scheme="")
    with pytest.raises(ListingError, match="No import rule names the scheme “IOSS”"):
        register(draft(), by=boss)
    assert not Registration.objects.exists()


def test_the_demo_says_that_its_number_is_a_sample(boss: User) -> None:
    register_demo(by=boss)
    register_demo(by=boss)
    assert Registration.objects.get().note == "Sample of the demo"


def test_a_guest_sees_nothing_of_it(db: None) -> None:
    assert Client().get(DESK).status_code == 302
