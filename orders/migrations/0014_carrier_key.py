"""Which carrier of our table has a parcel; those sent before keep the name that was written."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("orders", "0013_corridor_netting")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="shipment",
            name="carrier_key",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="carrier, in our table"),
        )
    ]
