"""The standard rates that ship with the project; what an operator has recorded stays."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from payments.invoices.seed import load


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    load(apps.get_model("payments", "TaxRate"))


class Migration(migrations.Migration):
    dependencies = [("payments", "0031_tax_rates")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
