"""The import rules and HS codes that ship with the project; `load_import_rules` and `load_hs`
bring newer ones.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from listings.customs.seed import load_codes, load_rules, read_codes, read_rules


def load(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    load_rules(apps.get_model("listings", "ImportRule"), read_rules())
    load_codes(apps.get_model("listings", "HSCode"), read_codes())


class Migration(migrations.Migration):
    dependencies = [("listings", "0002_search_and_periods")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
