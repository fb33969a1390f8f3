"""What anybody may read about the import rules: those in force, those to come, what changed in law and in our table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from django.utils.translation import gettext as _

from fx.money import Money
from listings.customs.rule import BLOC, Rule
from listings.customs.rules import rulebook
from listings.customs.seed import COLUMNS
from listings.customs.words import in_words, percent, sum_in_words
from listings.models import ImportRule, RuleChange
from listings.rulewords import NAMES, Difference, Text, differences, duty_in_words, value
from marketplace.lib.places import country_name

Row = Mapping[str, Any]
LATELY, MOST_CHANGES = dt.timedelta(days=365), 50
ABOUT_THE_ROW = ("country", "name", "effective_from", "effective_to", "source", "source_date", "note", "confidence")


@dataclass(frozen=True, slots=True)
class LawChange:
    """From `on` another rule is in force in the country; without differences nothing follows the one that ends."""

    country: str
    name: str
    on: dt.date
    differences: Sequence[Difference]
    row: Row


@dataclass(frozen=True, slots=True)
class InForce:
    """A country's rule today, in words; `free` are limits, empty where there are none."""

    country: str
    name: str
    tax: str
    tax_free: str
    duty_free: str
    duty: str
    confidence: str
    checked_on: dt.date | None
    since: dt.date


@dataclass(frozen=True, slots=True)
class Correction:
    """What we changed in the table, and when: without the name of who did."""

    country: str
    name: str
    at: dt.datetime
    action: str
    file: str
    differences: Sequence[Difference]


@dataclass(slots=True)
class RulesPage:
    in_force: list[InForce] = field(default_factory=list)
    coming: list[LawChange] = field(default_factory=list)
    lately: list[LawChange] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


@dataclass(slots=True)
class CountryPage:
    country: str
    name: str
    facts: list[tuple[Text, str]]
    member: bool
    row: Row | None
    periods: list[LawChange]
    corrections: list[Correction]


def rules_page(language: str, on: dt.date) -> RulesPage:
    """Three queries, however many rules there are."""
    rows, book = _rows(), rulebook()
    page = RulesPage(corrections=_corrections(RuleChange.objects.all(), rows, language))
    for change in _law(rows, language):
        if change.on > on:
            page.coming.append(change)
        elif on - change.on <= LATELY:
            page.lately.append(change)
    page.coming.sort(key=lambda change: (change.on, change.name))
    page.lately.sort(key=lambda change: (change.on, change.name), reverse=True)
    checked = {row["country"]: row for row in rows if _covers(row, on)}
    for country in book.countries:
        rule = book.find(country, on)
        if rule is not None and country in checked:
            page.in_force.append(_in_force(rule, checked[country], _name(country, language)))
    page.in_force.sort(key=lambda one: one.name)
    return page


def country_page(country: str, language: str, on: dt.date) -> CountryPage | None:
    """One country or the scheme `EU`; None where there is no rule."""
    rows = [row for row in _rows() if row["country"] == country]
    if not rows:
        return None
    rule = rulebook().find(country, on)
    changes = RuleChange.objects.filter(country=country)
    return CountryPage(
        country,
        _name(country, language),
        [] if rule is None else _facts(rule),
        rule is not None and rule.bloc == BLOC,
        next((row for row in rows if _covers(row, on)), None),
        sorted(_law(rows, language), key=lambda change: change.on, reverse=True),
        _corrections(changes, rows, language),
    )


def _rows() -> list[Row]:
    """Every rule, its confidence in words."""
    rows = ImportRule.objects.order_by("country", "effective_from").values("pk", "checked_on", *COLUMNS)
    return [{**row, "confidence": ImportRule.Confidence(row["confidence"]).label} for row in rows]


def _covers(row: Row, on: dt.date) -> bool:
    return row["effective_from"] <= on and (row["effective_to"] is None or on <= row["effective_to"])


def _law(rows: Sequence[Row], language: str) -> Iterator[LawChange]:
    """Each step from one rule of a country to its next, and each end without a next one."""
    for country, mine in groupby(rows, key=lambda row: row["country"]):
        steps = list(mine)
        name = _name(country, language)
        for old, new in pairwise(steps):
            yield LawChange(country, name, new["effective_from"], list(_of_law(old, new)), new)
        last = steps[-1]
        if last["effective_to"] is not None:
            yield LawChange(country, name, last["effective_to"] + dt.timedelta(days=1), [], last)


def _of_law(old: Row, new: Row) -> Iterator[Difference]:
    told = {name: value for name, value in NAMES.items() if name not in ABOUT_THE_ROW}
    return differences({name: old[name] for name in told}, {name: new[name] for name in told})


def _corrections(changes: Any, rows: Sequence[Row], language: str) -> list[Correction]:
    """The newest; that a rule was compared with its source is said where it stands, not here."""
    currencies = {row["pk"]: row["currency"] for row in rows}
    told = changes.exclude(action=RuleChange.Action.CHECKED)[:MOST_CHANGES]
    return [
        Correction(
            change.country,
            _name(change.country, language),
            change.at,
            change.get_action_display(),
            change.file,
            list(differences(change.before, change.after, currency=currencies.get(change.rule_id, ""))),
        )
        for change in told
    ]


def _in_force(rule: Rule, row: Row, name: str) -> InForce:
    return InForce(
        rule.country,
        name,
        _tax(rule),
        _limit(rule.vat_free, rule.currency),
        _limit(rule.duty_free, rule.currency),
        duty_in_words(rule.low_value_duty, rule.currency),
        row["confidence"],
        row["checked_on"],
        row["effective_from"],
    )


def _tax(rule: Rule) -> str:
    if rule.country == BLOC:
        return _("each member’s own")
    if not rule.vat_rate:
        return _("none, or not known")
    return f"{in_words(rule.tax_name)} {percent(rule.vat_rate)}"


def _limit(minor: int | None, currency: str) -> str:
    return sum_in_words(Money(minor, currency)) if minor else ""


def _facts(rule: Rule) -> list[tuple[Text, str]]:
    said = {
        "tax_name": _tax(rule),
        "vat_threshold_minor": _limit(rule.vat_free, rule.currency),
        "duty_threshold_minor": _limit(rule.duty_free, rule.currency),
        "low_value_duty": duty_in_words(rule.low_value_duty, rule.currency),
        "vat_base": value("vat_base", rule.vat_base, rule.currency),
        "threshold_basis": value("threshold_basis", rule.basis, rule.currency),
        "import_fee": value("import_fee", rule.import_fee, rule.currency),
        "scheme": rule.scheme,
        "scheme_ceiling_minor": _limit(rule.scheme_ceiling, rule.currency),
        "relief_needs_scheme": _("yes") if rule.relief_needs_scheme else "",
    }
    return [(NAMES[column], words) for column, words in said.items() if words]


def _name(country: str, language: str) -> str:
    return _("European Union") if country == BLOC else country_name(country, language)
