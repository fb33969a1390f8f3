"""The page of a netting window: what finance sees of it, and does."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fx.models import Conversion, Window
from fx.money import Money
from marketplace.models import User
from payments.models import Fill
from payments.netting.picture import picture
from payments.netting.windows import close_window
from tests.payments.netting import COSTS, EXAMPLE, MIDS, converted, funded, known
from tests.payments.test_admin import desk, text

__all__ = ["desk"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def example(settings: Settings, alice: User, finance: User) -> None:
    settings.NETTING_MODE, settings.NETTING_COSTS_BPS = "live", COSTS
    known(MIDS)
    converted(EXAMPLE, alice)
    funded(finance)


@pytest.fixture
def window(example: None) -> Window:
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window


def page(desk: Client, window: Window) -> str:
    return text(desk.get(reverse("admin:fx_window_change", args=[window.pk])))


def test_finance_closes_a_window_and_sees_what_is_to_do(desk: Client, example: None, finance: User) -> None:
    assert "Live: trades and rebates are booked" in text(desk.get(reverse("admin:fx_window_close")))
    answer = desk.post(reverse("admin:fx_window_close"), {"coins": "no"})
    window = Window.objects.get()
    assert answer.headers["Location"] == reverse("admin:fx_window_change", args=[window.pk])
    assert (window.closed_by, window.reason) == (finance, "person")
    seen = page(desk, window)
    for says in ("1,452.36", "1,667.41", "215.05", "13.58", "To sell", "To buy", "Record a fill", "<svg"):
        assert says in seen, says
    again = desk.post(reverse("admin:fx_window_close"), {"coins": "no"}, follow=True)
    assert "Nothing waits for a window." in text(again)


def test_a_fill_is_recorded_on_its_page_until_nothing_is_left(desk: Client, window: Window, finance: User) -> None:
    trade = window.trades.get(currency="GBP")
    url = reverse("admin:fx_window_fill", args=[trade.pk])
    given = {"reference": "X1", "sold_0": "168.03", "sold_1": "GBP", "bought_0": "200.90", "bought_1": "EUR"}
    assert "Only 168.02 GBP of this trade is left" in text(desk.post(url, given))
    assert Fill.objects.count() == 0
    desk.post(url, given | {"sold_0": "168.02"})
    fill = Fill.objects.get()
    assert (fill.sold, fill.bought, fill.recorded_by) == (Money(16802, "GBP"), Money(20090, "EUR"), finance)
    seen = page(desk, window)
    assert seen.count("Record a fill") == 2
    assert "X1" in seen


def test_a_window_that_the_books_contradict_says_so_and_stays_open(desk: Client, example: None) -> None:
    Conversion.objects.filter(sell_currency="GBP").update(sell_minor=41691)
    seen = text(desk.post(reverse("admin:fx_window_close"), {"coins": "no"}, follow=True))
    assert "The conversions of this window move fx:GBP by" in seen
    assert "Nothing was closed. Run the audit (C07)" in seen
    assert Window.objects.count() == 0
    assert not Conversion.objects.exclude(window=None).exists()


def test_without_rates_a_window_says_so_and_stays_open(desk: Client, settings: Settings, alice: User) -> None:
    converted(EXAMPLE[:1], alice)
    seen = text(desk.post(reverse("admin:fx_window_close"), {"coins": "no"}, follow=True))
    assert "There is no trustworthy exchange rate" in seen
    assert Window.objects.count() == 0


def test_bars_are_as_long_as_their_value_at_mid(window: Window) -> None:
    drawn = picture(list(window.nets.order_by("currency")))
    rows = {row.currency: (row.matched, row.more, row.more_y == row.y) for row in drawn.rows}
    # The euros that came in, 1,600.00, are the longest; USD 1,667.41 are EUR 1,492.49.
    assert rows["EUR"] == (584 * 149250 // 160000, 584 - 584 * 149250 // 160000, True)
    assert rows["USD"] == (584 * 130000 // 160000, 584 * 149249 // 160000 - 584 * 130000 // 160000, False)
    assert drawn.height == 4 * 46
