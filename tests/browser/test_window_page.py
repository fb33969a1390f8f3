"""Finance looks at netting windows, as they wait, in shadow, half exchanged and settled: at a desk and on a phone, by
day and by night; what the picture shows is there in words, and nothing is wider than the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from fx.models import Window
from fx.money import Money
from marketplace.models import User
from payments.holds import release_all
from payments.netting.trades import fill_trade
from payments.netting.windows import close_window
from tests.browser.people import Person
from tests.browser.test_fixed_price import sit
from tests.browser.test_locked_price import _orm_beside_playwright as _orm_beside_playwright
from tests.conftest import logged_in
from tests.payments.conftest import far as far
from tests.payments.netting import COSTS, EXAMPLE, MIDS, converted, funded, known
from tests.payments.pocket import FarEnd
from tests.payments.sales import opposite, sold
from tests.payments.test_admin import staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def pages(settings: Settings, far: FarEnd, alice: User, bob: User, finance: User) -> dict[str, str]:
    """Addresses by what they show."""
    settings.NETTING_COSTS_BPS = COSTS
    settings.PROCESSORS["pocket"]["settlement_currencies"] = ["EUR"]
    converted(EXAMPLE, alice)
    shown = {"shadow": _close()}
    settings.NETTING_MODE = "live"
    sales = sold([Money(250_000 + 7_919 * n, "INR") for n in range(5)], [alice], buyer=bob)
    opposite(Money(1_400_000, "INR"), alice)
    shown["settled"] = _close()
    release_all(sales[:4])
    converted(EXAMPLE, alice, since=20)
    shown["half"] = _close()
    funded(finance)
    _settle(shown["settled"], finance)
    half = shown["half"].trades.get(currency="USD")
    fill_trade(half, reference="SEPA 4711", sold=Money(8_978, "EUR"), bought=Money(10_000, "USD"), by=finance)
    gbp = shown["half"].trades.get(currency="GBP")
    gbp.provider, gbp.problem = "acme", "Taken over by nobody yet: the exchange says that the order is still open."
    gbp.save()
    converted(EXAMPLE[:3], alice, since=40)
    urls = {name: reverse("admin:fx_window_change", args=[window.pk]) for name, window in shown.items()}
    return urls | {"waiting": reverse("admin:fx_window_close"), "list": reverse("admin:fx_window_changelist")}


def _close() -> Window:
    known({**MIDS, "INR": "105"})  # newer than what the quotes of the sales stand on
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window


def _settle(window: Window, finance: User) -> None:
    for trade in window.trades.all():
        euros = Money(trade.amount.amount // 105 + 1, "EUR")
        sold, bought = (trade.amount, euros) if trade.sells else (euros, trade.amount)
        fill_trade(trade, reference=f"X{trade.pk}", sold=sold, bought=bought, by=finance)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_windows_are_read_at_a_desk_and_on_a_phone(
    pages: dict[str, str],
    finance: User,
    browser: Browser,
    live_server: LiveServer,
    pictures: Path,
    width: int,
    theme: str,
) -> None:
    person = sit(
        browser,
        staff(finance, "finance", logged_in),
        live_server,
        pictures,
        f"window-{width}-{theme}",
        phone=width < 800,
    )
    person.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for what, url in pages.items():
        person.open(url)
        person.shot(what)
        if what != "list":  # Django's own
            assert person.page.evaluate(WIDER) <= 0, what
    _read(person, pages["half"])
    assert person.errors == []
    person.context.close()


def _read(person: Person, url: str) -> None:
    person.open(url)
    person.sees("$1,452.36 came in")
    person.sees("$1,667.41 is owed")
    person.sees("£168.02 more came in than is owed")
    person.click("Record a fill")
    person.sees("Reference of the exchange")
