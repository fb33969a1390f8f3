"""The history of import rules, which nobody rewrites."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.lib.clock

FORWARD = """
CREATE FUNCTION listings_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION '% is append-only: what was changed stays on record', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER listings_rulechange_ro BEFORE UPDATE OR DELETE ON listings_rulechange
  FOR EACH STATEMENT EXECUTE FUNCTION listings_append_only();
"""
REVERSE = """
DROP TRIGGER listings_rulechange_ro ON listings_rulechange;
DROP FUNCTION listings_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("listings", "0007_fixed_prices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule_id", models.BigIntegerField(db_index=True)),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("effective_from", models.DateField(verbose_name="in force from")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("edited", "Changed"),
                            ("checked", "Compared with its source"),
                            ("removed", "Removed"),
                        ],
                        max_length=10,
                        verbose_name="action",
                    ),
                ),
                ("before", models.JSONField(default=dict, verbose_name="before")),
                ("after", models.JSONField(default=dict, verbose_name="after")),
                ("file", models.CharField(blank=True, max_length=200, verbose_name="file")),
                ("at", models.DateTimeField(default=marketplace.lib.clock.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of an import rule",
                "verbose_name_plural": "changes of import rules",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["country", "-id"], name="rule_change_of_country")],
            },
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
