"""Money that buyers' banks took: the books say what each chargeback's state says, and nothing moves under it."""

from __future__ import annotations

from marketplace.lib.audit import OF_FEW, Check

SUMS = (
    "select j.ref, -coalesce(sum(e.amount) filter (where a.code like 'clearing:%' and j.kind = 'chargeback'), 0) gone,"
    " -coalesce(sum(e.amount) filter (where a.code like 'clearing:%' and j.kind = 'chargeback_fee'), 0) fee,"
    " coalesce(sum(e.amount) filter (where a.code like 'disputed:%'), 0) claim,"
    " coalesce(sum(e.amount) filter (where a.code like 'expense:loss:%'), 0) loss from (select id, kind, ref"
    " from ledger_journal where kind like 'chargeback%' union all select j.id, j.kind, r.chargeback_id::text"
    " from payments_refund r join ledger_journal j on j.key = 'refund:' || r.id || ':' || r.attempt"
    " where r.chargeback_id is not null) j"
    f" {OF_FEW} join ledger_account a on a.id = e.account_id group by 1"
)
BACK = "(select coalesce(sum(r.amount_minor), 0) from payments_refund r where r.chargeback_id = c.id)"

CHECKS = (
    Check(
        "E08", "S1", "A chargeback is in the books as its state says.",
        "select coalesce(c.processor_ref, s.ref) from payments_chargeback c full join (" + SUMS + ") s"
        " on s.ref = c.id::text where (c.withdrawn_minor, c.fee_minor, c.loss_minor)"
        " is distinct from (coalesce(s.gone, 0), coalesce(s.fee, 0), coalesce(s.loss, 0))"
        " or coalesce(s.claim, 0) <> case when c.settled_at is null then c.withdrawn_minor else 0 end"
        " or (c.state in ('won', 'closed') and c.withdrawn_minor <> 0)",
    ),
    Check(
        "E09", "S1", "What a bank took for good went back to the buyer once, or is the platform's loss.",
        "select c.processor_ref from payments_chargeback c where (c.settled_at is not null"
        f" and c.state in ('lost', 'accepted') and c.withdrawn_minor <> c.loss_minor + {BACK})"
        f" or (c.settled_at is null and {BACK} <> 0) or exists (select 1 from payments_refund r"
        " where r.chargeback_id = c.id and (r.payment_id <> c.payment_id or r.state <> 'succeeded'))",
    ),
    Check(
        "E10", "S1", "Nothing is released or sent back while the bank of the buyer has the money.",
        "select j.key from payments_chargeback c join payments_paymentline l on l.payment_id = c.payment_id"
        " join ledger_journal j on j.ref = l.ref and j.kind in ('release', 'refund')"
        " where c.kind = 'chargeback' and j.occurred_at > c.taken_at"
        " and j.occurred_at < coalesce(c.settled_at, 'infinity')"
        " and not exists (select 1 from payments_refund r where r.chargeback_id is not null"
        " and j.key = 'refund:' || r.id || ':' || r.attempt)",
    ),
    Check(
        "F24", "S1", "What a chargeback keeps from a seller is in the books until it is settled.",
        "select coalesce(f.code, b.code) from (select 'seller:' || seller_id || ':' || currency || ':contested' code,"
        " sum(amount_minor) filter (where freed_at is null) s from payments_contestedmoney group by 1) f full join"
        " (select a.code, -sum(b.amount) s from ledger_account a join ledger_balance b on b.account_id = a.id"
        " where a.code like 'seller:%:contested' group by 1) b on b.code = f.code"
        " where coalesce(f.s, 0) <> coalesce(b.s, 0) union all select c.processor_ref from payments_contestedmoney f"
        " join payments_chargeback c on c.id = f.chargeback_id where f.freed_at is null and c.settled_at is not null",
    ),
    Check(
        "H12", "S2", "A chargeback is answered in time, and its end reaches the orders within the hour.",
        "select processor_ref from payments_chargeback c where (state = 'opened' and due_at < now()"
        " and not exists (select 1 from payments_case k where k.closed_at is null and k.ref = c.processor_ref))"
        " or (settled_at is null and closed_at < now() - interval '1 hour')",
    ),
)  # fmt: skip
