"""The ledger as text for Beancount (its language reference, version 3), which checks it once more by itself.

Accounts are opened on the day the books begin; the exact code, key and time are metadata. A period that begins later
opens with one transaction that says what was there; the last lines assert every balance.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from marketplace.lib.clock import now
from payments.ledger.export import rows
from payments.ledger.export.rows import Account, Journal, Line, Wanted
from payments.ledger.export.table import decimal

ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "income": "Income",
    "expense": "Expenses",
    "equity": "Equity",
    "trading": "Equity",
}
_PLAIN = re.compile(r"[A-Za-z0-9-]", re.ASCII)
_LINK = re.compile(r"[A-Za-z0-9_/.-]+", re.ASCII)


def as_beancount(wanted: Wanted) -> Iterator[str]:
    begins = rows.first() or now()
    day = begins.astimezone(dt.UTC).date()
    yield 'option "title" "Entrepôt"\n'
    currencies = set()
    for account in rows.accounts(wanted):
        if account.currency not in currencies:
            currencies.add(account.currency)
            yield f"\n{day} commodity {account.currency}\n"
        yield _opened(account, day)
    if wanted.since is not None:
        yield from _opening(wanted)
    last = day
    for journal in rows.journals(wanted):
        last = journal.at.date()
        yield _transaction(journal)
    ends = (wanted.until or dt.datetime.combine(last, dt.time(), dt.UTC) + dt.timedelta(days=1)).date()
    yield "\n"
    for line in rows.balances(wanted):
        yield f"{ends} balance {name(line.code, line.kind)}  {decimal(line.money)} {line.money.currency}\n"


def name(code: str, kind: str) -> str:
    """`seller:7:EUR:debt` of an asset is `Assets:Seller:7:Debt:EUR`. What no name may have is written as its number.

    A balance in Beancount has all accounts below its own in it: so none is below another.
    """
    head, *parts = code.split(":")
    if head == "seller" and len(parts) == 3:
        user, currency, what = parts
        parts = [user, what, currency]
    return ":".join([ROOTS[kind], *(_part(part) for part in (head, *parts))])


def _part(part: str) -> str:
    """Letters, digits and dashes, the first no small letter and no dash."""
    text = "".join(char if _PLAIN.match(char) else f"-x{ord(char):x}-" for char in part)
    text = text[0].upper() + text[1:]
    return f"X{text}" if text.startswith("-") else text


def _opened(account: Account, day: dt.date) -> str:
    opened = account.opened_at.astimezone(dt.UTC).isoformat()
    return (
        f"{day} open {name(account.code, account.kind)} {account.currency}\n"
        f'  code: "{_quoted(account.code)}"\n  opened: "{opened}"\n'
    )


def _opening(wanted: Wanted) -> Iterator[str]:
    """What was there before the period. The books balance, so this does."""
    assert wanted.since is not None
    for number, line in enumerate(rows.balances(wanted.before)):
        if not number:
            yield f'\n{wanted.since.date()} * "opening" "Balances before {wanted.since.date()}"\n'
        yield _posting(line)


def _transaction(journal: Journal) -> str:
    link = f" ^{journal.ref}" if _LINK.fullmatch(journal.ref) else ""
    head = f'{journal.at.date()} * "{_quoted(journal.kind)}" "{_quoted(journal.ref)}"{link}'
    facts = f'  key: "{_quoted(journal.key)}"\n  time: "{journal.at.isoformat()}"\n'
    return f"\n{head}\n{facts}" + "".join(_posting(line) for line in journal.lines)


def _posting(line: Line) -> str:
    return f"  {name(line.code, line.kind)}  {decimal(line.money)} {line.money.currency}\n"


def _quoted(text: str) -> str:
    text = " ".join(text.splitlines())
    return text.replace("\\", "\\\\").replace('"', '\\"')
