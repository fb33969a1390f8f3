from __future__ import annotations

import datetime as dt

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.lib.clock

FIRST = {
    "valid_from": dt.date(2026, 4, 1),
    "currency": "USD",
    "per_sdr": "1.400000",
    "source": "dutiable.io, April 2026: 300 SDR are about 420 USD",
    "confidence": "low",
}


def seed(apps, schema_editor):  # type: ignore[no-untyped-def]
    """One row to begin with, rounded and second hand: near the limit it says CN23. An operator's rows follow it."""
    apps.get_model("orders", "SdrValue").objects.get_or_create(valid_from=FIRST["valid_from"], defaults=FIRST)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0014_carrier_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PackedParcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("pieces", models.JSONField(default=dict)),
                ("gross_g", models.PositiveIntegerField(blank=True, null=True)),
                ("postage_minor", models.BigIntegerField(blank=True, null=True)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("eori", models.CharField(blank=True, max_length=17)),
                ("comments", models.CharField(blank=True, max_length=200)),
                ("licences", models.CharField(blank=True, max_length=100)),
                ("certificates", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField(default=marketplace.lib.clock.now)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packed", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "number"), name="packed_parcel_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__gte", 1),
                            models.Q(("postage_minor", None), ("postage_minor__gte", 0), _connector="OR"),
                        ),
                        name="packed_parcel_counts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintedPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parcel", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=8)),
                ("version", models.PositiveSmallIntegerField()),
                ("facts", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField(default=marketplace.lib.clock.now)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="printed", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "parcel", "kind", "version"), name="printed_paper_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SdrValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(unique=True, verbose_name="valid from")),
                ("currency", models.CharField(max_length=8, verbose_name="currency")),
                ("per_sdr", models.DecimalField(decimal_places=6, max_digits=14, verbose_name="one SDR in it")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("high", "high: read at the IMF or the post"),
                            ("medium", "medium: one good source"),
                            ("low", "low: rounded, or second hand"),
                        ],
                        max_length=6,
                        verbose_name="confidence",
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=marketplace.lib.clock.now, verbose_name="recorded at")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "value of the SDR",
                "verbose_name_plural": "values of the SDR",
                "ordering": ["-valid_from"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("per_sdr__gt", 0)), name="sdr_worth_something")
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
