"""A netting window in shadow: exact to the unit, once, and never against the books."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pytest_django import Settings

from fx.errors import RateMissing
from fx.models import Conversion, Rate, Window, WindowNet, WindowShare
from fx.money import EXPONENT, Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from payments.models import Journal
from payments.netting.held import settles
from payments.netting.windows import WindowRefused, close_due_windows, close_window, due
from payments.services import LineDraft, request_refund
from tests.chaos.test_deaths import dies_in
from tests.payments.conftest import Open, work
from tests.payments.netting import COSTS, EXAMPLE, MIDS, converted, known
from tests.payments.pocket import FarEnd
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
HAND = Window.Reason.PERSON


@pytest.fixture
def six(settings: Settings, alice: User) -> list[Conversion]:
    """The worked example, ready to close."""
    settings.NETTING_COSTS_BPS = COSTS
    known(MIDS)
    return converted(EXAMPLE, alice)


def _ignored(_window: Window | None) -> None:
    """Threads give back nothing."""


def close() -> Window | None:
    return close_window(coins=False, reason=HAND)


def nothing_closed() -> None:
    assert (Window.objects.count(), WindowNet.objects.count(), WindowShare.objects.count()) == (0, 0, 0)
    assert not Conversion.objects.exclude(window=None).exists()


def test_the_worked_example_is_exact_to_the_unit(six: list[Conversion]) -> None:
    window = close()
    assert window is not None
    assert (window.members, window.mode, window.share_percent) == (6, "shadow", 50)
    columns = ("currency", "inflow_minor", "outflow_minor", "matched_minor", "residual_minor", "trade_minor")
    assert list(window.nets.order_by("currency").values_list(*columns)) == [
        ("EUR", 160000, 149250, 149250, 10750, 0),
        ("GBP", 41690, 24888, 24888, 16802, 20090),
        ("JPY", 87840, 104880, 87840, -17040, -9739),
        ("USD", 145236, 166741, 145236, -21505, -19307),
    ]
    trades = sum(window.nets.values_list("trade_minor", flat=True))
    assert trades + window.nets.get(currency="EUR").residual_minor == 1794  # what would be income
    shares = window.shares.order_by("conversion_id")
    assert list(shares.values_list("rebate_minor", flat=True)) == [150, 145, 122, 74, 100, 175]
    saved = sum(window.nets.values_list("saving_minor", flat=True))
    assert sum(shares.values_list("saving_minor", flat=True)) == saved == 1358


def test_shadow_writes_no_journal(six: list[Conversion]) -> None:
    before = list(Journal.objects.values_list("key", flat=True))
    close()
    assert list(Journal.objects.values_list("key", flat=True)) == before


def test_closed_twice_it_is_closed_once_and_the_next_takes_what_came_since(six: list[Conversion], alice: User) -> None:
    first = close()
    assert close() is None
    [later] = converted(EXAMPLE[:1], alice, since=7)
    second = close()
    assert first is not None
    assert second is not None
    assert list(second.conversions.all()) == [later]
    assert Conversion.objects.filter(window=first).count() == 6


@pytest.mark.django_db(transaction=True)
def test_closed_by_eight_at_once_each_conversion_is_in_one_window(six: list[Conversion]) -> None:
    assert in_threads(8, lambda _number: _ignored(close())) == []
    window = Window.objects.get()
    assert (window.members, window.shares.count(), window.nets.count()) == (6, 6, 4)


@pytest.mark.django_db(transaction=True)
def test_killed_before_its_end_nothing_is_left_and_the_next_try_takes_all(six: list[Conversion]) -> None:
    dies_in(close, "window closed")
    nothing_closed()
    window = close()
    assert window is not None
    assert window.members == 6


def test_books_that_say_something_else_refuse_it_by_name(six: list[Conversion]) -> None:
    Conversion.objects.filter(pk=six[2].pk).update(sell_minor=41691)
    with pytest.raises(WindowRefused, match=r"move fx:GBP by .*-168\.03.*, the books by .*-168\.02"):
        close()
    nothing_closed()


def test_a_conversion_without_a_journal_refuses_it(six: list[Conversion]) -> None:
    Conversion.objects.filter(pk=six[4].pk).update(journal_key="capture:gone")
    with pytest.raises(WindowRefused, match="fx:EUR"):
        close()
    nothing_closed()


def test_a_missing_rate_refuses_it(six: list[Conversion]) -> None:
    Rate.objects.filter(currency="JPY").delete()
    with pytest.raises(RateMissing, match="JPY"):
        close()
    nothing_closed()


def test_without_any_rates_it_is_refused(alice: User) -> None:
    converted(EXAMPLE[:1], alice)
    with pytest.raises(RateMissing, match="USD"):
        close()
    nothing_closed()


def test_a_window_that_cannot_close_is_said_and_keeps_nobody_else_waiting(
    six: list[Conversion], alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    converted([(Money(1_000_000, "BTC"), Money(95000, "EUR"))], alice, since=7)
    with shifted(days=2):
        [closed] = close_due_windows()
    assert not closed.coins
    assert "A netting window did not close: There is no trustworthy exchange rate for BTC" in caplog.text


def test_it_is_due_after_a_day_and_coins_after_an_hour(six: list[Conversion], alice: User) -> None:
    converted([(Money(1_000_000, "BTC"), Money(95000, "EUR"))], alice, since=7)
    assert (due(coins=False), due(coins=True)) == (None, None)
    with shifted(minutes=61):
        assert (due(coins=False), due(coins=True)) == (None, Window.Reason.TIME)
    with shifted(hours=25):
        assert due(coins=False) == Window.Reason.TIME


@pytest.mark.parametrize(("limit", "reason"), [("215.05", None), ("215.04", Window.Reason.LIMIT)])
def test_a_position_over_its_limit_closes_early(
    six: list[Conversion], settings: Settings, limit: str, reason: Window.Reason | None
) -> None:
    settings.NETTING_LIMITS = {"USD": limit}
    assert due(coins=False) == reason


def test_what_counts_is_held_in_both_currencies(
    paid: Open, scarf: list[LineDraft], settings: Settings, far: FarEnd
) -> None:
    settings.PROCESSORS["pocket"]["settlement_currencies"] = ["EUR"]
    payment = paid(scarf)
    assert Conversion.objects.get().counted
    settings.PROCESSORS["pocket"]["settlement_currencies"] = []  # what goes back is matched with what came
    request_refund(payment=payment, ref="A1", reason="never_shipped")
    work()
    assert list(Conversion.objects.filter(journal_key__startswith="refund").values_list("counted", flat=True)) == [True]


def test_what_is_owed_in_a_currency_without_a_bank_account_counts_for_no_window(
    paid: Open, scarf: list[LineDraft], settings: Settings, far: FarEnd
) -> None:
    """The rupees are bought by whoever pays them out: nobody here holds any that a buyer's could be matched with."""
    settings.PROCESSORS["pocket"]["settlement_currencies"] = ["EUR"]
    bank = settings.PROCESSORS["bank"]
    accounts = {currency: account for currency, account in bank["accounts"].items() if currency != "INR"}
    settings.PROCESSORS = {**settings.PROCESSORS, "bank": bank | {"accounts": accounts}}
    payment = paid(scarf)
    settings.PROCESSORS = {**settings.PROCESSORS, "bank": bank}  # an account now changes nothing of what follows it
    request_refund(payment=payment, ref="A1", reason="never_shipped")
    work()
    found = Conversion.objects.values_list("journal_key", "counted").order_by("pk")
    assert [(key.split(":")[0], counted) for key, counted in found] == [("capture", False), ("refund", False)]
    assert close() is None


@pytest.mark.parametrize(
    ("processor", "currency", "held"),
    [
        ("pocket", "EUR", False),
        ("acme", "USD", True),
        ("acme", "GBP", False),
        ("bitcoin", "BTC", True),
        ("balance", "INR", True),
        ("balance", "JPY", False),
        ("transfer", "EUR", True),
    ],
)
def test_who_pays_us_in_what(settings: Settings, processor: str, currency: str, held: bool) -> None:
    settings.PROCESSORS = {**settings.PROCESSORS, "pocket": {}, "acme": {"settlement_currencies": "EUR, USD"}}
    assert settles(processor, currency) is held


MONEYS = st.tuples(st.sampled_from(["EUR", *MIDS]), st.integers(1, 10**9)).map(lambda one: Money(one[1], one[0]))
FLOWS = st.lists(
    st.tuples(MONEYS, MONEYS).filter(lambda one: one[0].currency != one[1].currency), min_size=1, max_size=12
)


@how(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flows=FLOWS)
def test_shares_sum_to_the_saving_and_each_is_near_its_ideal(alice: User, flows: list[tuple[Money, Money]]) -> None:
    known(MIDS)
    Conversion.objects.filter(window=None).delete()
    rows = converted(flows, alice, since=1 + Journal.objects.count())
    window = close()
    assert window is not None
    assert window.members == len(rows)
    nets = {net.currency: net for net in window.nets.all()}
    shares = dict(window.shares.values_list("conversion_id", "saving_minor"))
    assert sum(shares.values()) == sum(net.saving_minor for net in nets.values())
    for row in rows:
        sold, bought = nets[row.sell_currency], nets[row.buy_currency]
        ideals = [
            Fraction(row.sell_minor * sold.saving_minor, 2 * sold.inflow_minor),
            Fraction(row.buy_minor * bought.saving_minor, 2 * bought.outflow_minor),
        ]
        low, high = sum(ideal.__floor__() for ideal in ideals), sum(ideal.__ceil__() for ideal in ideals)
        assert low <= shares[row.pk] <= high
    for net in nets.values():
        assert net.matched_minor == min(net.inflow_minor, net.outflow_minor)
    rebates = dict(window.shares.values_list("conversion_id", "rebate_minor"))
    for row in rows:  # half of the share, in the seller's money at the window's mid, rounded down
        units = Fraction(nets[row.buy_currency].mid) * 10 ** EXPONENT[row.buy_currency]
        assert rebates[row.pk] == (Fraction(shares[row.pk], 100) * window.share_percent / 100 * units).__floor__()
