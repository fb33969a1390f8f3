"""Our answer to a buyer's bank: drafts, and what was sent, which the database keeps as it was."""

from __future__ import annotations

import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.lib.clock

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = "drop trigger evidence_stays on payments_evidencepack; drop function evidence_stays()"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0025_coin_sendings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="chargeback",
            name="accepted_why",
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AlterField(
            model_name="operation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create", "Create payment"),
                    ("capture", "Capture"),
                    ("cancel", "Cancel"),
                    ("refund", "Refund"),
                    ("payout", "Payout"),
                    ("fetch", "Fetch"),
                    ("evidence", "Send evidence"),
                    ("concede", "Accept chargeback"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="EvidencePack",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("pdf", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("pages", models.PositiveSmallIntegerField()),
                ("facts", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(default=marketplace.lib.clock.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("refused", models.TextField(blank=True)),
                (
                    "chargeback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packs", to="payments.chargeback"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["-made_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("sent_at", None)), fields=("chargeback",), name="evidence_one_draft"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refused", ""), ("sent_at__isnull", False), _connector="OR"),
                        name="evidence_refused_was_sent",
                    ),
                ],
            },
        ),
        migrations.RunSQL((SQL / "evidence_stays.sql").read_text(encoding="utf-8"), DROP),
    ]
