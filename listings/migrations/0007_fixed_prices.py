from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listings", "0006_saving_share")]
    operations = [
        migrations.AddField(
            "shop",
            "mirrors_endings",
            models.BooleanField(default=False, verbose_name="prices in other currencies end like the shop's own"),
        ),
        migrations.CreateModel(
            "FixedPrice",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=8)),
                ("price_minor", models.BigIntegerField(verbose_name="price")),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fixed_prices",
                        to="listings.listing",
                    ),
                ),
            ],
            options={
                "verbose_name": "fixed price",
                "verbose_name_plural": "fixed prices",
                "ordering": ["currency"],
                "constraints": [
                    models.UniqueConstraint(fields=["listing", "currency"], name="fixed_price_once_per_currency"),
                    models.CheckConstraint(condition=models.Q(price_minor__gt=0), name="fixed_price_positive"),
                ],
            },
        ),
    ]
