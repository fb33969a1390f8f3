"""From the OpenAPI schema to what the page shows: operations by subject, their fields, an example, a line of curl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
DEPTH = 6  # of examples: no shape of ours is deeper
_MONEY = re.compile(r'\{\s+("amount": "[^"]*"),\s+("currency": "[^"]*")\s+\}')
# Subjects in the order that a caller meets them, by the first part of a path.
SUBJECTS = (
    ("start", _("Start"), ("", "account")),
    ("browse", _("Browse"), ("listings", "shops", "rates", "corridors")),
    ("buy", _("Buy"), ("basket", "quotes", "checkouts")),
    ("orders", _("Your orders"), ("orders",)),
    ("sell", _("Sell"), ("shop", "sales")),
    (
        "money",
        _("Your money"),
        ("balance", "payout-reach", "payouts", "payout-methods", "payout-plans", "invoices", "invoice-address"),
    ),
)
SAMPLES = {"uuid": "0f8c2a52-3c1e-4d0b-9a63-5f0f3f1f9e11", "date-time": "2026-11-22T09:30:00Z", "date": "2026-11-22"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    place: str  # path, query, header or body
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    about: str
    login: bool
    fields: list[Field]
    answer: str
    curl: str


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    name: StrOrPromise
    operations: list[Operation]


def sections(schema: Schema, site: str) -> list[Section]:
    """Operations by subject. `site` is the address in the lines of curl."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = _operation(schema, site, path, method, methods[method])
                found.setdefault(path.split("/")[3], []).append(operation)
    return [Section(id, name, [one for part in parts for one in found[part]]) for id, name, parts in SUBJECTS]


def _operation(schema: Schema, site: str, path: str, method: str, spec: Schema) -> Operation:
    body = _media(spec.get("requestBody", {}).get("content", {}))
    done = spec["responses"].get("200") or spec["responses"]["201"]
    answer = _media(done["content"])
    login = {} not in spec.get("security", [{}])
    example = _example(schema, body) if body else None
    return Operation(
        id=spec["operationId"],
        method=method.upper(),
        path=path,
        about=spec.get("description", ""),
        login=login,
        fields=[*_parameters(schema, spec), *_body(schema, body)],
        answer=_MONEY.sub(r"{\1, \2}", json.dumps(_example(schema, answer), indent=2, ensure_ascii=False)),
        curl=_curl(site + path, method, login, example),
    )


def _media(content: Schema) -> Schema:
    shape: Schema = content.get("application/json", {}).get("schema", {})
    return shape


def _parameters(schema: Schema, spec: Schema) -> Iterator[Field]:
    for one in spec.get("parameters", []):
        kind, about = _kind(schema, one["schema"]), one.get("description", "")
        yield Field(one["name"], one["in"], kind, one.get("required", False), about)


def _body(schema: Schema, body: Schema, prefix: str = "") -> Iterator[Field]:
    shape = _resolved(schema, body)
    for name, child in shape.get("properties", {}).items():
        about = child.get("description", "")
        required = name in shape.get("required", [])
        yield Field(prefix + name, "body", _kind(schema, child), required, about)
        if _resolved(schema, child).get("properties") and _kind(schema, child) == "object":
            yield from _body(schema, child, f"{prefix}{name}.")


def _resolved(schema: Schema, shape: Schema) -> Schema:
    """`shape` with its reference followed; of alternatives the first."""
    for key in ("allOf", "oneOf", "anyOf"):
        if key in shape:
            shape = {**_resolved(schema, shape[key][0]), **{k: v for k, v in shape.items() if k != key}}
    if "$ref" in shape:
        name = shape["$ref"].rsplit("/", 1)[1]
        return {**_resolved(schema, schema["components"]["schemas"][name]), **_without(shape, "$ref")}
    return shape


def _without(shape: Schema, key: str) -> Schema:
    return {name: value for name, value in shape.items() if name != key}


def _kind(schema: Schema, shape: Schema) -> str:
    full = _resolved(schema, shape)
    if "enum" in full:
        names = [str(value) for value in full["enum"] if value]
        return " | ".join(names) if len(names) <= 12 else f"{names[0]} | {names[1]} | …"
    if full.get("type") == "array":
        return f"list of {_kind(schema, full['items'])}"
    return str(full.get("format") or full.get("type", "any"))


def _example(schema: Schema, shape: Schema, depth: int = 0) -> Any:
    full = _resolved(schema, shape)
    if "example" in full:
        return full["example"]
    if "enum" in full:
        return full["enum"][0]
    if full.get("type") == "array":
        return [_example(schema, full["items"], depth + 1)] if depth < DEPTH else []
    if full.get("type") == "object" or "properties" in full:
        return {name: _example(schema, child, depth + 1) for name, child in full.get("properties", {}).items()}
    if full.get("type") == "integer":
        return max(1, full.get("minimum", 1))
    return {"boolean": True, "number": 1}.get(full.get("type", ""), SAMPLES.get(full.get("format", ""), "…"))


def _curl(url: str, method: str, login: bool, body: Any) -> str:
    parts = ["curl" if method == "get" else f"curl -X {method.upper()}", url]
    parts.append('-H "Authorization: Token $TOKEN"' if login else "-b jar -c jar")
    if method != "get":
        parts.append('-H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/json"')
        parts.append(f"-d '{json.dumps(body if body is not None else {}, ensure_ascii=False)}'")
    return " \\\n  ".join(parts)
