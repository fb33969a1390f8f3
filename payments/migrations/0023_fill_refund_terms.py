"""Payments in coin of before are refunded by value, as their buyers read it, unless a refund has begun already."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = "DROP TRIGGER refund_terms_fixed ON payments_payment; DROP FUNCTION refund_terms_fixed();"
FILL = """
UPDATE payments_paymentline l SET value_minor = q.minor FROM payments_payment p
JOIN fx_quoteline q ON q.quote_id = p.quote_id
WHERE p.id = l.payment_id AND q.ref = l.ref AND q.component = l.component;
UPDATE payments_payment p SET refund_terms = 'value' FROM fx_quote q WHERE q.id = p.quote_id
AND p.currency IN ('BTC', 'USDC') AND q.currency <> p.currency
AND NOT EXISTS (SELECT 1 FROM payments_refund r WHERE r.payment_id = p.id AND r.ref <> '');
UPDATE payments_refundline b SET value_minor = v.upto - v.before FROM (SELECT b.id,
 CASE WHEN l.pay_minor = 0 THEN 0 ELSE div(l.value_minor * (sum(b.pay_minor) OVER w), l.pay_minor) END upto,
 CASE WHEN l.pay_minor = 0 THEN 0
 ELSE div(l.value_minor * ((sum(b.pay_minor) OVER w) - b.pay_minor), l.pay_minor) END before
 FROM payments_refundline b JOIN payments_paymentline l ON l.id = b.line_id
 WINDOW w AS (PARTITION BY b.line_id ORDER BY b.id)) v WHERE v.id = b.id"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0022_refund_terms")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "refund_terms.sql").read_text(encoding="utf-8"), DROP),
    ]
