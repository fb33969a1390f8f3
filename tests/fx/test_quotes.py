from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from fx.models import Quote, QuoteLine, RateSet
from fx.money import CurrencyMismatch, Money, total
from fx.rates import NO_RATES, Rates
from fx.services import (
    QuoteDraft,
    QuoteError,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
    QuoteUsed,
    RateMissing,
    current_rates,
    forget_unused,
    issue_quote,
    refresh_rates,
    use_quote,
)
from fx.services.quotes import KEPT, shares_of
from marketplace.lib.clock import now, shifted

BOB, CHARLIE, BASKET = "user:2", "visitor:0123456789abcdef0123456789abcdef", "f" * 64


@pytest.fixture
def rates(db: None) -> Rates:
    """ECB rates of 2026-10-30: INR 106.084, MXN 21.1237 per euro; a bitcoin at 95,238.10 euros."""
    refresh_rates()
    return _frozen(current_rates())


def _frozen(rates: Rates) -> Rates:
    """The set of today's package, with the numbers that these tests were computed with."""
    per_eur = {"INR": Fraction("106.084"), "MXN": Fraction("21.1237"), "BTC": Fraction("0.0000105")}
    at = dict.fromkeys(per_eur, datetime(2026, 10, 30, 15, tzinfo=UTC))
    return Rates(id=rates.id, per_eur=per_eur, as_of=at, source=dict.fromkeys(per_eur, "test"))


def scarf(rates: Rates, currency: str = "EUR") -> QuoteDraft:
    price = Money(190_000, "INR")
    return QuoteDraft("A1", "goods", price, rates.convert(price, currency, bps=40, up=True))


def vase(rates: Rates) -> QuoteDraft:
    price = Money(42_050, "MXN")
    return QuoteDraft("B2", "goods", price, rates.convert(price, "EUR", bps=40, up=True))


def issue(rates: Rates, *lines: QuoteDraft, **changes: Any) -> Quote:
    wanted: dict[str, Any] = {
        "owner": BOB,
        "basket": BASKET,
        "currency": "EUR",
        "pay_currency": "EUR",
        "lines": lines or (scarf(rates), vase(rates)),
        "rates": rates,
    }
    return issue_quote(**(wanted | changes))


def test_a_basket_from_two_countries_becomes_one_locked_amount(rates: Rates) -> None:
    quote = issue(rates)
    assert (quote.amount, quote.pay) == (Money(3798, "EUR"), Money(3798, "EUR"))
    assert (quote.rate_set_id, quote.spread_bps, quote.coin_spread_bps) == (rates.id, 40, 0)
    assert quote.expires_at - quote.created_at == timedelta(minutes=10)
    assert quote.is_live
    lines = {line.ref: line for line in quote.lines.all()}
    assert (lines["A1"].target, lines["A1"].minor, lines["A1"].pay_minor) == (Money(190_000, "INR"), 1799, 1799)
    assert (lines["B2"].target, lines["B2"].minor, lines["B2"].pay_minor) == (Money(42_050, "MXN"), 1999, 1999)


def test_a_coin_pays_the_same_total_converted_once_and_shared_to_the_satoshi(rates: Rates) -> None:
    quote = issue(rates, pay_currency="BTC")
    assert quote.amount == Money(3798, "EUR")
    assert quote.pay == Money(40_080, "BTC")  # 37.98 × 0.0000105 ÷ 0.995, rounded up
    assert quote.coin_spread_bps == 50
    assert quote.expires_at - quote.created_at == timedelta(minutes=15)
    assert [line.pay_minor for line in quote.lines.order_by("ref")] == [18_984, 21_096]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any), st.integers(1, 10**12))
def test_both_columns_of_a_quote_sum_to_the_unit(amounts: list[int], pay: int) -> None:
    drafts = [QuoteDraft("A", "goods", Money(n, "INR"), Money(n, "EUR")) for n in amounts]
    shares = shares_of(Money(pay, "BTC"), drafts)
    assert total(shares, "BTC") == Money(pay, "BTC")
    for share, amount in zip(shares, amounts, strict=True):
        assert 0 <= share.amount - pay * amount // sum(amounts) <= 1
    same = shares_of(Money(sum(amounts), "EUR"), drafts)
    assert [share.amount for share in same] == amounts


def test_one_currency_needs_no_rate(db: None) -> None:
    line = QuoteDraft("A1", "goods", Money(500, "EUR"), Money(500, "EUR"))
    quote = issue(NO_RATES, line)
    assert (quote.rate_set, quote.amount) == (None, Money(500, "EUR"))
    with pytest.raises(RateMissing, match="BTC"):
        issue(NO_RATES, line, pay_currency="BTC")
    assert Quote.objects.count() == 1


@pytest.mark.parametrize("lines", [(), (QuoteDraft("A", "goods", Money(0, "INR"), Money(0, "EUR")),)])
def test_nothing_to_pay_is_no_quote(rates: Rates, lines: tuple[QuoteDraft, ...]) -> None:
    with pytest.raises(QuoteError, match="nothing to pay"):
        issue(rates, lines=lines)
    assert Quote.objects.count() == 0


def test_a_line_in_another_currency_than_the_quote_is_refused(rates: Rates) -> None:
    with pytest.raises(CurrencyMismatch):
        issue(rates, scarf(rates), scarf(rates, "INR"))
    assert Quote.objects.count() == QuoteLine.objects.count() == 0


def test_a_quote_is_used_once_by_its_owner(rates: Rates) -> None:
    quote = issue(rates)
    used = use_quote(str(quote.pk), owner=BOB, basket=BASKET)
    assert used.pk == quote.pk
    assert used.used_at is not None
    assert not used.is_live
    with pytest.raises(QuoteUsed, match="used already"):
        use_quote(quote.pk, owner=BOB, basket=BASKET)


@pytest.mark.parametrize(
    ("owner", "basket", "minutes", "refusal"),
    [
        (CHARLIE, BASKET, 0, QuoteNotFound),
        (BOB, "another", 0, QuoteOutdated),
        (BOB, BASKET, 10, QuoteExpired),
        (BOB, BASKET, 60 * 24, QuoteExpired),
    ],
)
def test_a_quote_that_is_foreign_outdated_or_expired_is_refused_and_stays_as_it_is(
    rates: Rates, owner: str, basket: str, minutes: int, refusal: type[QuoteError]
) -> None:
    quote = issue(rates)
    before = Quote.objects.values().get()
    with shifted(minutes=minutes), pytest.raises(refusal) as refused:
        use_quote(quote.pk, owner=owner, basket=basket)
    assert isinstance(refused.value, QuoteError)
    assert str(refused.value).endswith(".")
    assert Quote.objects.values().get() == before
    assert use_quote(quote.pk, owner=BOB, basket=BASKET).used_at


@pytest.mark.parametrize("quote_id", ["", "1", "' or 1=1", "x" * 5000, str(uuid.UUID(int=7)), None, 7, "٣" * 32])
def test_any_other_id_is_not_found(rates: Rates, quote_id: Any) -> None:
    with pytest.raises(QuoteNotFound):
        use_quote(quote_id, owner=BOB, basket=BASKET)


def test_the_last_second_counts(rates: Rates) -> None:
    quote = issue(rates)
    with shifted(minutes=9, seconds=58):
        assert use_quote(quote.pk, owner=BOB, basket=BASKET).used_at


def test_the_database_refuses_a_use_after_the_end_and_amounts_of_nothing(rates: Rates) -> None:
    quote = issue(rates)
    for change in ({"used_at": quote.expires_at + timedelta(seconds=1)}, {"pay_minor": 0}, {"amount_minor": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Quote.objects.filter(pk=quote.pk).update(**change)


def test_a_set_of_rates_that_was_quoted_is_kept(rates: Rates) -> None:
    issue(rates)
    RateSet.objects.update(effective_at=now() - timedelta(days=3))
    RateSet.objects.create()
    with shifted(days=2):
        refresh_rates(force=True)
        assert RateSet.objects.filter(pk=rates.id).exists()


@pytest.fixture
def quoted(transactional_db: None) -> Quote:
    refresh_rates()
    return issue(_frozen(current_rates()))


def test_of_two_who_use_a_quote_at_once_one_wins(quoted: Quote) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def use() -> None:
        try:
            barrier.wait(10)
            with transaction.atomic():
                use_quote(quoted.pk, owner=BOB, basket=BASKET)
            outcomes.append("used")
        except QuoteUsed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["refused", "used"]


def test_a_quote_that_nobody_used_is_forgotten_a_week_after_its_end_and_others_stay(rates: Rates) -> None:
    old, used, newer = issue(rates), issue(rates), issue(rates)
    use_quote(used.pk, owner=BOB, basket=BASKET)
    Quote.objects.filter(pk=newer.pk).update(expires_at=newer.expires_at + timedelta(days=1))
    with shifted(days=KEPT.days, hours=1):
        assert forget_unused() == 1
        assert forget_unused() == 0
    assert set(Quote.objects.values_list("pk", flat=True)) == {used.pk, newer.pk}
    assert not QuoteLine.objects.filter(quote_id=old.pk).exists()
