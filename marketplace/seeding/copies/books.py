"""The books of the copies: holds of their own, the same journals in the same order, through the ledger's triggers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg2.extras import execute_values

from marketplace.seeding.copies.names import HEX, WORD, Names

# Journals whose keys have a row's number, and that row's table: the copy's row is `step` further on.
NUMBERED = {"contested": "payments_contestedmoney", "window": "fx_window"}
NAMED = f"replace(replace(%s, E'\\x{ord(HEX):02x}', c.hex), E'\\x{ord(WORD):02x}', c.word)"
ACCOUNTS = (
    "insert into ledger_account (id, code, currency, kind, guarded, stripes, opened_at)"
    f" select t.id + c.n * %(accounts)s, {NAMED % 't.code'}, t.currency, t.kind, t.guarded, t.stripes, t.opened_at"
    " from copying_n c cross join copying_account t where t.own order by 1"
)
KEY = (
    "case when t.step is null then " + NAMED % "t.key" + " else"
    " regexp_replace(t.key, ':[0-9]+', ':' || split_part(t.key, ':', 2)::bigint + c.n * t.step) end"
)
# A copy's fingerprint is made from its own accounts, as ledger_post makes it.
JOURNALS = (
    "insert into ledger_journal (id, key, kind, ref, fingerprint, occurred_at)"
    f" select t.id + c.n * %(journals)s, {KEY}, t.kind, {NAMED % 't.ref'}, md5("
    " array_agg(e.account_id + case when e.own then c.n * %(accounts)s else 0 end order by e.line)::text"
    " || array_agg(e.amount order by e.line)::text)::uuid, t.occurred_at"
    " from copying_n c cross join copying_journal t join copying_entry e on e.journal_id = t.id"
    " group by c.n, c.hex, c.word, t.id, t.key, t.step, t.kind, t.ref, t.occurred_at order by 1"
)
ENTRIES = (
    "insert into ledger_entry (journal_id, line, account_id, currency, amount)"
    " select e.journal_id + c.n * %(journals)s, e.line,"
    " e.account_id + case when e.own then c.n * %(accounts)s else 0 end, e.currency, e.amount"
    " from copying_n c cross join copying_entry e order by 1, 2"
)


@dataclass(frozen=True, slots=True)
class Books:
    """How far apart the ids of an account or journal and its copy are."""

    accounts: int
    journals: int

    def copy(self, cursor: CursorWrapper) -> None:
        for statement in (ACCOUNTS, JOURNALS, ENTRIES):
            cursor.execute(statement, {"accounts": self.accounts, "journals": self.journals})


def prepare(cursor: CursorWrapper, names: Names) -> Books:
    """Keep the journals and accounts, the names in them marked."""
    cursor.execute("create temporary table copying_account as select *, false own from ledger_account")
    cursor.execute(
        "create temporary table copying_journal as select id, key, kind, ref, occurred_at, null::bigint step from ledger_journal where kind not in ('recon', 'converted', 'statement_fee', 'commission_tax', 'commission_tax_back', 'drawing', 'drawing_taken', 'drawing_back') and not starts_with(kind, 'bank_')"
    )
    _mark(cursor, names, "copying_account", "code")
    _mark(cursor, names, "copying_journal", "key")
    _mark(cursor, names, "copying_journal", "ref")
    cursor.execute(
        "update copying_account a set own = true from ledger_account o where o.id = a.id and o.code <> a.code"
    )
    for head, table in NUMBERED.items():
        update = f"update copying_journal set step = (select max(id) from {table}) where key like %s"
        cursor.execute(update, [f"{head}:%"])
    cursor.execute(
        "create temporary table copying_entry as select e.*, a.own from ledger_entry e join copying_journal j on j.id = e.journal_id"
        " join copying_account a on a.id = e.account_id"
    )
    for table in ("account", "journal", "entry"):
        cursor.execute(f"analyze copying_{table}")
    cursor.execute("select (select max(id) from ledger_account), (select max(id) from ledger_journal)")
    return Books(*cursor.fetchone())


def finish(cursor: CursorWrapper) -> None:
    """New accounts and journals get ids after the copies'."""
    for table in ("account", "journal"):
        cursor.execute(f"select setval(pg_get_serial_sequence('ledger_{table}', 'id'), max(id)) from ledger_{table}")
    cursor.execute("drop table copying_account, copying_journal, copying_entry")


def _mark(cursor: CursorWrapper, names: Names, table: str, column: str) -> None:
    cursor.execute(f"select id, {column} from {table}")
    marked = [(pk, names.in_text(text)) for pk, text in cursor.fetchall()]
    if marked:
        update = f"update {table} t set {column} = v.text from (values %s) v(id, text) where v.id = t.id"
        execute_values(cursor.cursor, update, marked)
