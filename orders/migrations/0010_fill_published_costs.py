"""What others publish, as the project ships it; what was changed stays."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from orders.corridors.published import load


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    load(apps.get_model("orders", "PublishedCost"))


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_corridors")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
