"""Import rules as an operator keeps them: checked by a person, never two at a time for one country."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from listings.customs.duty import Spec
from listings.errors import ListingError
from listings.models import ImportRule
from marketplace.lib.clock import today
from marketplace.models import User

DUTIES = {"none", "mfn", "mfn+origin", "flat", "pct", "allin", "cbec"}
STALE_DAYS, ENDING_DAYS = 90, 60


def problems(rule: ImportRule) -> list[str]:
    """What keeps a rule from being saved; sentences for the operator."""
    found = [*_overlap(rule), *_duty(rule.low_value_duty), *_fees(rule.import_fee)]
    if rule.effective_to is not None and rule.effective_to < rule.effective_from:
        found.append(_("The rule ends before it starts."))
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
    """Keep what an operator wrote, who thereby checked it. ListingError names the first problem."""
    if found := problems(rule):
        raise ListingError(found[0])
    rule.checked_on, rule.checked_by = today(), by
    rule.save()
    return rule


@transaction.atomic
def mark_checked(rules: list[ImportRule], *, by: User) -> int:
    """Say that a person compared these rules with their source today."""
    keys = [rule.pk for rule in rules]
    return ImportRule.objects.filter(pk__in=keys).update(checked_on=today(), checked_by=by)


def care(rule: ImportRule, on: dt.date) -> str:
    """Why a rule in force or to come wants a look; empty when it does not."""
    if rule.effective_to is not None and rule.effective_to < on:
        return ""
    if rule.checked_on is None:
        return _("never checked")
    if on - rule.checked_on > dt.timedelta(days=STALE_DAYS):
        return _("not checked since %s") % rule.checked_on
    if rule.effective_to is not None and rule.effective_to - on <= dt.timedelta(days=ENDING_DAYS):
        return _("ends on %s") % rule.effective_to
    return ""


def wanting_care(on: dt.date) -> Q:
    """The same as a condition."""
    stale, ending = on - dt.timedelta(days=STALE_DAYS), on + dt.timedelta(days=ENDING_DAYS)
    unchecked = Q(checked_on=None) | Q(checked_on__lt=stale)
    return (Q(effective_to=None) | Q(effective_to__gte=on)) & (unchecked | Q(effective_to__lte=ending))
