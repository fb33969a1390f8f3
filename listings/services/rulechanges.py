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
    was, became = parted(_plain(before), _plain(after))
    if was == became and by is None:
        return None
    return RuleChange.objects.create(
        rule_id=pk,
        country=known["country"],
        name=known["name"],
        effective_from=known["effective_from"],
        action=_action(before, after, changed=was != became),
        before=was,
        after=became,
        by=by,
        file=file[:200],
    )


def parted(old: Row, new: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of two rows differs, on each side; a row that was not there, or is not any more, is empty."""
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    was, became = ({name: row[name] for name in changed if name in row} for row in (old, new))
    return was, became


def _action(before: Row | None, after: Row | None, *, changed: bool) -> RuleChange.Action:
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
