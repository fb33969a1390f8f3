from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_asked_prices")]

    operations = [
        migrations.AddField(model_name="corridorcost", name="netting_live", field=models.BooleanField(null=True)),
        migrations.AddConstraint(
            model_name="corridorcost",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("netting_bps", None),
                    ("netting_live", None),
                )
                | models.Q(("netting_bps__isnull", False), ("netting_live__isnull", False)),
                name="corridor_netting_is_booked_or_not",
            ),
        ),
    ]
