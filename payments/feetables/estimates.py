"""What a processor will keep of a payment, by the rows in force; where there is none, that it is not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import today
from marketplace.lib.places import EEA
from payments.models import FeeRow
from payments.processors.base import Processor
from payments.processors.registry import BUILT_IN


@dataclass(frozen=True, slots=True)
class Estimate:
    """`fee` is the processor's, `network` what goes to a chain or bank on the way; both in the payment's currency.

    `known` is false when no row is in force: then both are zero, and `words` say why. `source` names the rows.
    """

    fee: Money
    network: Money
    known: bool
    words: str
    source: str
    network_source: str = ""


class FeeTable:
    """The rows of all processors, read once; a day decides which are in force."""

    def __init__(self, rows: Iterable[FeeRow], on: dt.date) -> None:
        self.rows, self.on = list(rows), on

    @classmethod
    def of_today(cls) -> FeeTable:
        return cls(FeeRow.objects.all(), today())

    def estimate(self, processor: Processor, money: Money, country: str) -> Estimate:
        """For a buyer of `country` (ISO 3166 alpha-2) who pays `money`. Rounded up."""
        mine = [row for row in self.rows if row.processor == processor.slug]
        if not mine and processor.slug not in BUILT_IN:
            return self._by_plug_in(processor, money, country)
        percent = self._first(mine, FeeRow.Part.PERCENT, _areas(country))
        fixed = self._first(mine, FeeRow.Part.FIXED, [money.currency])
        network = self._first(mine, FeeRow.Part.NETWORK, [money.currency])
        ended = [self._ended(mine, part, money.currency) for part in (FeeRow.Part.FIXED, FeeRow.Part.NETWORK)]
        gaps = [gap for row, gap in zip((fixed, network), ended, strict=True) if row is None and gap is not None]
        if percent is None or gaps:
            return self._unknown(processor, money, country, gaps or mine)
        used = [row for row in (percent, fixed) if row is not None]
        words = _("estimated; the platform bears the difference")
        if not all(row.verified for row in used):
            words = _("estimated by a price that nobody has verified; the platform bears the difference")
        return Estimate(
            fee=money.bps(percent.bps, up=True) + Money(fixed.minor if fixed else 0, money.currency),
            network=Money(network.minor if network else 0, money.currency),
            known=True,
            words=words,
            source=_said(used),
            network_source=_said([network] if network else []),
        )

    def _first(self, rows: Iterable[FeeRow], part: str, wanted: Sequence[str]) -> FeeRow | None:
        """The row in force that is the most exact: `wanted` names countries or currencies, the exact one first."""
        live = {row.area or row.currency: row for row in rows if row.part == part and row.in_force(self.on)}
        return next((live[name] for name in wanted if name in live), None)

    def _ended(self, rows: Iterable[FeeRow], part: str, currency: str) -> FeeRow | None:
        """A row of `currency` that was in force once, or will be."""
        return next((row for row in rows if row.part == part and row.currency == currency), None)

    def _unknown(self, processor: Processor, money: Money, country: str, rows: Sequence[FeeRow]) -> Estimate:
        none = Money(0, money.currency)
        ends = [row.valid_until for row in rows if row.valid_until is not None and row.valid_until <= self.on]
        named = {"processor": _(processor.label), "country": country, "currency": money.currency}
        if ends:
            words = _(
                "not known: the price list of %(processor)s for %(country)s and %(currency)s ended before %(day)s. "
                "The seller is charged nothing for it; the platform bears it"
            ) % {**named, "day": max(ends).isoformat()}
        else:
            words = (
                _(
                    "not known: no price list of %(processor)s for %(country)s and %(currency)s is on record. "
                    "The seller is charged nothing for it; the platform bears it"
                )
                % named
            )
        return Estimate(none, none, False, words, "")

    def _by_plug_in(self, processor: Processor, money: Money, country: str) -> Estimate:
        words = _("estimated; the platform bears the difference")
        fee = processor.fee(money, country)
        return Estimate(fee, Money(0, fee.currency), True, words, _("the payment method’s own estimate"))


def _areas(country: str) -> list[str]:
    return [country, *(["EEA"] if country in EEA else []), ""]


def _said(rows: Sequence[FeeRow]) -> str:
    """The sources, each once, with the day that the newest row is in force from."""
    if not rows:
        return ""
    sources = list(dict.fromkeys(row.source for row in rows))
    since = max(row.valid_from for row in rows)
    return _("%(source)s; in force since %(day)s") % {"source": "; ".join(sources), "day": since.isoformat()}
