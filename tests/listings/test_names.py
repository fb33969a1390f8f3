"""Names are one line of visible text: they stand in letters, on labels and beside prices."""

from __future__ import annotations

import pytest
from django.urls import reverse

from fx.money import Money
from listings.errors import ListingError
from listings.models import Listing, Shop
from listings.services import create_listing, edit_shop, open_shop
from marketplace.lib.line import one_line
from marketplace.models import User
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
FORGED = "Chaya\r\nYour order is canceled.\nSend the money again"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Indigo   scarf ", "Indigo scarf"),
        (FORGED, "Chaya Your order is canceled. Send the money again"),
        ("a\u2028b\x85c", "a b c"),
        ("cheap \u202egnp.exe", "cheap gnp.exe"),
        ("Wäsche نسيج 織物 👩\u200d🌾", "Wäsche نسيج 織物 👩\u200d🌾"),
        ("\u202e\x07", ""),
    ],
)
def test_a_name_keeps_its_letters_and_loses_what_is_not_one_line(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def listing(shop: Shop, title: str) -> Listing:
    price = Money.parse("1900", "INR")
    return create_listing(
        shop, by=shop.owner, title=title, description="-", price=price, hs_code="621490", origin="IN", weight_g=140
    )


def test_no_name_can_write_a_second_line_into_a_letter(alice: User) -> None:
    shop = open_shop(by=alice, name=FORGED, country="IN", city="Jai\npur", currency="INR")
    assert "\n" not in shop.name + shop.city
    shop = edit_shop(shop, by=alice, name=FORGED, about="Two\nlines", city="Jaipur", handling_days=2)
    assert ("\n" in shop.name, shop.about) == (False, "Two\nlines")
    assert "\n" not in listing(shop, FORGED).title


def test_a_name_of_nothing_visible_is_refused(alice: User) -> None:
    shop = open_shop(by=alice, name="Chaya", country="IN", city="Jaipur", currency="INR")
    with pytest.raises(ListingError, match="few words"):
        listing(shop, "\u202e\u202d\u2066")
    with pytest.raises(ListingError, match="letters"):
        edit_shop(shop, by=alice, name="\u202e\u202e", about="", city="Jaipur", handling_days=2)
    assert Shop.objects.get().name == "Chaya"


def test_the_page_says_what_is_wrong_with_an_invisible_shop_name(alice: User, client_for: ClientFor) -> None:
    open_shop(by=alice, name="Chaya", country="IN", city="Jaipur", currency="INR")
    form = {"name": "\u202e\u202e", "city": "Jaipur", "about": "", "handling_days": "2"}
    answer = client_for(alice).post(reverse("listings:shop_edit"), form)
    assert answer.status_code == 422
    assert "letters that can be seen" in answer.content.decode()
