from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0010_window_rebated"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="windowtrade",
            name="left_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="windowtrade",
            name="left_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="windowtrade",
            constraint=models.CheckConstraint(
                condition=models.Q(("left_minor__gte", 0)), name="window_trade_left_not_negative"
            ),
        ),
    ]
