"""What a country asks at import, from a date on: pure values, no database.

Amounts are integers of the rule's currency's minor units. The text columns `low_value_duty` and
`import_fee` keep their small grammar (see `listings.customs.duty` and `listings.customs.fees`),
because a row is what an operator reads.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from listings.customs.lower import Lower, lower_rates

BLOC = "EU"  # the scheme of member rows: they lend their tax rate to the row of the country `EU`
KEPT = 10_000  # answers of a rule book that are kept: some days of every country
SURENESS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `ImportRule`. `vat_rate` is a fraction (19 % is 19/100); `bloc` is set on a
    member of a customs union. `lower`: what may be taxed lower there.
    """

    country: str
    currency: str
    start: dt.date
    end: dt.date | None = None
    tax_name: str = ""
    vat_rate: Fraction = Fraction(0)
    vat_free: int | None = None
    duty_free: int | None = None
    scheme: str = ""
    scheme_ceiling: int | None = None
    low_value_duty: str = ""
    basis: str = "consignment"
    vat_base: str = "none"
    import_fee: str = ""
    relief_needs_scheme: bool = False
    source: str = ""
    confidence: str = "low"
    note: str = ""
    bloc: str = ""
    lower: Lower = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Rule:
        """From the columns of `ImportRule`, typed: dates, integers, a Decimal percentage."""
        return cls(
            country=row["country"],
            currency=row["currency"],
            start=row["effective_from"],
            end=row["effective_to"],
            tax_name=row["tax_name"],
            vat_rate=Fraction(row["standard_vat_rate"] or 0) / 100,
            vat_free=row["vat_threshold_minor"],
            duty_free=row["duty_threshold_minor"],
            scheme=row["scheme"],
            scheme_ceiling=row["scheme_ceiling_minor"],
            low_value_duty=row["low_value_duty"],
            basis=row["threshold_basis"],
            vat_base=row["vat_base"],
            import_fee=row["import_fee"],
            relief_needs_scheme=row["relief_needs_scheme"],
            source=row["source"],
            confidence=row["confidence"],
            note=row["note"],
            lower=lower_rates(row["country"]),
        )

    def covers(self, on: dt.date) -> bool:
        return self.start <= on and (self.end is None or on <= self.end)

    def accepts(self, registrations: frozenset[str], value: int) -> bool:
        """Whether an operator with `registrations` may collect at checkout for goods worth `value`."""
        return self.scheme in registrations and (self.scheme_ceiling is None or value <= self.scheme_ceiling)

    def json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "start": self.start.isoformat(),
            "end": self.end and self.end.isoformat(),
            "vat_rate": str(self.vat_rate),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rule:
        day = dt.date.fromisoformat
        return cls(
            **{
                **data,
                "start": day(data["start"]),
                "end": day(data["end"]) if data["end"] else None,
                "vat_rate": Fraction(data["vat_rate"]),
                "lower": tuple((prefixes, what) for prefixes, what in data.get("lower", ())),
            }
        )


class RuleBook:
    """Every rule, found by country and date."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_country: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            self._by_country[rule.country].append(rule)
        self._found: dict[tuple[str, dt.date], Rule | None] = {}
        self._members = {
            country for country, rows in self._by_country.items() if any(BLOC in (row.scheme, row.bloc) for row in rows)
        }

    @property
    def countries(self) -> list[str]:
        return sorted(self._by_country.keys() - {BLOC})

    def is_member(self, country: str) -> bool:
        """Whether `country` is in the EU's customs union as far as the rows say."""
        return country in self._members

    def find(self, country: str, on: dt.date) -> Rule | None:
        """The rule in force in `country` on that day; a member's is the union's with the member's tax rate."""
        key = country, on
        if key not in self._found:
            if len(self._found) >= KEPT:
                self._found.clear()
            self._found[key] = self._look(country, on)
        return self._found[key]

    def _look(self, country: str, on: dt.date) -> Rule | None:
        rule = next((r for r in self._by_country.get(country, ()) if r.covers(on)), None)
        if rule is None or rule.scheme != BLOC:
            return rule
        union = self.find(BLOC, on)
        return union and _member(union, rule)


def _member(union: Rule, member: Rule) -> Rule:
    return replace(
        union,
        country=member.country,
        vat_rate=member.vat_rate,
        import_fee="|".join(filter(None, (union.import_fee, member.import_fee))),
        confidence=min(union.confidence, member.confidence, key=SURENESS.index),
        bloc=BLOC,
    )
