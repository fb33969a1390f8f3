"""Writing the books: `post` is the only way in. The database checks, this module translates its refusals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection, transaction

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments.ledger.codes import Code

Leg = tuple[Code, int]  # debit positive, credit negative, in minor units of the code's currency

OPEN = """
insert into ledger_account (code, currency, kind, guarded, stripes, opened_at)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::boolean[], %s::smallint[], %s::timestamptz[])
on conflict (code) do nothing"""


class LedgerRefused(Exception):
    """The books would be wrong: unbalanced, a guarded account below zero, a key used for other legs."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A journal to be posted. `key` makes a second posting harmless; `ref` is an order's number or an id."""

    key: str
    kind: str
    ref: str
    legs: Sequence[Leg]


def post(key: str, kind: str, ref: str, legs: Sequence[Leg]) -> int:
    """Post one journal and return its id; the same key with the same legs returns the first one's.

    Opens accounts that are missing, adds up legs of one account and drops zeros, so the order of legs says
    nothing. LedgerRefused leaves the transaction around it usable.
    """
    return post_all([Draft(key, kind, ref, legs)])[0]


def post_all(drafts: Sequence[Draft]) -> list[int]:
    """Post several journals, all or nothing: one statement, which locks their balances in one order. No deadlocks."""
    summed = [_summed(draft) for draft in drafts]
    with transaction.atomic():
        ids = _open(code for legs in summed for code in legs)
        journals = [_write(drafts[0], summed[0], ids)] if len(drafts) == 1 else _write_all(drafts, summed, ids)
        for draft in drafts:
            reach("journal posted", draft.kind)
        return journals


def posted(key: str) -> int | None:
    """The id of the journal with this key, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute("select id from ledger_journal where key = %s", [key])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def posted_among(keys: Collection[str]) -> set[str]:
    """Those of `keys` that have a journal."""
    with connection.cursor() as cursor:
        cursor.execute("select key from ledger_journal where key = any(%s)", [list(keys)])
        return {str(key) for (key,) in cursor.fetchall()}


def _summed(draft: Draft) -> dict[Code, int]:
    sums: dict[Code, int] = {}
    for code, amount in draft.legs:
        if type(amount) is not int:
            raise LedgerRefused(f"{draft.key}: {amount!r} on {code.code} is not a whole number of minor units.")
        sums[code] = sums.get(code, 0) + amount
    legs = {code: sums[code] for code in sorted(sums, key=lambda code: code.code) if sums[code]}
    if not legs:
        raise LedgerRefused(f"{draft.key} moves nothing. Leave out a journal of zeros.")
    return legs


def _open(codes: Iterable[Code]) -> dict[str, int]:
    """Ids by code of accounts that exist now; refuses one that was opened in another currency or kind."""
    wanted = {code.code: code for code in codes}
    found = _found(wanted)
    missing = [wanted[code] for code in sorted(set(wanted) - set(found))]
    if missing:
        columns = zip(
            *((c.code, c.currency, c.kind, c.guarded, c.stripes, now()) for c in missing),
            strict=True,
        )
        _execute(OPEN, [list(column) for column in columns])
        found |= _found({code.code: code for code in missing})
    return found


def _found(wanted: dict[str, Code]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select code, id, currency, kind, guarded from ledger_account where code = any(%s)",
            [list(wanted)],
        )
        rows = cursor.fetchall()
    for code, _, currency, kind, guarded in rows:
        if (currency, kind, guarded) != (wanted[code].currency, wanted[code].kind, wanted[code].guarded):
            raise LedgerRefused(
                f"Account {code} keeps {currency} as {kind}; "
                f"it cannot take {wanted[code].currency} as {wanted[code].kind}."
            )
    return {code: int(id_) for code, id_, *_ in rows}


def _write(draft: Draft, legs: dict[Code, int], ids: dict[str, int]) -> int:
    accounts, amounts = [ids[code.code] for code in legs], list(legs.values())
    row = _execute(
        "select ledger_post(%s, %s, %s, %s, %s::bigint[], %s::bigint[])",
        [draft.key, draft.kind, draft.ref, now(), accounts, amounts],
        what=f"{draft.key} ({', '.join(f'{code.code} {amount:+}' for code, amount in legs.items())})",
    )
    return int(row[0])


def _write_all(drafts: Sequence[Draft], summed: Sequence[dict[Code, int]], ids: dict[str, int]) -> list[int]:
    if not drafts:
        return []
    legs = [(n, ids[code.code], amount) for n, one in enumerate(summed, 1) for code, amount in one.items()]
    row = _execute(
        "select ledger_post_all(%s, %s, %s, %s, %s::int[], %s::bigint[], %s::bigint[])",
        [
            [draft.key for draft in drafts],
            [draft.kind for draft in drafts],
            [draft.ref for draft in drafts],
            now(),
            *([leg[column] for leg in legs] for column in range(3)),
        ],
        what=f"One of {len(drafts)} journals ({drafts[0].key} to {drafts[-1].key})",
    )
    return [int(one) for one in row[0]]


def _execute(sql: str, params: list[Any], *, what: str = "") -> tuple[Any, ...]:
    """The first row, or none. Turns the database's refusal into LedgerRefused, which `post_all` rolls back."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return (cursor.fetchone() if cursor.description else None) or ()
    except Error as error:
        state = getattr(error.__cause__, "pgcode", None) or ""
        if not state.startswith(("22", "23")):  # numbers out of range, constraints; all else is not about the books
            raise
        reason = str(error).splitlines()[0]
        if "ledger_balance_guard" in reason:
            reason = "a guarded account would cross zero"
        raise LedgerRefused(f"{what} was refused: {reason}") from error
