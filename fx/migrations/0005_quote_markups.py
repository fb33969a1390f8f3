from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0004_netting_windows"),
    ]

    operations = [
        migrations.AddField(model_name="quote", name="markups", field=models.JSONField(blank=True, default=list)),
    ]
