"""Refunds of before have a line per line of their payment; from now on no line goes back more than once."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = "DROP TRIGGER refund_line_within_line ON payments_refundline; DROP FUNCTION refund_line_within_line();"
FILL = """
INSERT INTO payments_refundline (refund_id, line_id, account, target_minor, pay_minor)
SELECT r.id, l.id, l.account, l.target_minor, l.pay_minor FROM payments_refund r
JOIN payments_paymentline l ON l.payment_id = r.payment_id AND l.ref = r.ref WHERE r.ref <> ''"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_refund_lines_and_reserves")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "refund_lines.sql").read_text(encoding="utf-8"), DROP),
    ]
