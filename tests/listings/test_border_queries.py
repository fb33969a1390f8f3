"""What goods cost at the door is worked out for many as for one: no page asks the database per item."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fx.models import Rate, RateSet
from listings.models import Listing
from marketplace.lib.clock import now

Live = Callable[..., Listing]
pytestmark = pytest.mark.django_db

MANY = 24


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    rates = RateSet.objects.create(effective_at=now())
    Rate.objects.create(rate_set=rates, currency="INR", per_eur="107.31", source="test", as_of=now())


@pytest.fixture
def guest() -> Client:
    """In Germany, thinking in euro."""
    return Client(headers={"accept-language": "en-DE,en"})


@pytest.mark.parametrize("path", ["/browse/", "/browse/?q=scarf", "/browse/?sort=door"])
def test_a_page_of_many_asks_as_much_as_a_page_of_one(path: str, guest: Client, live: Live) -> None:
    live(title="Scarf 0")
    one, cards = _asked(guest, path)
    assert cards.count('class="card"') == 1
    _more(live)
    many, cards = _asked(guest, path)
    assert cards.count('class="card"') == MANY
    assert many == one


def test_the_page_of_one_thing_asks_as_much_beside_many_others(guest: Client, live: Live) -> None:
    page = reverse("listings:detail", args=[live(title="Scarf 0").slug])
    one, shown = _asked(guest, page)
    assert "Why this total?" in shown
    _more(live)
    assert _asked(guest, page)[0] == one


def test_a_basket_of_many_asks_no_more_than_a_basket_of_one(guest: Client, live: Live) -> None:
    _put(guest, live(title="Scarf 0"))
    one, shown = _asked(guest, "/cart/")
    assert "Scarf 0" in shown
    for listing in _more(live):
        _put(guest, listing)
    many, shown = _asked(guest, "/cart/")
    assert all(f"Scarf {number}" in shown for number in range(MANY))
    assert many <= one


def _more(live: Live) -> list[Listing]:
    """All but the first, of two kinds of goods in turn."""
    return [live(title=f"Scarf {number}", hs_code=("621410", "610910")[number % 2]) for number in range(1, MANY)]


def _put(guest: Client, listing: Listing) -> None:
    guest.post(reverse("orders:cart_add"), {"listing": listing.pk, "quantity": 1})


def _asked(guest: Client, path: str) -> tuple[int, str]:
    """How many queries a page makes when what is kept in the process is warm, and the page."""
    guest.get(path)
    with CaptureQueriesContext(connection) as asked:
        page = guest.get(path)
    assert page.status_code == 200
    return len(asked), page.content.decode()
