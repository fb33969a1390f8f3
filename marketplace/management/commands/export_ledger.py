"""Write the whole ledger for other programs: Beancount or CSV."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from fx.money import EXPONENT
from marketplace.lib.audit import SNAPSHOT
from payments.ledger.export.beancount import as_beancount
from payments.ledger.export.rows import Wanted
from payments.ledger.export.table import as_csv

FORMATS = {"beancount": as_beancount, "csv": as_csv}


class Command(BaseCommand):
    help = "Write the ledger, from one snapshot and line by line: for Beancount, or as CSV with one line per entry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("format", choices=sorted(FORMATS))
        parser.add_argument("--since", metavar="DAY", default="", help="the first day, like 2026-11-01, in UTC")
        parser.add_argument("--until", metavar="DAY", default="", help="the last day, included")
        parser.add_argument("--currency", metavar="CODE", default="", help="only this one")
        parser.add_argument("--output", metavar="FILE", default="", help="a file instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = _wanted(options["since"], options["until"], options["currency"])
        if not options["output"]:
            _write(options["format"], wanted, self.stdout._out)
            return
        with open(options["output"], "x", encoding="utf-8", newline="") as file:
            _write(options["format"], wanted, file)


def _write(format_: str, wanted: Wanted, out: Any) -> None:
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute(SNAPSHOT)
        for text in FORMATS[format_](wanted):
            out.write(text)


def _wanted(since: str, until: str, currency: str) -> Wanted:
    if currency and currency not in EXPONENT:
        raise CommandError(f"{currency} is no currency here. Give a code like EUR.")
    first, last = _day(since), _day(until)
    if first and last and last < first:
        raise CommandError("The last day is before the first.")
    return Wanted(first, last and last + dt.timedelta(days=1), currency)


def _day(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except ValueError:
        raise CommandError(f"{text} is no day. Write it like 2026-11-30.") from None
