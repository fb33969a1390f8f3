"""docs/rates.md shows a worked example; its numbers are these."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from django.conf import settings

from fx.format import format_money
from fx.money import Money
from fx.rates import Rates

AT = datetime(2026, 10, 30, 15, tzinfo=UTC)
RATES = Rates(
    id=1,
    per_eur={"INR": Fraction("106.084"), "BTC": Fraction("0.0000105")},
    as_of={"INR": AT, "BTC": AT},
    source={"INR": "ecb", "BTC": "kraken+coinbase"},
)


def test_the_worked_example_in_the_documentation_is_what_the_code_computes() -> None:
    page = (settings.BASE_DIR / "docs" / "rates.md").read_text()
    asked = Money(190_000, "INR")
    owed = RATES.convert(asked, "EUR", bps=40, up=True)
    sent = RATES.convert(owed, "BTC", bps=50, up=True)
    assert (owed, sent) == (Money(1799, "EUR"), Money(18_985, "BTC"))
    assert f"**EUR {owed.json()['amount']}**" in page
    assert f"**BTC {sent.json()['amount']}**" in page
    assert format_money(asked, "en") == "₹1,900.00"
    assert "INR 1,900.00" in page
    at_mid = Fraction(1900) / Fraction("106.084")
    assert f"EUR {four_digits(at_mid)}…" in page
    assert f"EUR {four_digits(at_mid / Fraction('0.996'))}…" in page


def four_digits(value: Fraction) -> str:
    whole, rest = divmod((value * 10_000).__floor__(), 10_000)
    return f"{whole}.{rest:04}"
