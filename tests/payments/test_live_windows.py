"""A live netting window: its trades are filled, its result is income, and nothing of it happens twice."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from fx.models import Conversion, Window, WindowTrade
from fx.money import Money
from marketplace.models import User
from payments.errors import PaymentError, PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Fill, Journal
from payments.netting.trades import TradeRefused, fill_trade
from payments.netting.windows import close_window
from tests.chaos.test_deaths import dies_in
from tests.payments.netting import COSTS, EXAMPLE, MIDS, broken, converted, funded, known
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
# What was sold for what, in the order of the currencies.
FILLS = [
    ("GBP", Money(16802, "GBP"), Money(20090, "EUR")),
    ("JPY", Money(9739, "EUR"), Money(17040, "JPY")),
    ("USD", Money(8978, "EUR"), Money(10000, "USD")),
    ("USD", Money(10329, "EUR"), Money(11505, "USD")),
]


@pytest.fixture
def six(settings: Settings, alice: User) -> list[Conversion]:
    """The worked example, ready to close."""
    settings.NETTING_MODE, settings.NETTING_COSTS_BPS = "live", COSTS
    known(MIDS)
    return converted(EXAMPLE, alice)


@pytest.fixture
def window(six: list[Conversion], admin: User) -> Window:
    """Closed, with the money in the bank."""
    funded(admin)
    return close()


def close() -> Window:
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window


def fill(number: int, by: User) -> Fill:
    currency, sold, bought = FILLS[number]
    return fill_trade(trade(currency), reference=f"X{number}", sold=sold, bought=bought, by=by)


def trade(currency: str) -> WindowTrade:
    return WindowTrade.objects.get(currency=currency)


def position() -> dict[str, int]:
    return {currency: balance(codes.fx(currency)).amount for currency in ("EUR", *MIDS)}


def bank(currency: str) -> int:
    return balance(codes.clearing("bank", currency)).amount


def life() -> tuple[str, int | None]:
    window = Window.objects.get()
    return window.state, window.result_minor


def test_the_worked_example_is_exact_to_the_unit_with_its_fills_and_its_income(window: Window, admin: User) -> None:
    assert list(window.trades.order_by("currency").values_list("currency", "amount_minor", "provider")) == [
        ("GBP", 16802, "manual"),
        ("JPY", -17040, "manual"),
        ("USD", -21505, "manual"),
    ]
    assert life() == ("closed", None)
    for number in range(3):
        fill(number, admin)
        assert life() == ("executing", None)
    assert (trade("USD").filled_minor, trade("USD").hub_minor) == (10000, 8978)
    fill(3, admin)
    assert life() == ("settled", 1794)
    assert position() == {"EUR": 0, "USD": 0, "GBP": 0, "JPY": 0}
    assert balance(codes.income("spread", "EUR")) == Money(1794, "EUR")
    assert [bank(currency) for currency in ("EUR", "USD", "GBP", "JPY")] == [151044, 166741, 24888, 104880]


def test_what_the_exchange_took_more_than_there_was_is_a_loss(window: Window, admin: User) -> None:
    fill(0, admin)
    fill_trade(trade("JPY"), reference="dear", sold=Money(12_000, "EUR"), bought=Money(17_040, "JPY"), by=admin)
    fill(2, admin)
    fill(3, admin)
    assert life() == ("settled", 1794 - (12_000 - 9739))
    assert balance(codes.expense("spread", "EUR")) == Money(467, "EUR")
    assert set(position().values()) == {0}


def test_where_nothing_is_left_to_exchange_it_settles_as_it_closes(settings: Settings, alice: User) -> None:
    settings.NETTING_MODE = "live"
    known(MIDS)
    converted([(Money(100000, "EUR"), Money(111161, "USD")), (Money(111161, "USD"), Money(99000, "EUR"))], alice)
    close()
    assert (life(), WindowTrade.objects.count()) == (("settled", 1000), 0)
    assert balance(codes.income("spread", "EUR")) == Money(1000, "EUR")


def test_a_fill_that_is_recorded_again_changes_nothing(window: Window, admin: User) -> None:
    first = fill(2, admin)
    assert fill(2, admin) == first
    assert (trade("USD").filled_minor, Journal.objects.filter(kind="fill").count()) == (10000, 1)


@pytest.mark.parametrize(
    ("currency", "sold", "bought", "says"),
    [
        ("USD", Money(1, "EUR"), Money(21506, "USD"), "Only .*215.05.* of this trade is left, not .*215.06"),
        ("USD", Money(21505, "USD"), Money(19000, "EUR"), "This trade is another one: .*USD are bought with euros"),
        ("GBP", Money(20090, "EUR"), Money(16802, "GBP"), "This trade is another one: .*GBP are sold for euros"),
        ("GBP", Money(16802, "GBP"), Money(22000, "USD"), "This trade is another one"),
        ("GBP", Money(0, "GBP"), Money(1, "EUR"), "two amounts that are more than nothing"),
        ("USD", Money(160_001, "EUR"), Money(21505, "USD"), "Only .*1600.00.* is available to sell"),
    ],
)
def test_a_fill_that_does_not_fit_is_refused_and_nothing_moves(
    window: Window, admin: User, currency: str, sold: Money, bought: Money, says: str
) -> None:
    before = position()
    with pytest.raises(PaymentError, match=says):
        fill_trade(trade(currency), reference="X", sold=sold, bought=bought, by=admin)
    assert (position(), Fill.objects.count(), life()) == (before, 0, ("closed", None))


def test_a_reference_is_for_one_exchange(window: Window, admin: User) -> None:
    fill(2, admin)
    with pytest.raises(PayoutRefused, match="Fill X2 was recorded before"):
        fill_trade(trade("USD"), reference="X2", sold=Money(1, "EUR"), bought=Money(1, "USD"), by=admin)
    with pytest.raises(PayoutRefused, match="Fill X2 was recorded before"):
        fill_trade(trade("GBP"), reference="X2", sold=FILLS[2][1], bought=FILLS[2][2], by=admin)


def test_a_trade_that_is_done_takes_nothing_more(window: Window, admin: User) -> None:
    fill(0, admin)
    with pytest.raises(TradeRefused, match="Only 0.00 GBP of this trade is left"):
        fill_trade(trade("GBP"), reference="X", sold=Money(1, "GBP"), bought=Money(1, "EUR"), by=admin)


def test_its_life_goes_one_way(window: Window) -> None:
    window.state = Window.State.SETTLED
    with pytest.raises(ValueError, match="settled; it cannot become executing"):
        window.move_to(Window.State.EXECUTING)


@pytest.mark.django_db(transaction=True)
def test_closed_by_eight_at_once_it_has_its_trades_once(six: list[Conversion]) -> None:
    assert in_threads(8, _close_if_any) == []
    window = Window.objects.get()
    assert (window.members, window.shares.count(), window.trades.count()) == (6, 6, 3)


def test_closed_twice_it_is_closed_once_and_the_next_takes_what_came_since(
    six: list[Conversion], alice: User, admin: User
) -> None:
    first = close()
    assert close_window(coins=False, reason=Window.Reason.PERSON) is None
    [later] = converted(EXAMPLE[:1], alice, since=7)
    second = close()
    assert list(second.conversions.all()) == [later]
    assert (first.trades.count(), second.trades.count(), Conversion.objects.filter(window=first).count()) == (3, 1, 6)


@pytest.fixture
def even(settings: Settings, alice: User) -> None:
    """What comes in is what is owed: it settles as it closes."""
    settings.NETTING_MODE = "live"
    known(MIDS)
    converted([(Money(100000, "EUR"), Money(111161, "USD")), (Money(111161, "USD"), Money(99000, "EUR"))], alice)


@pytest.mark.django_db(transaction=True)
def test_closed_by_eight_at_once_its_result_is_booked_once(even: None) -> None:
    assert in_threads(8, _close_if_any) == []
    assert life() == ("settled", 1000)
    assert balance(codes.income("spread", "EUR")) == Money(1000, "EUR")
    assert broken() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("point", "kind"), [("journal posted", "window_result"), ("window closed", "")])
def test_killed_while_its_result_is_booked_neither_is_there_and_the_next_try_has_both(
    even: None, point: str, kind: str
) -> None:
    dies_in(close, point, kind)
    assert (Window.objects.count(), Journal.objects.filter(kind="window_result").count()) == (0, 0)
    assert not Conversion.objects.exclude(window=None).exists()
    close()
    assert (life(), Journal.objects.filter(kind="window_result").count(), broken()) == (("settled", 1000), 1, [])


@pytest.mark.django_db(transaction=True)
def test_closed_by_eight_while_sales_come_in_each_conversion_is_in_one_window(
    six: list[Conversion], alice: User
) -> None:
    def one(number: int) -> None:
        if number % 2:
            converted(EXAMPLE[number - 1 : number], alice, since=100 * number)
        else:
            _close_if_any(number)

    assert in_threads(8, one) == []
    _close_if_any(8)
    windows = list(Window.objects.all())
    assert sum(window.members for window in windows) == Conversion.objects.count() == 9
    assert not Conversion.objects.filter(window=None).exists()
    assert broken() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["live", "shadow"])
def test_who_closes_it_is_cut_off_halfway_and_who_waited_for_it_closes_all(
    six: list[Conversion], settings: Settings, mode: str
) -> None:
    """The first has written everything but its end when its session is killed; the second waits at its lock."""
    settings.NETTING_MODE = mode
    session: list[int] = []
    wrote, errors = threading.Event(), list[str]()

    def first() -> None:
        try:
            with transaction.atomic():
                close()
                with connection.cursor() as cursor:
                    cursor.execute("select pg_backend_pid()")
                    session.append(cursor.fetchone()[0])
                wrote.set()
                time.sleep(1)
                Window.objects.count()
        except DatabaseError as error:
            errors.append(str(error))

    def second() -> None:
        assert wrote.wait(20)
        cut = threading.Timer(0.4, _cut_off, session)
        cut.start()
        _close_if_any(2)
        cut.join()

    assert in_threads(2, lambda number: (first, second)[number]()) == []
    assert len(errors) == 1, "the first was not cut off"
    window = Window.objects.get()
    assert (window.mode, window.members, window.shares.count()) == (mode, 6, 6)
    assert (window.trades.count(), broken()) == (3 if mode == "live" else 0, [])


def _close_if_any(_number: int) -> None:
    close_window(coins=False, reason=Window.Reason.PERSON)


def _cut_off(session: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [session])
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_filled_by_eight_at_once_it_is_filled_once(window: Window, admin: User) -> None:
    def one(_number: int) -> None:
        fill(0, admin)

    assert in_threads(8, one) == []
    assert (trade("GBP").filled_minor, Fill.objects.count()) == (16802, 1)


@pytest.mark.django_db(transaction=True)
def test_killed_while_it_closes_nothing_is_left_and_the_next_try_takes_all(six: list[Conversion]) -> None:
    dies_in(close, "window closed")
    assert (Window.objects.count(), WindowTrade.objects.count()) == (0, 0)
    assert close().trades.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["fill", "window_result"])
def test_killed_while_its_last_fill_is_booked_it_is_booked_once(window: Window, admin: User, kind: str) -> None:
    for number in range(3):
        fill(number, admin)
    dies_in(lambda: fill(3, admin), "journal posted", kind)
    assert (life(), Fill.objects.count()) == (("executing", None), 3)
    fill(3, admin)
    assert (life(), Fill.objects.count()) == (("settled", 1794), 4)
    assert Journal.objects.filter(kind="window_result").count() == 1
