"""Form bodies with nested names, as the SDK writes them, and the answers: lists and expanded objects."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from payments.doubles.stripe.errors import invalid
from payments.doubles.stripe.store import KIND_OF, Obj, Store

_PART = re.compile(r"\[([^\]]*)\]")


def parse(text: str) -> Obj:
    """`a[b][0][c]=x` becomes {"a": {"b": [{"c": "x"}]}}; every value is a text."""
    tree: Obj = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        head, _, _ = name.partition("[")
        path = [head, *_PART.findall(name[len(head) :])]
        _plant(tree, path, value)
    return {name: _lists(branch) for name, branch in tree.items()}


def _plant(tree: Obj, path: list[str], value: str) -> None:
    for part in path[:-1]:
        step = tree.setdefault(part, {})
        if not isinstance(step, dict):
            raise invalid(f"Invalid object: {part}", param=part)
        tree = step
    leaf = path[-1] if path[-1] else str(len(tree))
    tree[leaf] = value


def _lists(branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    made = {name: _lists(value) for name, value in branch.items()}
    if made and all(name.isascii() and name.isdigit() for name in made):
        return [made[name] for name in sorted(made, key=int)]
    return made


def page(rows: list[Obj], asked: Obj, url: str) -> Obj:
    """One page of `rows`, newest first, cut by created, limit, starting_after and ending_before."""
    rows = [row for row in rows if _within(row["created"], asked.get("created"))]
    limit = int(asked.get("limit", 10))
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid limit: {limit} is not from 1 to 100.", param="limit")
    if "starting_after" in asked:
        rows = rows[_position(rows, asked["starting_after"]) + 1 :]
    if "ending_before" in asked:
        rows = rows[: _position(rows, asked["ending_before"])][-limit:]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}


def _position(rows: list[Obj], name: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == name:
            return index
    raise invalid(f"No such object: '{name}'", code="resource_missing", param="starting_after")


def _within(created: int, span: Any) -> bool:
    tests: dict[str, Callable[[int], bool]] = {
        "gt": lambda limit: created > limit,
        "gte": lambda limit: created >= limit,
        "lt": lambda limit: created < limit,
        "lte": lambda limit: created <= limit,
    }
    if isinstance(span, int):
        return created == span
    return all(tests[name](limit) for name, limit in (span or {}).items())


def expand(store: Store, answer: Obj, paths: list[str]) -> Obj:
    """A copy of `answer` in which each dotted path of ids is replaced by the objects."""
    for path in paths:
        answer = _expanded(store, answer, path.split("."), path)
    return answer


def _expanded(store: Store, value: Any, path: list[str], asked: str) -> Any:
    if isinstance(value, list):
        return [_expanded(store, item, path, asked) for item in value]
    if isinstance(value, str):
        found = store.get(KIND_OF[value.rsplit("_", 1)[0]], value)
        return _expanded(store, found, path, asked) if path else found
    if not path or value is None:
        return value
    if path[0] not in value:
        raise invalid(f"This property cannot be expanded ({asked}).", param="expand")
    return {**value, path[0]: _expanded(store, value[path[0]], path[1:], asked)}
