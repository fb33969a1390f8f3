"""What the operator took out: of what was earned, by two people, as the books say it."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "Y01", "S1", "A withdrawal of own income is in the books as its state says, with its amount.",
        "select coalesce(d.id::text, b.id) from payments_drawing d full join (select split_part(j.key, ':', 2) id,"
        " sum(e.amount) filter (where a.code like 'drawn:%') drawn,"
        " -sum(e.amount) filter (where a.code like 'drawings:%') waits from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where a.code like 'drawn:%' or a.code like 'drawings:%' group by 1) b on b.id = d.id::text"
        " where d.id is null or (coalesce(b.drawn, 0), coalesce(b.waits, 0)) <>"
        " (case when d.state in ('approved', 'taken') then d.amount_minor else 0 end,"
        " case when d.state = 'approved' then d.amount_minor else 0 end)",
    ),
    Check(
        "Y02", "S1", "Two people let own income go: one proposed it, another approved it and did not confirm it.",
        "select id from payments_drawing where approved_by_id = proposed_by_id"
        " or (state = 'taken' and (ended_by_id is null or ended_by_id = approved_by_id))"
        " or (state in ('approved', 'taken') and approved_by_id is null)",
    ),
    Check(
        "Y03", "S1", "No more was taken out of a currency than was earned in it until then, less what was lost.",
        "select d.key from (select j.id, j.key, e.currency from ledger_entry e join ledger_account a"
        " on a.id = e.account_id and a.code like 'drawn:%' join ledger_journal j on j.id = e.journal_id"
        " where j.kind = 'drawing') d join ledger_account a on a.currency = d.currency"
        " and a.kind in ('income', 'expense', 'equity') join ledger_entry e on e.account_id = a.id"
        " and e.journal_id <= d.id group by 1, d.id having sum(e.amount) > 0",
    ),
)  # fmt: skip
