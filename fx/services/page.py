"""What the public page of rates shows: each rate, its source, age and state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fx.chart import Chart, chart
from fx.format import format_number
from fx.models import Rate, RateFetch, RateSet
from fx.money import COINS, EXPONENT, Money
from fx.providers.registry import active, load
from fx.rates import HUB
from fx.services.current import active_set
from fx.services.history import HISTORY, Past, history_source, past_days
from fx.services.visits import latest_visit
from marketplace.lib.clock import now
from marketplace.lib.places import currency_name

_DISPLAY = Context(prec=8)


@dataclass(frozen=True, slots=True)
class RateRow:
    currency: str
    name: str
    per_eur: Decimal
    shown: str  # units per euro in the active language
    price: Money | None  # of one coin, at mid
    source: str
    as_of: datetime
    spark: Chart | None  # its past days
    state: str  # open: quoted; demo: quoted, but a stand-in; stale; disputed: its sources differ

    @property
    def state_label(self) -> str:
        return {
            "open": _("Quoted"),
            "demo": _("Demo"),
            "stale": _("Too old, not quoted"),
            "disputed": _("Sources differ, not quoted"),
        }[self.state]

    @property
    def tone(self) -> str:
        return {"open": "leaf", "demo": "brass"}.get(self.state, "stamp")


@dataclass(frozen=True, slots=True)
class SourceRow:
    label: str
    last: RateFetch | None

    @property
    def waits(self) -> bool:
        """It failed, and is left alone for a while."""
        return self.last is not None and bool(self.last.fails) and now() < self.last.again_at


@dataclass(frozen=True, slots=True)
class RatesPage:
    rows: list[RateRow]
    sources: list[SourceRow]
    history: SourceRow | None  # of the charts; none where no provider has any
    held: list[str]  # currencies whose newest rates wait for a person
    spread: str  # percent over mid between ordinary currencies, and from there to a coin
    coin_spread: str

    @property
    def has_stand_ins(self) -> bool:
        return any(row.state == "demo" for row in self.rows)


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    shown: str


@dataclass(frozen=True, slots=True)
class CurrencyPage:
    """One currency: its rate as it counts now, none without one, and the ECB's past days, newest first."""

    currency: str
    name: str
    row: RateRow | None
    chart: Chart | None
    days: list[DayRow]
    high: DayRow | None
    low: DayRow | None


def currency_page(currency: str) -> CurrencyPage | None:
    """What /rates/INR/ says, in the active language; None for a currency that is not traded here."""
    if currency not in EXPONENT or currency == HUB:
        return None
    language = get_language() or "en"
    days = past_days(currency).get(currency, [])
    latest = active_set()
    rate = latest.rates.filter(currency=currency).first() if latest else None
    rows = {day: DayRow(day, _shown(per_eur, language)) for day, per_eur in days}
    by_rate = sorted(days, key=lambda pair: pair[1])
    return CurrencyPage(
        currency=currency,
        name=_name(currency, language),
        row=None if rate is None else _row(rate, {currency: days}),
        chart=chart(days),
        days=[rows[day] for day, _rate in reversed(days)],
        high=rows[by_rate[-1][0]] if days else None,
        low=rows[by_rate[0][0]] if days else None,
    )


def rates_page() -> RatesPage:
    """Everything that /rates/ says, in the active language."""
    latest = active_set()
    rates = sorted(latest.rates.all(), key=lambda rate: rate.currency) if latest else []
    past = past_days()
    held = Rate.objects.filter(rate_set__state=RateSet.State.HELD)
    return RatesPage(
        rows=[_row(rate, past) for rate in rates],
        sources=[_source(provider.name, provider.label) for provider in active()],
        history=_source(HISTORY, _("Past days, for the charts")) if history_source() else None,
        held=sorted(set(held.values_list("currency", flat=True))),
        spread=_percent(settings.SPREAD_BPS),
        coin_spread=_percent(settings.COIN_SPREAD_BPS),
    )


def _row(rate: Rate, past: Past) -> RateRow:
    language = get_language() or "en"
    return RateRow(
        currency=rate.currency,
        name=_name(rate.currency, language),
        per_eur=rate.per_eur,
        shown=_shown(rate.per_eur, language),
        price=_price(rate) if rate.currency in COINS else None,
        source=" + ".join(_label(name) for name in rate.source.split("+")),
        as_of=rate.as_of,
        spark=chart(past.get(rate.currency, [])),
        state=_state(rate),
    )


def _name(currency: str, language: str) -> str:
    return "" if currency in COINS else currency_name(currency, language)


def _state(rate: Rate) -> str:
    if not rate.is_fresh:
        return "stale"
    if rate.disputed:
        return "disputed"
    return "demo" if rate.good_until is None else "open"


def _shown(rate: Decimal, language: str) -> str:
    """Without trailing zeros; eight significant digits tell enough of a coin's."""
    value = _DISPLAY.plus(rate).normalize(_DISPLAY)
    return format_number(value, language, max(0, -int(value.as_tuple().exponent)))


def _price(rate: Rate) -> Money:
    """About what one coin costs at mid, to the cent: to be shown."""
    return Money(int((100 / rate.per_eur).to_integral_value()), "EUR")


def _percent(bps: int) -> str:
    return format_number(Decimal(bps).scaleb(-2), get_language() or "en", 2) + "\N{NO-BREAK SPACE}%"


def _source(name: str, label: str) -> SourceRow:
    return SourceRow(label, latest_visit(name))


def _label(name: str) -> str:
    """For people; a provider that was switched off since keeps its plain name."""
    try:
        return load(name).label
    except ImproperlyConfigured:
        return name
