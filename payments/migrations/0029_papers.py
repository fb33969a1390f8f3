"""Numbered papers, which the database keeps as they were issued, and their series without gaps."""

from __future__ import annotations

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = """
drop trigger papers_stay on payments_paper; drop trigger papers_stay on payments_paperitem; drop function papers_stay();
drop trigger paper_takes_the_last on payments_paper; drop function paper_takes_the_last();
drop trigger series_goes_up_by_one on payments_series; drop function series_goes_up_by_one();
drop trigger number_is_a_papers on payments_series; drop function number_is_a_papers();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0028_fill_fee_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("receipt", "Receipt")], max_length=10)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "year"), name="series_once")],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("seq", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="number")),
                ("kind", models.CharField(choices=[("receipt", "Receipt")], max_length=10, verbose_name="kind")),
                ("ref", models.CharField(max_length=64)),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                ("body", models.JSONField()),
                ("pdf", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="payments.paper",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="payments.series"
                    ),
                ),
            ],
            options={
                "verbose_name": "paper",
                "verbose_name_plural": "papers",
            },
        ),
        migrations.CreateModel(
            name="PaperItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="payments.paper"
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="said_on",
                        to="payments.payment",
                    ),
                ),
                (
                    "refund",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="said_on",
                        to="payments.refund",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("payment", None), ("refund__isnull", False)),
                            models.Q(("payment__isnull", False), ("refund", None)),
                            _connector="OR",
                        ),
                        name="paper_item_is_one_thing",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(fields=("series", "seq"), name="paper_number_once"),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(fields=("kind", "ref", "version"), name="paper_version_once"),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects", None), ("version", 1)),
                    models.Q(("corrects__isnull", False), ("version__gt", 1)),
                    _connector="OR",
                ),
                name="paper_corrects_the_one_before",
            ),
        ),
        migrations.RunSQL((SQL / "papers.sql").read_text(encoding="utf-8"), DROP),
    ]
