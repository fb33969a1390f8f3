"""A seller's numbers: on the desk and over the API, looked at, checked by staff only, nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from listings.errors import ListingError
from listings.models import Shop, ShopNumber
from listings.registrations.numbers import WrongNumber
from listings.registrations.sellers import read_own, registrations_of
from listings.services import mark_numbers_checked, open_shop, remove_number, set_number
from listings.services.shopnumbers import MOST
from marketplace.lib.places import countries
from marketplace.models import User
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.listings.test_review import passed

pytestmark = pytest.mark.django_db
PAGE = "/sell/registrations/"
OVER_API = "shop/registrations/"
GSTIN = "27AAPFU0939F1ZV"


@pytest.fixture
def shop(alice: User) -> Shop:
    return open_shop(by=alice, name="Blue Pottery", country="IN", city="Jaipur", currency="INR")


def keep(shop: Shop, kind: str = "vat", country: str = "IN", number: str = GSTIN) -> ShopNumber:
    return set_number(shop, by=shop.owner, kind=kind, country=country, number=number)


RIGHT = [
    ("eori", "DE", "de 1234567890123", "DE1234567890123"),
    ("eori", "GB", "GB205672212000", "GB205672212000"),
    ("vat", "IN", GSTIN, GSTIN),
    ("vat", "DE", "DE 136,695 976", "136695976"),
    ("vat", "MX", "GODE 561231 GR8", "GODE561231GR8"),
    ("vat", "KW", "12-345", "12345"),  # no check digits that we know
    ("ioss", "DE", "IM2760000009", "IM2760000009"),
    ("epr-packaging", "DE", "DE1234567890123", "DE1234567890123"),
    ("epr-packaging", "FR", "fr123456_01abcd", "FR123456_01ABCD"),
    ("epr-toys", "ES", "ENV/2024/000012345", "ENV/2024/000012345"),
]
WRONG = [
    ("eori", "DE", "FR1234567890123"),
    ("eori", "DE", "DE1234567890123456"),
    ("vat", "IN", "27AAPFU0939F1ZX"),
    ("vat", "DE", "DE136695977"),
    ("vat", "MX", "GODE 561331 GR8"),
    ("ioss", "DE", "EU372022452"),
    ("epr-packaging", "DE", "DE123456789012"),
    ("epr-textiles", "FR", "123456"),
    ("epr-toys", "ES", "?"),
]


@pytest.mark.parametrize(("kind", "country", "number", "plain"), RIGHT)
def test_a_number_that_can_be_right_is_kept_plain(kind: str, country: str, number: str, plain: str) -> None:
    assert read_own(kind, country, number) == plain


@pytest.mark.parametrize(("kind", "country", "number"), WRONG)
def test_one_that_cannot_be_is_refused_and_nothing_is_kept(shop: Shop, kind: str, country: str, number: str) -> None:
    with pytest.raises(ListingError, match="cannot be a number of this kind"):
        keep(shop, kind, country, number)
    assert not shop.numbers.exists()


@pytest.mark.parametrize(
    "number", ["", "\0", "٣" * 11, "DE\n1", "🧵" * 12, "-" * 40, "9" * 40, "T", "' or 1=1 --", "½" * 9]
)
def test_no_country_chokes_on_what_is_no_number(number: str) -> None:
    for country, _name in countries("en"):
        for kind in ShopNumber.Kind.values:
            try:
                assert read_own(kind, country, number).isascii()
            except WrongNumber:
                continue


def test_the_desk_keeps_replaces_and_removes_one(shop: Shop, alice: User) -> None:
    client = logged_in(alice)
    assert "No number is kept yet" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"kind": "vat", "country": "IN", "number": GSTIN.lower()}).status_code == 302
    page = client.get(PAGE).content.decode()
    assert GSTIN in page
    assert "not checked" in page
    client.post(PAGE, {"kind": "vat", "country": "IN", "number": "29AAGCB7383J1Z4"})
    assert registrations_of(shop) == {("vat", "IN"): "29AAGCB7383J1Z4"}
    client.post(f"{PAGE}{shop.numbers.get().pk}/remove/")
    assert registrations_of(shop) == {}


REFUSED: list[dict[str, str]] = [
    {"kind": "vat", "country": "IN", "number": "27AAPFU0939F1ZX"},
    {"kind": "passport", "country": "IN", "number": GSTIN},
    {"kind": "vat", "country": "XX", "number": GSTIN},
    {"kind": "vat", "country": "IN", "number": "\0"},
    {"kind": "vat", "country": "IN", "number": "9" * 41},
    {},
]


@pytest.mark.parametrize("said", REFUSED)
def test_the_desk_and_the_api_refuse_the_same(shop: Shop, alice: User, said: dict[str, str]) -> None:
    client = logged_in(alice)
    assert client.post(PAGE, said or {"x": "y"}).status_code == 422
    assert by_token(alice).send("PUT", OVER_API, said).status_code in {400, 409, 422}
    assert not shop.numbers.exists()


def test_the_api_lists_sets_and_removes(shop: Shop, alice: User) -> None:
    caller = by_token(alice)
    kept: dict[str, Any] = caller.put(OVER_API, {"kind": "eori", "country": "DE", "number": "DE1234567890123"})
    assert (kept["number"], kept["checked_at"]) == ("DE1234567890123", None)
    assert [row["id"] for row in caller.get(OVER_API)] == [kept["id"]]
    assert caller.send("DELETE", f"{OVER_API}{kept['id']}/").json() == []
    assert caller.get(OVER_API) == []


def test_nobody_else_sees_or_moves_them(shop: Shop, charlie: User) -> None:
    row = keep(shop)
    client = logged_in(charlie)
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}{row.pk}/remove/").status_code == 404
    assert by_token(charlie).send("DELETE", f"{OVER_API}{row.pk}/").status_code == 404
    with pytest.raises(ListingError, match="not your shop"):
        remove_number(row, by=charlie)
    with pytest.raises(ListingError, match="not your shop"):
        set_number(shop, by=charlie, kind="vat", country="IN", number=GSTIN)
    assert registrations_of(shop) == {("vat", "IN"): GSTIN}


def test_finance_says_what_it_compared_and_another_number_is_not_checked_again(shop: Shop, finance: User) -> None:
    row = keep(shop)
    finance.is_superuser = True
    finance.save()
    passed(finance).post("/admin/listings/shopnumber/", {"action": "checked", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.checked, row.checked_by) == (True, finance)
    assert "checked on" in logged_in(shop.owner).get(PAGE).content.decode()
    assert keep(shop).checked  # the same one said again
    assert not keep(shop, number="29AAGCB7383J1Z4").checked


def test_a_number_that_changed_meanwhile_is_not_marked(shop: Shop, finance: User) -> None:
    seen = keep(shop)
    keep(shop, number="29AAGCB7383J1Z4")
    assert mark_numbers_checked([seen], by=finance) == 0
    assert not shop.numbers.get().checked


def test_a_shop_keeps_so_many_and_no_more(shop: Shop) -> None:
    for country, _name in countries("en")[:MOST]:
        keep(shop, "epr-toys", country, "FR123456_01ABCD")
    with pytest.raises(ListingError, match="up to 60 numbers"):
        keep(shop)
    assert shop.numbers.count() == MOST


def test_a_guest_is_asked_to_log_in() -> None:
    assert Client().get(PAGE).status_code == 302
