from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0002_unused_quotes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=8)),
                ("day", models.DateField()),
                ("per_eur", models.DecimalField(decimal_places=18, max_digits=36)),
            ],
            options={
                "verbose_name": "reference rate of a day",
                "verbose_name_plural": "reference rates by day",
            },
        ),
        migrations.AddConstraint(
            model_name="dailyrate",
            constraint=models.UniqueConstraint(fields=("currency", "day"), name="dailyrate_once"),
        ),
        migrations.AddConstraint(
            model_name="dailyrate",
            constraint=models.CheckConstraint(condition=models.Q(("per_eur__gt", 0)), name="dailyrate_positive"),
        ),
    ]
