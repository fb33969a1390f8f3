"""Processors' own records and ours."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "X01", "S1", "What a processor has is here, and what is here it has; a difference waits three days at most.",
        "select processor || ' ' || ref from payments_reconitem"
        " where closed_at is null and opened_at < now() - interval '3 days'",
    ),
    Check(
        "X02", "S1", "At the latest reconciliation clearing was the processor's record, but for named differences.",
        "select r.processor || ' ' || s.currency from payments_reconsum s join (select distinct on (processor) *"
        " from payments_reconrun order by processor, at desc, id desc) r on r.id = s.run_id"
        " where s.theirs_minor - s.ours_minor <> s.differing_minor + s.young_minor",
    ),
    Check(
        "X03", "S1", "At its latest reconciliation a processor, or a chain, held what its lines sum to.",
        "select r.processor || ' ' || s.currency from payments_reconsum s join (select distinct on (processor) *"
        " from payments_reconrun order by processor, at desc, id desc) r on r.id = s.run_id"
        " where s.reported_minor <> s.theirs_minor",
    ),
    Check(
        "X04", "S1", "Money that a processor keeps under one of our payments' ids came by that payment's reference.",
        "select l.processor || ' ' || l.line from payments_statementline l where l.bound <> '' and not exists (select 1"
        " from payments_payment p where p.id::text = l.bound"
        " and (p.processor, p.processor_ref) = (l.processor, l.ref))",
    ),
    Check(
        "X05", "S1", "A difference that a person booked is in the books with just that amount.",
        "select i.id::text from payments_reconitem i left join (select j.key, sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind = 'recon' and a.code like 'clearing:%' group by 1) b on b.key = 'recon:' || i.id"
        " where (i.journal_key = '') <> (b.s is null) or b.s <> i.theirs_minor - i.ours_minor",
    ),
    Check(
        "X06", "S1", "What a line of a processor's record brings into the books is just what the line says.",
        "select coalesce(l.line, b.key) from (select j.key, e.currency, sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind in ('converted', 'statement_fee') and a.code like 'clearing:%' group by 1, 2) b"
        " left join payments_statementline l on b.key = 'line:' || l.id where l.id is null or b.s <> case b.currency"
        " when l.currency then case when l.origin_minor is not null or l.kind = 'fee' then l.amount_minor else 0 end -"
        " case when l.kind = 'dispute' or l.kind = 'charge' and l.origin_minor is null then 0 else l.fee_minor end"
        " when l.origin_currency then -l.origin_minor else b.s + 1 end",
    ),
    Check(
        "X07", "S1", "The fee of a payment is the one that the processor's record has.",
        "select p.id::text from payments_payment p join (select processor, ref, sum(fee_minor) s"
        " from payments_statementline where kind = 'charge' and origin_minor is null group by 1, 2) l"
        " on (l.processor, l.ref) = (p.processor, p.processor_ref) where p.fee_minor <> l.s",
    ),
)  # fmt: skip
