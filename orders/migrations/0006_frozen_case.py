"""What was said in disputes becomes messages; then the database keeps them as they are."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_conversations")]

    operations = [
        migrations.RunSQL((SQL / "fill_conversations.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(
            (SQL / "frozen_case.sql").read_text(encoding="utf-8"),
            (SQL / "frozen_case_drop.sql").read_text(encoding="utf-8"),
        ),
    ]
