"""Restrictions of goods as an operator keeps them: each change on record, none deleted."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from listings.customs.restriction import COLUMNS
from listings.customs.rule import BLOC
from listings.errors import ListingError
from listings.models import RestrictedGoods, RestrictionChange
from listings.services.rulechanges import parted
from marketplace.lib.places import is_country
from marketplace.models import User


def trouble_of(row: RestrictedGoods) -> str:
    """What keeps a restriction from being saved; empty when nothing does."""
    if row.scope not in ("*", BLOC) and not is_country(row.scope):
        return _("“%s” is no country. Write its two capital letters, like DE, or EU, or * for all.") % row.scope
    if not re.fullmatch(r"([0-9]{2,10}(;[0-9]{2,10})*)?", row.prefixes):
        return _("“%s” are no HS codes. Write two to ten digits each, divided by semicolons.") % row.prefixes
    if not row.prefixes and not any(word.strip() for word in row.words.split(";")):
        return _("Write the first digits of HS codes, or words.")
    return ""


@transaction.atomic
def save_restriction(row: RestrictedGoods, *, by: User) -> RestrictedGoods:
    """Keep what an operator wrote, with its history. ListingError says what is wrong."""
    if found := trouble_of(row):
        raise ListingError(found)
    old = RestrictedGoods.objects.select_for_update().filter(pk=row.pk).first()
    row.save()
    was, became = parted(_columns(old) if old else {}, _columns(row))
    if was != became:
        RestrictionChange.objects.create(restriction=row, before=was, after=became, by=by)
    return row


def _columns(row: RestrictedGoods) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*COLUMNS, "active")}
