"""Sellers' money on its way to their banks, and what funds it."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "F09", "S1", "A payout goes to its seller's own method, in its currency.",
        "select p.id from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
        " where m.seller_id <> p.seller_id or m.currency <> p.currency or p.amount_minor <= 0",
    ),
    Check(
        "F10", "S1", "A payout is in the books from its request until it is paid or taken back, with its amount.",
        "select p.id from payments_payout p left join (select split_part(j.key, ':', 2) id,"
        " coalesce(-sum(e.amount) filter (where e.amount < 0), 0) came,"
        " coalesce(sum(e.amount) filter (where e.amount > 0), 0) went"
        " from ledger_journal j join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.key like 'payout:%' and a.code like 'payouts:%' group by 1) b on b.id = p.id::text"
        " where (b.came, b.went) is distinct from (p.amount_minor,"
        " case when p.state in ('requested', 'approved', 'sent') then 0 else p.amount_minor end)",
    ),
    Check(
        "F11", "S1", "No seller was ever paid more than was released to them, per currency.",
        "select p.seller_id || ' ' || p.currency from (select seller_id, currency, sum(amount_minor) s"
        " from payments_payout where state not in ('failed', 'canceled') group by 1, 2) p left join ("
        " select a.code, -sum(e.amount) s from ledger_journal j join ledger_entry e on e.journal_id = j.id"
        " join ledger_account a on a.id = e.account_id where j.kind in ('release', 'reserve_freed')"
        " group by 1) r"
        " on r.code = 'seller:' || p.seller_id || ':' || p.currency where p.s > coalesce(r.s, 0)",
    ),
    Check(
        "F22", "S1", "A rolling reserve is in the books from the release until it is freed, with its amount.",
        "select coalesce(r.code, b.code) from (select 'seller:' || seller_id || ':' || currency || ':reserve' code,"
        " sum(amount_minor) filter (where freed_at is null) s from payments_reserve group by 1) r full join"
        " (select a.code, -sum(b.amount) s from ledger_account a join ledger_balance b on b.account_id = a.id"
        " where a.code like 'seller:%:reserve' group by 1) b on b.code = r.code"
        " where coalesce(r.s, 0) <> coalesce(b.s, 0)",
    ),
    Check(
        "F12", "S1", "A bank's reference belongs to one payout.",
        "select bank_reference from payments_payout where bank_reference <> '' group by 1 having count(*) > 1",
    ),
    Check(
        "F13", "S1", "Two people let a payout go: who approved it did not mark it as paid, nor did the seller.",
        "select id from payments_payout where paid_by_id in (approved_by_id, seller_id) or approved_by_id = seller_id"
        " or (state in ('approved', 'sent', 'paid') and approved_by_id is null)"
        " or (state = 'paid' and paid_by_id is null)",
    ),
    Check(
        "F14", "S1", "A payout that left is in a bank file of its currency.",
        "select p.id from payments_payout p left join payments_bankfile f on f.id = p.file_id"
        " where p.state in ('sent', 'paid') and f.currency is distinct from p.currency",
    ),
    Check(
        "F15", "S1", "The bank account is never below zero and holds what approved payouts need.",
        "select b.code from (select a.code, a.currency, sum(b.amount) s from ledger_account a"
        " join ledger_balance b on b.account_id = a.id where a.code like 'clearing:bank:%' group by 1, 2) b"
        " left join (select currency, sum(amount_minor) s from payments_payout"
        " where state in ('approved', 'sent') group by 1) p on p.currency = b.currency"
        " where b.s < coalesce(p.s, 0) union all select p.currency from payments_payout p"
        " where p.state in ('approved', 'sent')"
        " and not exists (select 1 from ledger_account a where a.code = 'clearing:bank:' || p.currency)",
    ),
    Check(
        "F16", "S1", "A settlement is in the books with its amount.",
        "select coalesce(s.reference, j.key) from payments_settlement s full join (select j.key, sum(e.amount) s"
        " from ledger_journal j join ledger_entry e on e.journal_id = j.id join ledger_account a"
        " on a.id = e.account_id where j.kind = 'settlement' and a.code like 'clearing:bank:%' group by 1) j"
        " on j.key = 'settlement:' || s.processor || ':' || s.reference where s.amount_minor is distinct from j.s",
    ),
    Check(
        "F17", "S1", "An exchange fill is in the books with both of its amounts.",
        "select coalesce(f.reference, j.key) from payments_fill f full join (select j.key,"
        " sum(e.amount) filter (where e.amount > 0) bought, -sum(e.amount) filter (where e.amount < 0) sold"
        " from ledger_journal j join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind = 'fill' and a.code like 'clearing:bank:%' group by 1) j on j.key = 'fill:' || f.reference"
        " where (f.bought_minor, f.sold_minor) is distinct from (j.bought, j.sold)",
    ),
)  # fmt: skip
