"""Restrictions of goods as rows that the operator keeps, and their history, which nobody rewrites."""

from __future__ import annotations

import csv
from pathlib import Path

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

import marketplace.lib.clock

FILE = Path(__file__).resolve().parent.parent / "data" / "restricted_goods.csv"
FORWARD = """
CREATE TRIGGER listings_restrictionchange_ro BEFORE UPDATE OR DELETE ON listings_restrictionchange
  FOR EACH STATEMENT EXECUTE FUNCTION listings_append_only();
"""
REVERSE = "DROP TRIGGER listings_restrictionchange_ro ON listings_restrictionchange"


def load(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    goods = apps.get_model("listings", "RestrictedGoods")._default_manager
    with FILE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            goods.create(
                prefixes=row["hs_prefix"].replace("*", ""),
                words=row["keywords_en"],
                **{name: row[name] for name in ("scope", "rule", "reason", "remedy", "confidence", "source")},
            )


class Migration(migrations.Migration):
    dependencies = [
        ("listings", "0011_shop_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="RestrictedGoods",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=2, verbose_name="country, EU or *")),
                ("prefixes", models.CharField(blank=True, max_length=200, verbose_name="first digits of HS codes")),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="words in titles")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("block", "Refuse"),
                            ("block_post", "Refuse across borders"),
                            ("permit", "Tell that a permit is needed"),
                            ("warn", "Warn"),
                        ],
                        max_length=10,
                        verbose_name="rule",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "remedy",
                    models.CharField(
                        choices=[
                            ("home", "Sell it at home"),
                            ("elsewhere", "Send it to another country"),
                            ("nothing", "Nothing but another HS code"),
                            ("name", "Another title"),
                            ("permit", "A permit"),
                            ("ask", "Ask carrier and customs office"),
                        ],
                        max_length=10,
                        verbose_name="what can be done",
                    ),
                ),
                (
                    "confidence",
                    models.CharField(
                        choices=[("high", "High"), ("medium", "Medium"), ("low", "Low")],
                        max_length=10,
                        verbose_name="confidence",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("active", models.BooleanField(default=True, verbose_name="in force")),
            ],
            options={
                "verbose_name": "restriction of goods",
                "verbose_name_plural": "restrictions of goods",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(prefixes__regex="^([0-9]{2,10}(;[0-9]{2,10})*)?$"),
                        name="restriction_prefixes_are_digits",
                    ),
                    models.CheckConstraint(condition=~Q(prefixes="", words=""), name="restriction_is_of_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RestrictionChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.JSONField(default=dict, verbose_name="before")),
                ("after", models.JSONField(default=dict, verbose_name="after")),
                ("at", models.DateTimeField(default=marketplace.lib.clock.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "restriction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="listings.restrictedgoods",
                        verbose_name="restriction of goods",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a restriction",
                "verbose_name_plural": "changes of restrictions",
                "ordering": ["-pk"],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
