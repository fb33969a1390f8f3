"""Rows of Django's tables: read once, kept in a temporary table with the names marked, multiplied by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper
from psycopg2.extras import execute_values

from marketplace.seeding.copies.names import HEX, WORD, Names, word

if TYPE_CHECKING:
    Field = models.Field[Any, Any]
else:  # Django's own class takes no parameters when it runs
    Field = models.Field

WHOLE_APPS = ("payments", "orders")
OF_OTHERS = (
    "fx.Quote", "fx.QuoteLine", "fx.Conversion", "fx.Window", "fx.WindowNet", "fx.WindowShare", "fx.WindowTrade", "listings.Reservation", "listings.StockMove",
    "marketplace.Letter", "marketplace.Acceptance",
)  # fmt: skip
# Kept by people, or about a processor's own record, not by orders: copies share them. Papers have numbers without gaps:
# copies get theirs from the sweep, as any paid order does.
SHARED = {
    "payments.PayoutMethod", "payments.PayoutPlan", "payments.DemoTransfer", "payments.Freeze",
    "payments.AuditRun", "payments.AuditFinding", "payments.Series", "payments.Paper", "payments.PaperItem",
    "payments.FeeRow", "payments.TaxRate", "payments.TaxProfile", "payments.Invoice", "payments.InvoiceLine", "payments.CreditNote", "payments.Drawing", "payments.ChainLink", "payments.ChainHead",
    "payments.BankMessage", "payments.BankStatement", "payments.BankLine", "payments.ReconRun", "payments.ReconSum", "payments.ReconItem", "payments.StatementLine",
    "orders.Cart", "orders.CartLine", "orders.CorridorCost", "orders.PublishedCost", "orders.SdrValue",
}  # fmt: skip
# Copied only where this column names something that is copied.
TIED = {"marketplace.Letter": "key", "marketplace.Acceptance": "ref"}
# Quotes that nobody used are forgotten after a week (fx.services.forget_unused); old orders have none.
USED = "select id from fx_quote where used_at is not null"
ONLY = {
    "fx.Quote": f"where id in ({USED})", "fx.QuoteLine": f"where quote_id in ({USED})",
    "orders.QuotedBasket": f"where quote_id in ({USED})",
}  # fmt: skip
COUNTED = {"payments.ChainAddress": "index"}  # unique numbers that are no ids


def copied() -> list[type[models.Model]]:
    """The tables of what is bought and paid, also those that later versions add."""
    whole = [model for app in WHOLE_APPS for model in apps.get_app_config(app).get_models()]
    found = [*whole, *(apps.get_model(label) for label in OF_OTHERS)]
    return [model for model in found if model._meta.managed and model._meta.label not in SHARED]


@dataclass(frozen=True, slots=True)
class Table:
    """`insert` copies the originals kept in the temporary table for every number of `copying_n`."""

    name: str
    insert: str
    has_serial: bool

    def copy(self, cursor: CursorWrapper) -> None:
        cursor.execute(self.insert)


def prepare(cursor: CursorWrapper, names: Names) -> list[Table]:
    """Keep the originals of every table, the names in them marked."""
    cursor.execute("create temporary table copying_n (n bigint, hex text, word text)")
    strides = {model: _stride(cursor, model) for model in copied()}
    return [_prepare(cursor, model, names, strides) for model in strides]


def number(cursor: CursorWrapper, first: int, last: int, *, words_after: int) -> None:
    """The copies that come next."""
    cursor.execute("truncate copying_n")
    values = [(n, f"{n:08x}", word(words_after + n)) for n in range(first, last + 1)]
    execute_values(cursor.cursor, "insert into copying_n values %s", values)


def finish(cursor: CursorWrapper, tables: list[Table], *, times: int) -> None:
    """Stock is the sum of its moves again; new rows get ids after the copies'."""
    cursor.execute("update listings_listing set stock = stock * %s", [times])
    for table in tables:
        cursor.execute(f'drop table "copying_{table.name}"')
        if table.has_serial:
            cursor.execute(
                f"select setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) from {table.name}"
                " having max(id) is not null"
            )
    cursor.execute("drop table copying_n")


def _stride(cursor: CursorWrapper, model: type[models.Model]) -> int:
    """How far apart the ids of a row and its copy are; 0 for UUIDs."""
    if not isinstance(model._meta.pk, models.AutoField):
        return 0
    cursor.execute(f"select coalesce(max(id), 0) from {model._meta.db_table}")
    return int(cursor.fetchone()[0])


def _prepare(
    cursor: CursorWrapper, model: type[models.Model], names: Names, strides: dict[type[models.Model], int]
) -> Table:
    fields = list(model._meta.local_concrete_fields)
    table = model._meta.db_table
    read = ", ".join(_read(one) for one in fields)
    cursor.execute(f'create temporary table "copying_{table}" as select {read} from {table} where false')
    cursor.execute(f"select {read} from {table} {ONLY.get(model._meta.label, '')}")
    originals = list(_marked(cursor.fetchall(), model, fields, names))
    if originals:
        execute_values(cursor.cursor, f'insert into "copying_{table}" values %s', originals, page_size=500)
    cursor.execute(f'analyze "copying_{table}"')
    columns = ", ".join(f'"{one.column}"' for one in fields)
    values = ", ".join(_value(one, model, position, originals, strides) for position, one in enumerate(fields))
    insert = f'insert into {table} ({columns}) select {values} from copying_n c cross join "copying_{table}" t'
    return Table(table, insert, isinstance(model._meta.pk, models.AutoField))


def _marked(
    found: list[tuple[Any, ...]], model: type[models.Model], fields: list[Field], names: Names
) -> Iterator[tuple[Any, ...]]:
    tied = TIED.get(model._meta.label)
    for row in found:
        marked = tuple(names.in_text(value) if isinstance(value, str) else value for value in row)
        if tied is None or any(
            one.column == tied and before != after for one, before, after in zip(fields, row, marked, strict=True)
        ):
            yield marked


def _is_text(one: Field) -> bool:
    return isinstance(_target(one), (models.CharField, models.TextField, models.JSONField, models.UUIDField))


def _target(one: Field) -> Field:
    while isinstance(one, models.ForeignKey):
        one = one.target_field
    return one


def _read(one: Field) -> str:
    if isinstance(one, models.BinaryField):
        return f'encode("{one.column}", \'escape\') "{one.column}"'
    return f'"{one.column}"::text' if _is_text(one) else f'"{one.column}"'


def _value(
    one: Field,
    model: type[models.Model],
    position: int,
    originals: list[tuple[Any, ...]],
    strides: dict[type[models.Model], int],
) -> str:
    """The SQL of a copy's column."""
    column = f't."{one.column}"'
    if isinstance(one, models.BinaryField):
        return f"decode({_replaced(column, position, originals)}, 'escape')"
    if _is_text(one):
        target = _target(one)
        cast = (
            "::jsonb"
            if isinstance(target, models.JSONField)
            else "::uuid"
            if isinstance(target, models.UUIDField)
            else ""
        )
        return _replaced(column, position, originals) + cast
    stride = strides.get(model, 0) if one.primary_key else strides.get(one.related_model, 0) if one.is_relation else 0  # type: ignore[arg-type]
    if COUNTED.get(model._meta.label) == one.column:
        stride = max((row[position] for row in originals), default=0) + 1
    return f"{column} + c.n * {stride}" if stride else column


def _replaced(column: str, position: int, originals: list[tuple[Any, ...]]) -> str:
    """Only the marks that are there are looked for."""
    for mark, other in ((HEX, "c.hex"), (WORD, "c.word")):
        if any(mark in (row[position] or "") for row in originals):
            column = f"replace({column}, E'\\x{ord(mark):02x}', {other})"
    return column
