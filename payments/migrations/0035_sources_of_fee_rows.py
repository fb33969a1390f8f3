"""Price lists that shipped from memory say their published source, or that nobody has verified them."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from payments.feetables.seed import say_sources


def say(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    say_sources(apps.get_model("payments", "FeeRow"))


class Migration(migrations.Migration):
    dependencies = [("payments", "0034_invoices")]
    operations = [
        migrations.AlterField(
            model_name="feerow",
            name="confidence",
            field=models.CharField(
                choices=[("high", "High"), ("medium", "Medium"), ("low", "Low"), ("none", "Unverified")],
                max_length=8,
                verbose_name="confidence",
            ),
        ),
        migrations.RunPython(say, migrations.RunPython.noop),
    ]
