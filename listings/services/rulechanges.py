"""The history of import rules: written with each change, never rewritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from listings.customs.seed import COLUMNS
from listings.models import ImportRule, RuleChange
from marketplace.models import User

Row = Mapping[str, Any]  # at least the columns of the file


def columns(rule: ImportRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in COLUMNS}


def record(pk: int, before: Row | None, after: Row | None, *, by: User | None, file: str = "") -> RuleChange | None:
    """Keep that the rule `pk` was `before` and is `after`; None: it was not there, or is not any more.

    Nothing is kept where a file brings what was there; a person who saves a rule unchanged has checked it.
    """
    known = after or before
    assert known is not None
    old, new = _plain(before), _plain(after)
    changed = [name for name in COLUMNS if old.get(name) != new.get(name)]
    if not changed and by is None:
        return None
    return RuleChange.objects.create(
        rule_id=pk,
        country=known["country"],
        name=known["name"],
        effective_from=known["effective_from"],
        action=_action(before, after, changed),
        before={name: old[name] for name in changed if name in old},
        after={name: new[name] for name in changed if name in new},
        by=by,
        file=file[:200],
    )


def _action(before: Row | None, after: Row | None, changed: list[str]) -> RuleChange.Action:
    if before is None:
        return RuleChange.Action.ADDED
    if after is None:
        return RuleChange.Action.REMOVED
    return RuleChange.Action.EDITED if changed else RuleChange.Action.CHECKED


def _plain(row: Row | None) -> dict[str, Any]:
    """As JSON has it: numbers without trailing zeros, days in ISO 8601."""
    return {} if row is None else {name: _value(row[name]) for name in COLUMNS}


def _value(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value.normalize(), "f")
        case dt.date():
            return value.isoformat()
    return value
