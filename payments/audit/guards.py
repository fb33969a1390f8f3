"""What is kept back from sellers, the switch, and what the bank's statement shows: nobody is paid past any of these."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "F26", "S2", "No reserve was freed before its time, and none waits a day past it.",
        "select r.ref from payments_reserve r where r.freed_at < r.until or (r.freed_at is null"
        " and r.until < now() - interval '1 day' and not exists (select 1 from payments_chargeback k"
        " join payments_paymentline l on l.payment_id = k.payment_id where l.ref = r.ref and k.settled_at is null))",
    ),
    Check(
        "F38", "S1", "No payout was approved or sent while payouts were frozen.",
        # Within the first minute a person may have been quicker than the freeze. Coins are noted after they left.
        "select p.id::text from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
        " join (select at + interval '1 minute' since, coalesce(lifted_at, 'infinity') until from payments_freeze) f"
        " on p.approved_at between f.since and f.until"
        " or (m.kind in ('bank', 'stripe') and p.sent_at between f.since and f.until)",
    ),
    Check(
        "F56", "S1", "A payout that a statement shows left with its amount.",
        "select l.id::text from payments_bankline l join payments_payout p on p.id = l.payout_id"
        " where l.meaning = 'paid' and l.statement_id is not null"
        " and (l.currency, -l.amount_minor) is distinct from (p.send_currency, p.send_minor)",
    ),
)  # fmt: skip
