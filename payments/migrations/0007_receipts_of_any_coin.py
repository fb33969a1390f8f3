"""Receipts of a token: longer ids, and what was said beside what counts."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_fill_refund_lines")]

    operations = [
        migrations.AlterField("chainaddress", "chain", models.CharField(max_length=80)),
        migrations.AlterField("chainreceipt", "txid", models.CharField(max_length=66)),
        migrations.AlterField("chainreceipt", "block_hash", models.CharField(blank=True, max_length=66)),
        migrations.RemoveConstraint("chainreceipt", "chain_receipt_positive"),
        migrations.AddField("chainreceipt", "claimed_minor", models.BigIntegerField(default=0), preserve_default=False),
        migrations.RunSQL(
            "UPDATE payments_chainreceipt SET claimed_minor = amount_minor", migrations.RunSQL.noop, elidable=True
        ),
        migrations.AddConstraint(
            "chainreceipt",
            models.CheckConstraint(
                condition=models.Q(claimed_minor__gt=0, amount_minor__range=(0, models.F("claimed_minor"))),
                name="chain_receipt_claimed",
            ),
        ),
    ]
