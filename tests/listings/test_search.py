"""What a visitor finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fx.money import Money
from listings import services
from listings.models import Listing, Shop
from listings.search import search
from listings.services import RateDraft
from marketplace.models import User

Live = Callable[..., Listing]


def titles(q: str, country: str = "DE") -> list[str]:
    return [listing.title for listing in search(q, country=country).listings]


@pytest.fixture(autouse=True)
def _goods(live: Live) -> None:
    live(title="Indigo scarf", description="Cotton, printed by hand.")
    live(title="Café cup", description="Glazed clay in indigo blue.", hs_code="691200")
    live(title="नीला दुपट्टा", description="Hand woven in Chanderi.")
    live(title="Power bank", description="For the road.", hs_code="850760")
    live(title="Straße print", description="A poster.", hs_code="491191")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("scarf", ["Indigo scarf"]),
        ("SCAR", ["Indigo scarf"]),
        ("indigo", ["Indigo scarf", "Café cup"]),
        ("indigo clay", ["Café cup"]),
        ("cafe", ["Café cup"]),
        ("CAFÉ", ["Café cup"]),
        ("strasse", ["Straße print"]),
        ("नीला", ["नीला दुपट्टा"]),
        ("chanderi", ["नीला दुपट्टा"]),
        ("hand printed", ["Indigo scarf"]),
    ],
)
def test_words_are_found_whatever_their_case_accent_or_script(q: str, found: list[str]) -> None:
    assert titles(q) == found


@pytest.mark.parametrize("q", ["indgo scarf", "scarff", "skarf"])
def test_a_typing_error_finds_the_nearest_and_says_so(q: str) -> None:
    result = search(q, country="DE")
    assert result.near
    assert result.listings[0].title == "Indigo scarf"


@pytest.mark.parametrize(
    "q",
    [
        "\0",
        "'; drop table listings_listing; --",
        "a" * 100_000,
        "!!! &|",
        "<script>",
        "%_%",
        "'''",
        "\\",
        "🧣",
        "* " * 99,
    ],
)
def test_any_text_is_a_query(q: str) -> None:
    assert isinstance(titles(q), list)


def test_without_words_the_newest_come_first_and_forbidden_goods_not_at_all() -> None:
    assert titles("") == ["Straße print", "नीला दुपट्टा", "Café cup", "Indigo scarf"]
    assert "Power bank" in titles("", "IN"), "within a country the post takes it"
    assert "Power bank" in titles("", "")
    assert titles("", "KP") == []


def test_only_what_ships_to_the_visitor_is_found(shop: Shop, alice: User, live: Live) -> None:
    live(title="Only for France", ships_to=["FR"])
    live(title="A heavy chest", weight_g=2500)
    assert {"Only for France", "A heavy chest"}.isdisjoint(titles(""))
    assert "Only for France" in titles("", "FR")

    def rate(countries: tuple[str, ...], most: int) -> RateDraft:
        price = Money(1000, "INR")
        return RateDraft("Post", price, price, countries=countries, max_weight_g=most)

    services.set_shipping_rates(shop, by=alice, rates=[rate(("DE",), 100), rate((), 5000)])
    assert titles("") == [], "the rate that names Germany replaces the other, and carries too little"
    assert "A heavy chest" in titles("", "AT")
    services.set_shipping_rates(shop, by=alice, rates=[rate(("DE",), 5000)])
    assert "A heavy chest" in titles("")
    assert titles("", "AT") == []


def test_what_is_not_on_sale_is_not_found(shop: Shop, live: Live, moderator: User) -> None:
    gone = live(title="Sold out", stock=0)
    services.withdraw_listing(live(title="Withdrawn"), by=shop.owner)
    assert {"Sold out", "Withdrawn"}.isdisjoint(titles("", ""))
    services.set_stock(gone, stock=1, by=shop.owner)
    assert "Sold out" in titles("", "")
    services.suspend_shop(shop, by=moderator)
    assert titles("", "") == []
    services.unsuspend_shop(shop, by=moderator)
    shop.owner.is_active = False
    shop.owner.save()
    assert titles("", "") == []


def test_an_edited_title_is_found_by_its_new_words(shop: Shop, live: Live) -> None:
    scarf = live(title="Red stole")
    Listing.objects.filter(pk=scarf.pk).update(title="Green stole")
    assert titles("green") == ["Green stole"]
