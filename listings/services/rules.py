"""Import rules as an operator keeps them: checked by a person, never two at a time for one country."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fx.money import MoneyError, exponent_of
from listings.customs.duty import Spec
from listings.customs.rule import BLOC
from listings.customs.seed import load_rules
from listings.errors import ListingError
from listings.models import ImportRule, RuleChange
from listings.services.rulechanges import Row, columns, record
from marketplace.lib.clock import today
from marketplace.lib.places import is_country
from marketplace.models import User

DUTIES = {"none", "mfn", "mfn+origin", "flat", "pct", "allin", "cbec"}
STALE_DAYS, ENDING_DAYS = 90, 60


def problems(rule: ImportRule) -> list[str]:
    """What keeps a rule from being saved; sentences for the operator."""
    return [*_overlap(rule), *wrong(rule)]


def wrong(rule: ImportRule) -> list[str]:
    """What is wrong with a rule by itself."""
    found = [*_duty(rule.low_value_duty), *_fees(rule.import_fee)]
    if rule.effective_to is not None and rule.effective_to < rule.effective_from:
        found.append(_("The rule ends before it starts."))
    if rule.country != BLOC and not is_country(rule.country):
        found.append(_("“%s” is no country. Write its two capital letters, like DE, or EU.") % rule.country)
    amounts = (rule.standard_vat_rate, rule.vat_threshold_minor, rule.duty_threshold_minor, rule.scheme_ceiling_minor)
    if any(amount is not None and amount < 0 for amount in amounts):
        found.append(_("A limit or a rate is below zero. Leave it empty when there is none."))
    try:
        exponent_of(rule.currency)
    except MoneyError:
        found.append(_("“%s” is no currency that we know. Write its three capital letters.") % rule.currency)
    return found


def _overlap(rule: ImportRule) -> list[str]:
    others = ImportRule.objects.filter(country=rule.country).exclude(pk=rule.pk)
    others = others.filter(Q(effective_to=None) | Q(effective_to__gte=rule.effective_from))
    if rule.effective_to is not None:
        others = others.filter(effective_from__lte=rule.effective_to)
    message = _("The rule “%(other)s” is in force at the same time. End that one first, or start this one later.")
    return [message % {"other": other} for other in others]


def _duty(text: str) -> list[str]:
    try:
        specs = [Spec.parse(part) for part in text.split(";") if text]
        known = all(spec.name in DUTIES and spec.rate >= 0 for spec in specs)
        known = known and all(spec.figure.isdigit() for spec in specs if spec.name == "flat")
    except (ValueError, ZeroDivisionError):
        known = False
    if known:
        return []
    message = _(
        "“%s” is no duty that we can compute. Write none, mfn, flat:300:per_hs6:upto=15000 or pct:20:upto=5000."
    )
    return [message % text]


def _fees(text: str) -> list[str]:
    message = _("“%s” is no fee that we can compute. Write flat:254:per_parcel:Name, pct:4.5:Name or unknown:Name.")
    return [message % part for part in text.split("|") if part and not _is_fee(part)]


def _is_fee(part: str) -> bool:
    kind, *rest = part.split(":")
    try:
        if kind == "flat":
            return int(rest[0]) >= 0 and rest[1] in {"per_parcel", "per_hs6"} and bool(rest[2])
        if kind == "pct":
            return Fraction(rest[0]) >= 0 and bool(rest[1])
    except (ValueError, IndexError, ZeroDivisionError):
        return False
    return kind == "unknown" and bool(rest and rest[0])


@transaction.atomic
def save_rule(rule: ImportRule, *, by: User) -> ImportRule:
    """Keep what an operator wrote, who thereby checked it, with its history. ListingError names the first problem."""
    if found := problems(rule):
        raise ListingError(found[0])
    old = ImportRule.objects.select_for_update().filter(pk=rule.pk).first()
    rule.checked_on, rule.checked_by = today(), by
    rule.save()
    record(rule.pk, columns(old) if old else None, columns(rule), by=by)
    return rule


@transaction.atomic
def remove_rule(rule: ImportRule, *, by: User) -> None:
    """Take a rule back. Orders keep what was in force when they were made; the history keeps the rule."""
    record(rule.pk, columns(rule), None, by=by)
    rule.delete()


@transaction.atomic
def mark_checked(rules: list[ImportRule], *, by: User) -> int:
    """Say that a person compared these rules with their source today."""
    for rule in rules:
        record(rule.pk, columns(rule), columns(rule), by=by)
    keys = [rule.pk for rule in rules]
    return ImportRule.objects.filter(pk__in=keys).update(checked_on=today(), checked_by=by)


@transaction.atomic
def load_file(rows: list[dict[str, Any]], *, by: User | None, file: str, rehearse: bool = False) -> Plan:
    """Bring in a file's rows, never over an operator's edit. `rehearse`: say what would happen, and let nothing."""
    plan = Plan()

    def told(pk: int, before: Row | None, after: Row) -> None:
        change = record(pk, before, after, by=by, file=file)
        if change is not None:
            plan.changes.append(change)

    good = [row for row in rows if not plan.refuses(row)]
    loaded = load_rules(ImportRule, good, told=told)
    plan.unchanged, plan.kept = loaded.unchanged, loaded.kept
    if rehearse:
        transaction.set_rollback(True)
    return plan


@dataclass(slots=True)
class Plan:
    """What a file does: rules that it adds or changes, how many it leaves as they are, and a sentence for each row that
    a person edited or that nobody can compute."""

    changes: list[RuleChange] = field(default_factory=list)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def refuses(self, row: dict[str, Any]) -> bool:
        rule = ImportRule(**row)
        found = wrong(rule)
        try:
            rule.clean_fields()
        except ValidationError as error:
            found += [f"{column}: {' '.join(says)}" for column, says in error.message_dict.items()]
        where = f"{row['country']} {row['effective_from']}"
        self.refused += [f"{where}: {sentence}" for sentence in found]
        return bool(found)

    @property
    def added(self) -> int:
        return sum(change.action == RuleChange.Action.ADDED for change in self.changes)

    @property
    def edited(self) -> int:
        return len(self.changes) - self.added


def care(rule: ImportRule, on: dt.date, *, followed: bool = True) -> str:
    """Why a rule wants a look; empty when it does not. `followed`: as `with_followers` says."""
    if rule.effective_to is not None and rule.effective_to < on:
        return "" if followed else _("ended on %s, and nothing follows") % rule.effective_to
    if rule.effective_to is not None and rule.effective_to - on <= dt.timedelta(days=ENDING_DAYS):
        says = _("ends on %s") if followed else _("ends on %s, and nothing follows")
        return says % rule.effective_to
    if rule.checked_on is None:
        return _("never checked")
    if on - rule.checked_on > dt.timedelta(days=STALE_DAYS):
        return _("not checked since %s") % rule.checked_on
    return ""


def with_followers(on: dt.date) -> QuerySet[ImportRule]:
    """Every rule, with `followed`: another one begins on the day after its end, or a later one has begun by now."""
    next_day = ExpressionWrapper(OuterRef("effective_to") + dt.timedelta(days=1), output_field=DateField())
    later = ImportRule.objects.filter(country=OuterRef("country"), effective_from__gt=OuterRef("effective_from"))
    return ImportRule.objects.annotate(
        followed=Exists(later.filter(Q(effective_from__lte=next_day) | Q(effective_from__lte=on)))
    )


def wanting_care(on: dt.date) -> QuerySet[ImportRule]:
    """The rules of which `care` says something."""
    stale, ending = on - dt.timedelta(days=STALE_DAYS), on + dt.timedelta(days=ENDING_DAYS)
    unchecked = Q(checked_on=None) | Q(checked_on__lt=stale)
    lasts = Q(effective_to=None) | Q(effective_to__gte=on)
    over = Q(effective_to__lt=on, followed=False)
    return with_followers(on).filter(over | lasts & (unchecked | Q(effective_to__lte=ending)))


def trouble() -> str:
    """How many rules want a look, in one sentence; empty when none does."""
    count = wanting_care(today()).count()
    says = ngettext(
        "%(count)d import rule wants a look: unchecked for 90 days, ending within 60, or without a next one.",
        "%(count)d import rules want a look: unchecked for 90 days, ending within 60, or without a next one.",
        count,
    )
    return says % {"count": count} if count else ""
