"""Rates by weight and from a value of the goods on free; those of today stay as they are, with one price."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("listings", "0009_registrations")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="shippingrate",
            name="bands",
            field=models.JSONField(blank=True, default=list, verbose_name="lighter parcels"),
        ),
        migrations.AddField(
            model_name="shippingrate",
            name="free_over_minor",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="free from"),
        ),
        migrations.AddConstraint(
            model_name="shippingrate",
            constraint=models.CheckConstraint(
                condition=models.Q(free_over_minor=None) | models.Q(free_over_minor__gt=0),
                name="shipping_free_over_some",
            ),
        ),
    ]
