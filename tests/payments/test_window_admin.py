"""The page of a netting window: what finance sees of it, and does."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fx.models import Conversion, Window, WindowTrade
from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models import Fill
from payments.netting.picture import Bar, picture
from payments.netting.trades import fill_trade
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
    asked = text(desk.get(reverse("admin:fx_window_close")))
    for says in ("Live: trades and rebates are booked", "£168.02 more came in than is owed", "nothing"):
        assert says in asked, says
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
    drawn = {row.net.currency: row for row in picture(list(window.nets.order_by("currency")))}
    # The euros that came in, 1,600.00, are the longest; USD 1,667.41 are EUR 1,492.49.
    assert (drawn["EUR"].come, drawn["EUR"].owed) == (Bar("93.2%", "6.8%"), Bar("93.2%", "0.0%"))
    assert (drawn["USD"].come, drawn["USD"].owed) == (Bar("81.2%", "0.0%"), Bar("81.2%", "12.0%"))


def test_a_residual_is_seen_however_little_it_is(alice: User, settings: Settings) -> None:
    known(MIDS)
    converted(
        [(Money(100_000_001, "USD"), Money(90_000_000, "EUR")), (Money(1, "EUR"), Money(100_000_000, "USD"))], alice
    )
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    drawn = {row.net.currency: row for row in picture(list(window.nets.all()))}
    assert (drawn["USD"].come, drawn["USD"].owed) == (Bar("99.4%", "0.5%"), Bar("99.4%", "0.0%"))


def test_the_picture_says_in_words_what_it_shows(desk: Client, window: Window) -> None:
    seen = page(desk, window)
    for says in (
        "$1,452.36 came in",
        "$1,667.41 is owed",
        "$215.05 more is owed than came in",
        "£168.02 more came in than is owed",
    ):
        assert says in seen, says
    assert seen.count('<svg width="100%" height="14" aria-hidden="true">') == 8


def test_finance_leaves_a_little_rest_on_its_page(desk: Client, window: Window, finance: User) -> None:
    trade = window.trades.get(currency="GBP")
    url = reverse("admin:fx_window_leave", args=[trade.pk])
    assert "Leave it to rounding" not in page(desk, window)
    assert "is worth more than 10.00 EUR" in text(desk.post(url, {}))
    fill_trade(trade, reference="X1", sold=Money(16_002, "GBP"), bought=Money(19_100, "EUR"), by=finance)
    assert "Leave it to rounding" in page(desk, window)
    asked = text(desk.get(url))
    assert "£8.00" in asked
    assert "€10.00" in asked
    desk.post(url, {})
    trade.refresh_from_db()
    assert (trade.left, trade.left_by) == (Money(800, "GBP"), finance)
    assert "£8.00 to rounding" in page(desk, window)


def test_finance_takes_a_trade_over_from_a_program(desk: Client, window: Window, finance: User) -> None:
    WindowTrade.objects.filter(currency="GBP").update(provider="bourse", asked_at=now(), asked_minor=16_802)
    trade = window.trades.get(currency="GBP")
    assert page(desk, window).count("Record a fill") == 2
    url = reverse("admin:fx_window_take_over", args=[trade.pk])
    assert url in page(desk, window)
    assert "in ten characters or more" in text(desk.post(url, {"why": "dead"}))
    desk.post(url, {"why": "The order was refused."})
    trade.refresh_from_db()
    assert (trade.provider, trade.asked_at) == ("manual", None)
    assert "The order was refused." in trade.problem
    assert page(desk, window).count("Record a fill") == 3
