from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0003_daily_rates"),
        ("orders", "0007_fee_sheet_aside"),
    ]

    operations = [
        migrations.AddField(
            model_name="quotedbasket",
            name="renews",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="renewals",
                to="fx.quote",
            ),
        ),
    ]
