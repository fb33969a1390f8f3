"""Orders that were refunded before gave everything back."""

from __future__ import annotations

from django.db import migrations

FILL = """
UPDATE orders_order SET refunded_goods_minor = goods_minor, refunded_shipping_minor = shipping_minor
WHERE status = 'refunded'"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_parts_given_back")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
