"""Loads import rules and HS codes from CSV files: as often as you like, and never over an operator's edit."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import IntegrityError, models, transaction

DATA = Path(__file__).resolve().parent.parent / "data"
TEXTS = [
    "country",
    "name",
    "tax_name",
    "currency",
    "scheme",
    "scheme_name",
    "low_value_duty",
    "threshold_basis",
    "vat_base",
    "marketplace_liable",
    "import_fee",
    "source",
    "source_date",
    "confidence",
    "note",
]
AMOUNTS = ["vat_threshold_minor", "duty_threshold_minor", "scheme_ceiling_minor"]
Told = Callable[[int, Mapping[str, Any] | None, Mapping[str, Any]], None]
COLUMNS = [*TEXTS, *AMOUNTS, "standard_vat_rate", "relief_needs_scheme", "effective_from", "effective_to"]


@dataclass(slots=True)
class Loaded:
    """What a load did: counts, and one sentence for each row that was left alone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)


def read_rules(path: Path = DATA / "import_rules.csv") -> list[dict[str, Any]]:
    """The file's rows as typed columns of `ImportRule`, oldest first; ValueError names the line that cannot be read."""
    return parse_rules(path.read_text(encoding="utf-8"), path.name)


def parse_rules(text: str, name: str) -> list[dict[str, Any]]:
    """The same of a file's text; `name` is what the file is called when a line cannot be read."""
    if "\0" in text:
        raise ValueError(f"{name} is no text file: it has a NUL character.")
    sheet = csv.DictReader(io.StringIO(text, newline=""))
    try:
        rows = [_typed(row, f"{name}:{sheet.line_num}") for row in sheet]
    except csv.Error as error:
        raise ValueError(f"{name}:{sheet.line_num}: {error}.") from error
    if not rows:
        raise ValueError(f"{name} has no rows. Expected the columns {', '.join(COLUMNS)}.")
    return sorted(rows, key=lambda row: (row["country"], row["effective_from"]))


def _typed(row: dict[str, str], where: str) -> dict[str, Any]:
    try:
        if None in row or None in row.values():
            raise ValueError("more or fewer cells than columns")
        return {
            **{name: row[name] for name in TEXTS},
            **{name: int(row[name]) if row[name] else None for name in AMOUNTS},
            "standard_vat_rate": Decimal(row["standard_vat_rate"] or 0),
            "relief_needs_scheme": row["relief_needs_scheme"] == "yes",
            "effective_from": dt.date.fromisoformat(row["effective_from"]),
            "effective_to": _day(row["effective_to"]),
        }
    except (KeyError, ValueError, ArithmeticError) as error:
        raise ValueError(f"{where}: {error!r}. Expected the columns {', '.join(COLUMNS)}.") from error


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def digest(row: dict[str, Any]) -> str:
    """A fingerprint of a rule's columns: a row whose fingerprint is still its `seed_digest` was not edited by hand."""
    plain = {name: str(row[name].normalize()) if isinstance(row[name], Decimal) else str(row[name]) for name in COLUMNS}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def write_rules(rows: Iterable[Mapping[str, Any]]) -> str:
    """The file of these rows: what `read_rules` reads back to the same columns."""
    out = io.StringIO()
    sheet = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows({name: _written(row[name]) for name in COLUMNS} for row in rows)
    return out.getvalue()


def _written(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value.normalize(), "f")
    return str(value)


def load_rules(model: type[models.Model], rows: list[dict[str, Any]], *, told: Told | None = None) -> Loaded:
    """Create new rows and refresh untouched ones, in one transaction; what a person edited stays as it is.

    `told` hears of each row that was written: its key, what it was (None: new) and what it is.
    """
    loaded = Loaded()
    with transaction.atomic():
        for row in rows:
            _load_rule(model, row, loaded, told)
    return loaded


def _load_rule(model: type[models.Model], row: dict[str, Any], loaded: Loaded, told: Told | None) -> None:
    rules, seed = model._default_manager, digest(row)
    key = {"country": row["country"], "effective_from": row["effective_from"]}
    old = rules.filter(**key).values("pk", "seed_digest", *COLUMNS).first()
    if old and old["seed_digest"] == seed == digest(old):
        loaded.unchanged += 1
        return
    where = f"{row['country']} from {row['effective_from']}"
    if old and old["seed_digest"] != digest(old):
        loaded.kept.append(f"{where}: edited by hand, left as it is.")
        return
    try:
        with transaction.atomic():
            if old:
                rules.filter(pk=old["pk"]).update(**row, seed_digest=seed)
            pk = old["pk"] if old else rules.create(**row, seed_digest=seed).pk
    except IntegrityError:
        loaded.kept.append(f"{where}: overlaps a rule that is there. End that rule first.")
        return
    if told:
        told(pk, old, row)
    loaded.updated += old is not None
    loaded.created += old is None


def read_codes(path: Path = DATA / "hs6_common.csv") -> Iterator[tuple[str, str]]:
    """(code, name) of each row: columns `hs6,plain_name` (ours) or `hscode,description` (the public full list)."""
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            code = row.get("hs6") or row.get("hscode") or ""
            name = row.get("plain_name") or row.get("description") or ""
            if not (code.isascii() and code.isdigit() and name):
                raise ValueError(f"{path.name}:{number}: no code and name in {row!r}.")
            if len(code) >= 6:  # chapters and headings class nothing
                yield code[:10], name[:200]


def load_codes(model: type[models.Model], codes: Iterator[tuple[str, str]]) -> int:
    """Add the codes that are missing; how many there were. A name that is there, which may be plainer, stays."""
    before = model._default_manager.count()
    rows = [model(code=code, name=name) for code, name in codes]
    model._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return model._default_manager.count() - before
