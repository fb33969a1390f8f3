"""How much of a payout came in as its currency."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0035_sources_of_fee_rows")]

    operations = [
        migrations.AddField(
            model_name="payout",
            name="matched_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("matched_minor", None),
                    models.Q(("matched_minor__gte", 0), ("matched_minor__lte", models.F("amount_minor"))),
                    _connector="OR",
                ),
                name="payout_matched_within",
            ),
        ),
    ]
