"""The database refuses refunds beyond what was received. See payments/sql/refunds.sql."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = "DROP TRIGGER refund_within_received ON payments_refund; DROP FUNCTION refund_within_received();"


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_ledger")]

    operations = [
        migrations.RunSQL((SQL / "refunds.sql").read_text(encoding="utf-8"), DROP),
    ]
