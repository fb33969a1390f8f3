from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fx", "0007_visits_again")]
    operations = [
        migrations.CreateModel(
            "PiecePrice",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("how", models.CharField(max_length=10)),
                ("minor", models.BigIntegerField()),
                ("target_minor", models.BigIntegerField()),
                ("quantity", models.PositiveIntegerField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="fx.quoteline"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(minor__gt=0, target_minor__gte=0, quantity__gt=0),
                        name="piece_price_positive",
                    )
                ]
            },
        )
    ]
