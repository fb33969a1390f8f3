"""Trades that a program carries out: asked once, looked up before any repeat, never more than was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from fx.models import Window, WindowTrade
from fx.money import Money
from marketplace.models import User
from orders import work
from payments.checks import exchange as check
from payments.exchange import registry
from payments.exchange.base import ExchangeProvider
from payments.models import Case, Fill
from payments.netting.execution import due_trades, run_trade
from payments.netting.trades import TradeRefused, fill_trade
from payments.netting.windows import close_window
from payments.testing.exchange import ExchangeContract
from tests.chaos.test_deaths import dies_in
from tests.payments.bourse import Bourse
from tests.payments.netting import converted, funded, known

HALF = Money(50_000, "USD")


@pytest.fixture
def bourse(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Bourse]:
    monkeypatch.setitem(registry.BUILT_IN, "bourse", Bourse)
    monkeypatch.setattr(Bourse, "book", tmp_path / "orders.json", raising=False)
    monkeypatch.setattr(Bourse, "calls", [])
    monkeypatch.setattr(Bourse, "mood", "")
    monkeypatch.setattr(Bourse, "step", {})
    monkeypatch.setattr(Bourse, "price", {})
    monkeypatch.setattr(Bourse, "meanwhile", [])
    settings.NETTING_MODE, settings.EXCHANGE_PROVIDER = "live", "bourse"
    return Bourse


class TestBourse(ExchangeContract):
    @pytest.fixture
    def provider(self, bourse: type[Bourse]) -> ExchangeProvider:
        return Bourse()


@pytest.fixture
def trade(bourse: type[Bourse], alice: User, admin: User) -> WindowTrade:
    """Of the window of one order: USD 1,000.00 are to be sold."""
    known({"USD": "1.1172"})
    converted([(Money(100_000, "USD"), Money(89_000, "EUR"))], alice)
    funded(admin)
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window.trades.get()


def fills() -> list[tuple[str, Money, Money]]:
    return [(fill.reference, fill.sold, fill.bought) for fill in Fill.objects.order_by("pk")]


ALL = [("bourse:1", Money(100_000, "USD"), Money(50_000, "EUR"))]


@pytest.mark.django_db
def test_a_trade_is_carried_out_once_and_settles_its_window(trade: WindowTrade) -> None:
    assert work.execute_trades() == 1
    assert fills() == ALL
    assert Fill.objects.get().recorded_by is None
    window = Window.objects.get()
    assert (window.state, window.result_minor) == ("settled", 50_000 - 89_000)
    assert (due_trades(), work.execute_trades()) == ([], 0)


@pytest.mark.django_db
def test_an_answer_that_was_lost_is_looked_up_and_not_asked_again(trade: WindowTrade, bourse: type[Bourse]) -> None:
    bourse.mood = "lose"
    run_trade(trade.pk)
    trade.refresh_from_db()
    assert (fills(), trade.problem, trade.window.state) == ([], "The line went dead.", "executing")
    run_trade(trade.pk)
    assert fills() == ALL
    assert bourse.calls == [f"exchange trade:{trade.pk}:1", f"fetch trade:{trade.pk}:1"]


@pytest.mark.django_db
def test_one_that_was_closed_is_asked_again_by_the_same_key(trade: WindowTrade, bourse: type[Bourse]) -> None:
    bourse.mood = "down"
    run_trade(trade.pk)
    run_trade(trade.pk)
    assert fills() == ALL
    key = f"trade:{trade.pk}:1"
    assert bourse.calls == [f"exchange {key}", f"fetch {key}", f"exchange {key}"]


@pytest.mark.django_db
def test_while_nobody_knows_a_person_cannot_exchange_it_too(
    trade: WindowTrade, bourse: type[Bourse], admin: User
) -> None:
    bourse.mood = "lose"
    run_trade(trade.pk)
    with pytest.raises(TradeRefused, match="bourse has this order since"):
        fill_trade(trade, reference="X1", sold=HALF, bought=Money(1, "EUR"), by=admin)
    assert fills() == []


@pytest.mark.django_db
def test_what_is_left_of_an_order_that_ended_is_asked_by_a_new_key(trade: WindowTrade, bourse: type[Bourse]) -> None:
    bourse.mood = "half"
    run_trade(trade.pk)
    run_trade(trade.pk)
    assert fills() == [("bourse:1", HALF, Money(25_000, "EUR")), ("bourse:2", HALF, Money(25_000, "EUR"))]
    assert bourse.calls == [f"exchange trade:{trade.pk}:1", f"exchange trade:{trade.pk}:2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mood", "says"), [("refuse", "We do not trade that."), ("nothing", "The order ended and nothing was exchanged.")]
)
def test_who_will_not_trade_leaves_it_to_a_person(
    trade: WindowTrade, bourse: type[Bourse], admin: User, mood: str, says: str
) -> None:
    bourse.mood = mood
    run_trade(trade.pk)
    trade.refresh_from_db()
    assert (trade.provider, trade.problem, due_trades()) == ("manual", says, [])
    assert Case.objects.get().kind == Case.Kind.BY_HAND
    fill_trade(trade, reference="X1", sold=Money(100_000, "USD"), bought=Money(89_300, "EUR"), by=admin)
    assert Window.objects.get().result_minor == 300


@pytest.mark.django_db
def test_more_than_was_asked_is_not_believed(trade: WindowTrade, bourse: type[Bourse]) -> None:
    bourse.mood = "over"
    run_trade(trade.pk)
    assert (fills(), Case.objects.get().kind) == ([], Case.Kind.AMOUNT)
    assert Window.objects.get().state == "executing"


@pytest.mark.django_db
def test_without_the_money_nobody_is_asked(bourse: type[Bourse], alice: User, settings: Settings) -> None:
    known({"USD": "1.1172"})
    converted([(Money(100_000, "USD"), Money(89_000, "EUR"))], alice)
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    run_trade(window.trades.get().pk)
    assert bourse.calls == []
    assert "Only" in window.trades.get().problem


@pytest.mark.django_db(transaction=True)
def test_killed_after_it_answered_it_is_booked_once(trade: WindowTrade, bourse: type[Bourse]) -> None:
    dies_in(lambda: run_trade(trade.pk), "trade answered")
    assert fills() == []
    run_trade(trade.pk)
    assert fills() == ALL
    assert bourse.calls == [f"fetch trade:{trade.pk}:1"]  # what the dead one asked is in its own memory


def test_a_provider_that_is_not_there_is_said_when_the_project_starts(settings: Settings) -> None:
    assert check(None) == []
    settings.EXCHANGE_PROVIDER = "nobody"
    [error] = check(None)
    assert error.id == "payments.E021"
    assert "marketplace.exchange_providers" in error.msg
