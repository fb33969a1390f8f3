"""The books: tables, triggers and the function that posts. See payments/ledger/sql/ledger.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "ledger" / "sql"


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(
            (SQL / "ledger.sql").read_text(encoding="utf-8"),
            (SQL / "ledger_drop.sql").read_text(encoding="utf-8"),
        ),
    ]
