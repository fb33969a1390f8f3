"""The hash chain over the journals, and its signed heads; both only grow."""

from __future__ import annotations

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import marketplace.lib.clock


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0029_papers"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("position", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("before", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128)),
                ("signed_at", models.DateTimeField(default=marketplace.lib.clock.now)),
            ],
            options={
                "verbose_name": "signed head",
                "verbose_name_plural": "signed heads",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("salt", models.CharField(max_length=32)),
                ("leaf", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "journal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="link", to="payments.journal"
                    ),
                ),
            ],
            options={
                "verbose_name": "link of the proof",
                "verbose_name_plural": "links of the proof",
            },
        ),
        migrations.RunSQL(
            (Path(__file__).resolve().parent.parent / "sql" / "proof_stays.sql").read_text(encoding="utf-8"),
            "drop trigger proof_head_stays on payments_chainhead; drop trigger proof_link_stays on payments_chainlink;"
            " drop function proof_stays()",
        ),
    ]
