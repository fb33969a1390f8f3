"""`ledger_post_all`: many journals by one statement. See payments/ledger/sql/post_all.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "ledger" / "sql"


class Migration(migrations.Migration):
    dependencies = [("payments", "0032_fill_tax_rates")]

    operations = [
        migrations.RunSQL(
            (SQL / "post_all.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION ledger_post_all(text[], text[], text[], timestamptz, int[], bigint[], bigint[])",
        ),
    ]
