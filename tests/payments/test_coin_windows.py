"""Live windows of coins: trades in satoshis and dollar coins against the euro, in parts, by hand and by a program, down
to the rest that nobody exchanges."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pytest_django import Settings

from fx.models import Window, WindowTrade
from fx.money import COINS, Money, exponent_of
from marketplace.models import User
from orders import work
from payments.errors import PaymentError
from payments.holds import release_all
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Case, Fill, Journal, Rebate
from payments.netting.execution import due_trades
from payments.netting.rests import is_little, leave_rest
from payments.netting.trades import TradeRefused, fill_trade, take_over
from payments.netting.windows import close_window
from payments.processors import registry
from payments.services import request_refund
from payments.treasury import record_fill
from tests.payments.bourse import Bourse
from tests.payments.netting import broken, converted, funded, known
from tests.payments.pocket import FarEnd
from tests.payments.sales import satoshis, sold
from tests.payments.test_exchange import bourse

__all__ = ["bourse"]
pytestmark = pytest.mark.django_db
MIDS = {"BTC": "0.0000105", "USDC": "1.1172", "INR": "105", "JPY": "175.68"}
# Bob and Carmen pay in coin; a seller is paid out in it.
BITCOINS = [
    (Money(1_000_000, "BTC"), Money(95_000, "EUR")),
    (Money(500_000, "BTC"), Money(4_950_000, "INR")),
    (Money(30_000, "EUR"), Money(310_000, "BTC")),
]
DOLLARS = [
    (Money(2_000_000_000, "USDC"), Money(178_000, "EUR")),
    (Money(60_000, "EUR"), Money(765_432_109, "USDC")),
]
names = itertools.count(1)


@pytest.fixture(autouse=True)
def live(settings: Settings, far: FarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUILT_IN, "dollarbox", "tests.payments.coinbox:Dollarbox")
    settings.NETTING_MODE = "live"
    settings.PROCESSORS = {**settings.PROCESSORS, "dollarbox": {"far": far}}
    known(MIDS)


def closed(flows: list[tuple[Money, Money]], seller: User, admin: User) -> Window:
    """Closed, with the euros in the bank; the coins are where they came in."""
    converted(flows, seller, since=1 + Journal.objects.count())
    funded(admin)
    window = close_window(coins=True, reason=Window.Reason.PERSON)
    assert window is not None
    return window


def trades(window: Window) -> dict[str, int]:
    return dict(window.trades.order_by("currency").values_list("currency", "amount_minor"))


def fill(window: Window, sold: Money, bought: Money, by: User) -> Fill:
    coin = next(money.currency for money in (sold, bought) if money.currency != "EUR")
    trade = window.trades.get(currency=coin)
    return fill_trade(trade, reference=f"X{next(names)}", sold=sold, bought=bought, by=by)


def life(window: Window) -> tuple[str, int | None]:
    window.refresh_from_db()
    return window.state, window.result_minor


def position() -> dict[str, int]:
    open_ = {currency: balance(codes.fx(currency)).amount for currency in ("EUR", *MIDS)}
    return {currency: amount for currency, amount in open_.items() if amount}


def test_bitcoin_by_hand_in_parts_to_the_satoshi(alice: User, admin: User) -> None:
    window = closed(BITCOINS, alice, admin)
    assert trades(window) == {"BTC": 1_190_000, "INR": -4_950_000}
    fill(window, Money(1_000_000, "BTC"), Money(94_800, "EUR"), admin)
    fill(window, Money(189_990, "BTC"), Money(18_011, "EUR"), admin)
    fill(window, Money(47_300, "EUR"), Money(4_950_000, "INR"), admin)
    assert life(window) == ("executing", None)
    # Ten satoshis are a tenth of a cent: no exchange takes them.
    with pytest.raises(TradeRefused, match="two amounts that are more than nothing"):
        fill(window, Money(10, "BTC"), Money(0, "EUR"), admin)
    rest = leave_rest(window.trades.get(currency="BTC"), by=admin)
    leave_rest(window.trades.get(currency="BTC"), by=admin)
    assert (rest.rest, rest.left, rest.left_by) == (Money(0, "BTC"), Money(10, "BTC"), admin)
    assert life(window) == ("settled", 94_800 + 18_011 - 47_300 - 65_000)
    assert (position(), balance(codes.income("rounding", "BTC"))) == ({}, Money(10, "BTC"))
    assert balance(codes.clearing("coinbox", "BTC")) == Money(310_010, "BTC")
    assert broken() == []


def test_the_audit_knows_what_was_left(alice: User, admin: User) -> None:
    window = closed(BITCOINS[:1], alice, admin)
    fill(window, Money(999_990, "BTC"), Money(94_800, "EUR"), admin)
    leave_rest(window.trades.get(), by=admin)
    assert broken() == []
    trade = WindowTrade.objects.filter(window=window)
    trade.update(left_minor=9)
    assert broken() == ["N06"]
    trade.update(left_minor=0, filled_minor=1_000_000)
    assert broken() == ["N06", "N07"]


def test_of_what_has_to_be_bought_the_rest_is_expense(alice: User, admin: User) -> None:
    window = closed([(Money(60_000, "EUR"), Money(620_007, "BTC"))], alice, admin)
    assert trades(window) == {"BTC": -620_007}
    fill(window, Money(59_300, "EUR"), Money(620_000, "BTC"), admin)
    leave_rest(window.trades.get(), by=admin)
    assert (life(window), position()) == (("settled", 700), {})
    assert balance(codes.expense("rounding", "BTC")) == Money(7, "BTC")
    assert balance(codes.clearing("coinbox", "BTC")) == Money(620_000, "BTC")
    assert broken() == []


def test_a_rest_that_is_worth_something_is_not_left(alice: User, admin: User, settings: Settings) -> None:
    """At EUR 95,238.10 a bitcoin, EUR 10.00 are 10,500 satoshis."""
    window = closed([(Money(110_501, "BTC"), Money(10_000, "EUR"))], alice, admin)
    fill(window, Money(100_000, "BTC"), Money(9_500, "EUR"), admin)
    with pytest.raises(TradeRefused, match="0.00010501 BTC is worth more than 10.00 EUR"):
        leave_rest(window.trades.get(), by=admin)
    assert life(window) == ("executing", None)
    assert not Journal.objects.filter(kind="window_rest").exists()
    fill(window, Money(1, "BTC"), Money(1, "EUR"), admin)
    assert leave_rest(window.trades.get(), by=admin).left == Money(10_500, "BTC")
    assert (life(window)[0], broken()) == ("settled", [])


@pytest.mark.parametrize(
    ("sold", "bought", "says"),
    [
        (Money(1_190_001, "BTC"), Money(113_000, "EUR"), "Only 0.01190000 BTC of this trade is left"),
        (Money(113_000, "EUR"), Money(1_190_000, "BTC"), "BTC are sold for euros"),
        (Money(1_190_000, "BTC"), Money(126_000_000, "USDC"), "This trade is another one"),
    ],
)
def test_more_than_the_trade_is_refused_to_the_satoshi(
    alice: User, admin: User, sold: Money, bought: Money, says: str
) -> None:
    window = closed(BITCOINS, alice, admin)
    with pytest.raises(PaymentError, match=says):
        fill_trade(window.trades.get(currency="BTC"), reference="X", sold=sold, bought=bought, by=admin)
    assert (life(window), Fill.objects.count()) == (("closed", None), 0)


def test_coins_that_are_not_there_are_not_sold(alice: User, admin: User) -> None:
    window = closed(BITCOINS, alice, admin)
    post("gone", "fee", "", [(codes.clearing("coinbox", "BTC"), -1_000_000), (codes.expense("loss", "BTC"), 1_000_000)])
    with pytest.raises(PaymentError, match="Only 0.00500000 BTC is available to sell"):
        fill(window, Money(1_190_000, "BTC"), Money(113_000, "EUR"), admin)
    assert Fill.objects.count() == 0


def test_dollar_coins_by_a_program_in_whole_cents(alice: User, admin: User, bourse: type[Bourse]) -> None:
    bourse.step, bourse.price = {"USDC": 10_000}, {"USDC": 11_200}
    window = closed(DOLLARS, alice, admin)
    assert trades(window) == {"USDC": 1_234_567_891}
    assert [work.execute_trades() for _ in range(3)] == [1, 1, 0]
    trade = window.trades.get()
    assert (trade.filled, trade.left, trade.left_by) == (Money(1_234_560_000, "USDC"), Money(7_891, "USDC"), None)
    assert bourse.calls == [f"exchange trade:{trade.pk}:1"]  # what is less than a step is never asked
    assert life(window) == ("settled", -(-1_234_560_000 // 11_200) - 118_000)
    assert (position(), broken(), Case.objects.count()) == ({}, [], 0)


def test_in_parts_and_steps_it_ends_all_the_same(alice: User, admin: User, bourse: type[Bourse]) -> None:
    bourse.step, bourse.price = {"BTC": 1_000}, {"BTC": 11}
    window = closed([(Money(90_000, "EUR"), Money(777_777, "BTC"))], alice, admin)
    bourse.mood = "half"
    while work.execute_trades():
        pass
    trade = window.trades.get()
    assert [one.bought.amount for one in Fill.objects.order_by("pk")] == [388_888, 388_000]
    assert (trade.left, life(window)[0], position(), broken()) == (Money(889, "BTC"), "settled", {}, [])
    assert balance(codes.expense("rounding", "BTC")) == Money(889, "BTC")


def test_a_rest_below_the_exchanges_least_that_is_worth_something_is_a_persons(
    alice: User, admin: User, bourse: type[Bourse], settings: Settings
) -> None:
    settings.NETTING_REST_EUR = 0
    bourse.step, bourse.price = {"BTC": 100_000}, {"BTC": 11}
    window = closed([(Money(150_000, "BTC"), Money(14_000, "EUR"))], alice, admin)
    work.execute_trades()
    work.execute_trades()
    trade = window.trades.get()
    assert (trade.rest, trade.provider) == (Money(50_000, "BTC"), "manual")
    assert trade.problem == "bourse exchanges no less than 0.00100000 BTC."
    assert (Case.objects.get().kind, due_trades()) == (Case.Kind.BY_HAND, [])
    with pytest.raises(TradeRefused, match="worth more than 0.00 EUR"):
        leave_rest(trade, by=admin)
    fill(window, Money(50_000, "BTC"), Money(4_700, "EUR"), admin)
    assert (life(window)[0], broken()) == ("settled", [])


def test_one_that_exchanged_too_much_is_taken_over_and_its_surplus_is_an_exchange_of_its_own(
    alice: User, admin: User, bourse: type[Bourse]
) -> None:
    bourse.price = {"BTC": 11}
    window = closed([(Money(110_000, "BTC"), Money(10_300, "EUR"))], alice, admin)
    bourse.mood = "over"
    work.execute_trades()
    work.execute_trades()
    trade = window.trades.get()
    with pytest.raises(TradeRefused, match="bourse has this order since"):
        fill(window, Money(110_000, "BTC"), Money(10_000, "EUR"), admin)
    with pytest.raises(TradeRefused, match="bourse has this order since"):
        leave_rest(trade, by=admin)
    with pytest.raises(TradeRefused, match="Say what you saw"):
        take_over(trade, why=" over.     ", by=admin)
    post("own", "bank_income", "", [(codes.clearing("coinbox", "BTC"), 1), (codes.income("bank", "BTC"), -1)])
    take_over(trade, why="It sold a satoshi too much.", by=admin)
    take_over(trade, why="It sold a satoshi too much.", by=admin)
    trade.refresh_from_db()
    assert (trade.provider, trade.attempt, due_trades()) == ("manual", 2, [])
    fill(window, Money(110_000, "BTC"), Money(10_000, "EUR"), admin)
    assert life(window) == ("settled", -300)
    record_fill(reference="surplus", sold=Money(1, "BTC"), bought=Money(1, "EUR"), by=admin)
    assert broken() == []
    assert [case.kind for case in Case.objects.all()] == [Case.Kind.AMOUNT]


def test_an_answer_that_comes_after_somebody_took_over_is_told_and_not_booked(
    alice: User, admin: User, bourse: type[Bourse]
) -> None:
    window = closed([(Money(110_000, "BTC"), Money(10_300, "EUR"))], alice, admin)
    trade = window.trades.get()
    bourse.meanwhile.append(lambda: take_over(trade, why="It seemed to be dead.", by=admin))
    work.execute_trades()
    assert (Fill.objects.count(), life(window)) == (0, ("executing", None))
    case = Case.objects.get()
    assert (case.kind, case.detail["says"]) == (Case.Kind.AMOUNT, "bourse:1")


def test_sellers_of_what_was_paid_in_coin_have_their_rebates(alice: User, bob: User, admin: User) -> None:
    """Two orders are completed before the window closes, two after; one is given back in part."""
    sales = sold([Money(250_000 + 7_919 * n, "INR") for n in range(4)], [alice], buyer=bob, pays=satoshis)
    release_all(sales[:2])
    known(MIDS)  # newer than what the quotes of the sales stand on
    window = closed([(Money(9_000, "EUR"), Money(99_000, "BTC"))], alice, admin)
    assert (trades(window)["BTC"], work.pay_rebates()) == (sum(one.held.amount // 10 for one in sales) - 99_000, 2)
    release_all(sales[2:])
    parts = {"goods": Money(125_000, "INR")}
    request_refund(payment=sales[0].payment, ref=sales[0].ref, reason="agreement", parts=parts)
    rebates = {rebate.ref: rebate for rebate in Rebate.objects.all()}
    assert sorted(rebates) == ["S1", "S2", "S3", "S4"]
    assert rebates["S1"].booked_minor == rebates["S1"].most_minor // 2
    assert all(rebates[one.ref].booked_minor == rebates[one.ref].most_minor > 0 for one in sales[1:])
    _rich()
    for trade in window.trades.all():
        _fill(trade, trade.rest, 0, admin)
    assert (life(window)[0], broken()) == ("settled", [])


CODES = ("EUR", *MIDS)
MONEYS = st.tuples(st.sampled_from(CODES), st.integers(1, 10**11)).map(lambda one: Money(one[1], one[0]))
FLOWS = st.lists(
    st.tuples(MONEYS, MONEYS).filter(
        lambda pair: pair[0].currency != pair[1].currency and {one.currency for one in pair} & COINS
    ),
    min_size=1,
    max_size=6,
)
ONE_TEST = how(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONE_TEST
@given(flows=FLOWS, cuts=st.lists(st.integers(1, 100), max_size=3), bps=st.integers(-300, 300), leave=st.booleans())
def test_by_hand_every_window_ends_with_nothing_open(
    alice: User, admin: User, flows: list[tuple[Money, Money]], cuts: list[int], bps: int, leave: bool
) -> None:
    """Random flows, filled in random parts at prices around mid; a little rest is filled or left."""
    _rich()
    window = closed(flows, alice, admin)
    for trade in window.trades.all():
        for percent in (*cuts, 100):
            trade.refresh_from_db()
            if leave and percent == 100 and is_little(trade):
                leave_rest(trade, by=admin)
                break
            part = max(trade.rest.amount * percent // 100, 1)
            if trade.rest:
                _fill(trade, Money(part, trade.currency), bps, admin)
    assert (life(window)[0], position(), broken()) == ("settled", {}, [])


@ONE_TEST
@given(
    flows=FLOWS,
    step=st.sampled_from([1, 7, 1_000, 10**6]),
    moods=st.lists(st.sampled_from(["", "half", "lose", "down", "refuse", "nothing"]), max_size=6),
)
def test_by_a_program_with_any_moods_every_window_ends_or_is_a_persons(
    alice: User, admin: User, bourse: type[Bourse], flows: list[tuple[Money, Money]], step: int, moods: list[str]
) -> None:
    _rich()
    bourse.step = dict.fromkeys(MIDS, step)
    window = closed(flows, alice, admin)
    for mood in [*moods, *[""] * 12]:
        bourse.mood = mood
        work.execute_trades()
    assert due_trades() == []
    for trade in window.trades.filter(provider="manual"):
        if trade.rest:
            _fill(trade, trade.rest, 0, admin)
    assert (life(window)[0], position(), broken()) == ("settled", {}, [])


def _fill(trade: WindowTrade, amount: Money, bps: int, by: User) -> None:
    """At its value by the window's mid, give or take `bps`; never for less than a cent."""
    mid = Fraction(trade.window.nets.get(currency=trade.currency).mid)
    value = Fraction(amount.amount * 100, 10 ** exponent_of(amount.currency)) / mid
    hub = Money(max(int(value * (10_000 + bps) / 10_000), 1), "EUR")
    sold, bought = (amount, hub) if trade.sells else (hub, amount)
    fill_trade(trade, reference=f"X{next(names)}", sold=sold, bought=bought, by=by)


def _rich() -> None:
    """The platform has money of its own, so that euros for what has to be bought are there."""
    legs = [(codes.clearing("bank", "EUR"), 10**13), (codes.income("bank", "EUR"), -(10**13))]
    post(f"own:{next(names)}", "bank_income", "", legs)
