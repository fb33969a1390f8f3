from __future__ import annotations

from django.db import migrations, models

import marketplace.lib.clock


class Migration(migrations.Migration):
    dependencies = [("fx", "0006_names_of_visits")]
    operations = [
        migrations.AddField("ratefetch", "again_at", models.DateTimeField(default=marketplace.lib.clock.now)),
        migrations.AddField("ratefetch", "fails", models.PositiveIntegerField(default=0)),
    ]
