"""What our rate is over mid-market and over the ECB's: told at checkout, kept with the quote."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from fx.models import DailyRate, Quote
from fx.money import Money
from fx.rates import Rates
from fx.services import QuoteDraft, current_rates, issue_quote, markups_of, refresh_history, refresh_rates
from fx.services.markup import kept_markups

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 30, 15, tzinfo=UTC)
MID = {"INR": Fraction("106.084"), "USD": Fraction("1.1172"), "KWD": Fraction("0.3436")}
RATES = Rates(id=1, per_eur=MID, as_of=dict.fromkeys(MID, AT), source=dict.fromkeys(MID, "ecb"))


def ecb(**per_eur: str) -> None:
    for currency, rate in per_eur.items():
        DailyRate.objects.create(currency=currency, day=date(2026, 10, 29), per_eur="999")  # not the latest
        DailyRate.objects.create(currency=currency, day=date(2026, 10, 30), per_eur=rate)


def test_our_rate_is_compared_with_mid_and_with_the_latest_of_the_ecb() -> None:
    ecb(INR="107.1448")  # one percent more rupees than the market's
    [kept] = kept_markups(RATES, currency="EUR", targets=["INR", "INR", "EUR"], bps=40)
    assert kept == {
        "currency": "INR",
        "mid": "0.0094264922",
        "rate": "0.0094643496",
        "over_mid_bps": 40,  # 1 / 0.996 is 40.16 basis points more
        "ecb": "0.0093331641",
        "ecb_day": "2026-10-30",
        "over_ecb_bps": 141,
    }


def test_between_two_currencies_the_ecbs_cross_counts() -> None:
    ecb(INR="106.084", USD="1.1172")
    [kept] = kept_markups(RATES, currency="USD", targets=["INR"], bps=40)
    assert (kept["over_mid_bps"], kept["over_ecb_bps"]) == (40, 40)
    assert kept["ecb"] == kept["mid"] == "0.010531277"


def test_a_cross_of_two_days_is_as_old_as_the_older() -> None:
    ecb(INR="106.084")
    DailyRate.objects.create(currency="USD", day=date(2026, 10, 28), per_eur="1.1172")
    [kept] = kept_markups(RATES, currency="USD", targets=["INR"], bps=40)
    assert (kept["ecb"], kept["ecb_day"]) == ("0.010531277", "2026-10-28")


def test_a_rate_below_the_ecbs_is_a_mark_up_below_nothing() -> None:
    ecb(INR="105")
    [kept] = kept_markups(RATES, currency="EUR", targets=["INR"], bps=0)
    assert (kept["over_mid_bps"], kept["over_ecb_bps"]) == (0, -102)


def test_a_currency_that_the_ecb_does_not_publish_has_no_comparison() -> None:
    ecb(INR="106.084")
    [kept] = kept_markups(RATES, currency="EUR", targets=["KWD"], bps=40)
    assert (kept["ecb"], kept["ecb_day"], kept["over_ecb_bps"]) == ("", "", None)


def test_what_is_not_exchanged_has_no_mark_up() -> None:
    assert kept_markups(RATES, currency="INR", targets=["INR"], bps=40) == []


def test_a_quote_keeps_its_mark_ups_when_the_rates_move_on() -> None:
    refresh_rates()
    refresh_history()
    scarf = QuoteDraft("E-1", "goods", Money(190_000, "INR"), Money(17_99, "EUR"))
    quote = issue_quote(
        owner="user:1", basket="b", currency="EUR", pay_currency="EUR", lines=[scarf], rates=current_rates()
    )
    [before] = markups_of(quote)
    assert (before.currency, before.over_mid_bps, before.over_ecb_bps, before.ecb_day) == ("INR", 40, 40, "2026-10-30")
    DailyRate.objects.all().delete()
    assert markups_of(Quote.objects.get(pk=quote.pk)) == [before]
