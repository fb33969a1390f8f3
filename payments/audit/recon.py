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
        "X05", "S1", "A difference that a person booked is in the books with just that amount.",
        "select i.id::text from payments_reconitem i left join (select j.key, sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind = 'recon' and a.code like 'clearing:%' group by 1) b on b.key = 'recon:' || i.id"
        " where (i.journal_key = '') <> (b.s is null) or b.s <> i.theirs_minor - i.ours_minor",
    ),
)  # fmt: skip
