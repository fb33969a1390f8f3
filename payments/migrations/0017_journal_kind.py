"""Journals of the rare kinds (fills, settlements, chargebacks, reconciliations) are found without reading all."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0016_bank_pay_in")]

    operations = [
        migrations.RunSQL(
            # Read by the audit: what each of few journals says.
            "create index ledger_journal_kind on ledger_journal (kind, id)",
            "drop index ledger_journal_kind",
        ),
    ]
