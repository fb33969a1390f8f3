"""Fee sheets leave the orders' own pages: whoever looks at all orders, as the audit does, reads a sixth.

Orders that are there stay as they are until they change.
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_frozen_case")]

    operations = [
        migrations.RunSQL(
            "alter table orders_order set (toast_tuple_target = 256)",
            "alter table orders_order reset (toast_tuple_target)",
        ),
    ]
