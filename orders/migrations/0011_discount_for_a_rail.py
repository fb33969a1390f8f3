from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_fill_published_costs")]

    operations = [
        migrations.AddField(model_name="order", name="discount_minor", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="order", name="saving_minor", field=models.BigIntegerField(default=0)),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("discount_minor__gte", 0), ("discount_minor__lte", models.F("saving_minor"))),
                name="order_discount_within_saving",
            ),
        ),
    ]
