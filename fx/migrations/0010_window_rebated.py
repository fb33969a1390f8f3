from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0009_live_windows"),
    ]

    operations = [
        migrations.AddField(
            model_name="window",
            name="rebated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="window",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode", "live"), ("rebated_at", None), _connector="OR"),
                name="window_rebates_are_live",
            ),
        ),
    ]
