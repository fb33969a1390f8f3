from __future__ import annotations

import pytest
from django.db import IntegrityError

from fx.models import Conversion
from fx.money import Money
from fx.services import ConversionClash, record_conversion

SELL, BUY = Money(1799, "EUR"), Money(190_000, "INR")
pytestmark = pytest.mark.django_db


def record(sell: Money = SELL, buy: Money = BUY, key: str = "capture:1") -> Conversion:
    return record_conversion(journal_key=key, ref="A1", quote=None, sell=sell, buy=buy)


def test_a_replayed_journal_records_its_conversion_once() -> None:
    first = record()
    assert record() == first
    assert (first.sell, first.buy) == (SELL, BUY)
    assert Conversion.objects.count() == 1


def test_the_way_back_is_another_row() -> None:
    record()
    record(BUY, SELL, key="refund:1")
    assert Conversion.objects.count() == 2


def test_a_replay_with_other_amounts_is_refused() -> None:
    record()
    with pytest.raises(ConversionClash, match="Journal capture:1 has 1799 EUR for 190000 INR of A1"):
        record(buy=Money(190_001, "INR"))
    assert Conversion.objects.get().buy == BUY


def test_within_one_currency_there_is_nothing_to_convert() -> None:
    with pytest.raises(IntegrityError, match="conversion_two_currencies"):
        record(buy=Money(1799, "EUR"))
