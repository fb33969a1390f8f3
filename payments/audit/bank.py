"""Sellers' money on its way to their banks, and what funds it."""

from __future__ import annotations

from marketplace.lib.audit import OF_FEW, Check

# By clearing account: what payouts need that were approved and are not booked as paid, and what there is.
NEEDED = (
    "p as (select 'clearing:' || m.kind || ':' || p.send_currency code, sum(p.send_minor) s"
    " from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
    " where p.state in ('approved', 'sent') group by 1), b as (select a.code, sum(b.amount) s from ledger_account a"
    " join ledger_balance b on b.account_id = a.id where a.code like 'clearing:%' group by 1)"
)
# A transfer in a file of ours: whose, and how much.
TOLD = '<EndToEndId>([0-9a-f]{32})</EndToEndId>\\s*</PmtId>\\s*<Amt>\\s*<InstdAmt Ccy="([A-Z]{3})">([0-9]+[.]?[0-9]*)<'
# What orders that were paid in the seller's own currency made payable, now or after their reserve.
BROUGHT = (
    "brought as (select a.code, sum(-e.amount) minor from ledger_account a join ledger_entry e on e.account_id = a.id"
    " join ledger_journal j on j.id = e.journal_id and j.kind in ('release', 'reserve_freed')"
    " join payments_paymentline l on l.ref = j.ref and l.component = 'goods'"
    " join payments_payment p on p.id = l.payment_id and p.state = 'captured' and p.currency = a.currency"
    " and p.processor <> 'balance' where a.code like 'seller:%' and exists (select 1 from payments_payout o"
    " where o.matched_minor > 0 and a.code = 'seller:' || o.seller_id || ':' || o.currency) group by a.code)"
)

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
        # The journals by themselves first: looked up one by one for each entry they take twice as long.
        " select a.code, -sum(e.amount) s from (select id from ledger_journal"
        " where kind in ('release', 'reserve_freed', 'contested', 'uncontested') offset 0) j"
        " join ledger_entry e on e.journal_id = j.id"
        " join ledger_account a on a.id = e.account_id and a.code like 'seller:%' group by 1) r"
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
        "F13", "S1", "Two people let a payout go: who approved it did not send or confirm it, nor did the seller.",
        "select id from payments_payout where paid_by_id in (approved_by_id, seller_id) or approved_by_id = seller_id"
        " or failed_by_id in (approved_by_id, seller_id)"
        " or (state in ('approved', 'sent', 'paid') and approved_by_id is null)"
        " or (state = 'paid' and paid_by_id is null and (sent_by_id is null or sent_by_id = approved_by_id))",
    ),
    Check(
        "F14", "S1", "A payout that left is in a bank file, was asked for at its processor, or has a transaction's id.",
        "select p.id from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
        " left join payments_bankfile f on f.id = p.file_id where p.state in ('sent', 'paid') and case m.kind"
        " when 'bank' then f.currency is distinct from p.currency"
        " when 'stripe' then p.state = 'paid' and p.bank_reference = ''"
        " or not exists (select 1 from payments_operation o where o.subject = p.id and o.kind = 'payout')"
        " else p.bank_reference = '' end",
    ),
    Check(
        "F15", "S1", "The bank account is never below zero, and holds what payouts by bank need that were approved.",
        f"with {NEEDED} select coalesce(p.code, b.code) from p full join b on b.code = p.code"
        " where coalesce(p.code, b.code) like 'clearing:bank:%' and (coalesce(b.s, 0) < p.s or b.s < 0)",
    ),
    Check(  # a chargeback, or a settlement, may take it after the approval: the processor then refuses the payout
        "F37", "S2", "Each other processor holds what payouts need that were approved to leave from it.",
        f"with {NEEDED} select p.code from p left join b on b.code = p.code"
        " where p.code not like 'clearing:bank:%' and coalesce(b.s, 0) < p.s",
    ),
    Check(
        "F30", "S1", "No payout was approved while its destination was new and rested.",
        "select p.id from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
        " where p.approved_at < m.usable_from",
    ),
    Check(
        "F31", "S1", "No destination escapes the rest: all but a seller's first method rest for 72 hours.",
        "select id from (select id, created_at, usable_from,"
        " row_number() over (partition by seller_id order by created_at, id) n from payments_payoutmethod) m"
        " where n > 1 and usable_from < created_at + interval '72 hours'",
    ),
    Check(
        "F33", "S1", "What spoke against a payout was cleared before its approval, by somebody else.",
        "select p.id from payments_payout p join payments_payoutdoubt d on d.payout_id = p.id"
        " where p.approved_at is not null and (d.cleared_at is null or d.cleared_at > p.approved_at"
        " or d.cleared_by_id in (p.approved_by_id, p.seller_id))",
    ),
    Check(
        "F35", "S1", "Every payout was screened before its approval, since there is screening.",
        "select p.id from payments_payout p where p.requested_at >= (select min(at) from payments_screening)"
        " and p.approved_at is not null and not exists (select 1 from payments_screening s"
        " where s.payout_id = p.id and s.at <= p.approved_at)",
    ),
    Check(
        "F36", "S1", "What the screening has something against is held for a person.",
        "select s.id::text from payments_screening s where s.hit and case when s.payout_id is not null"
        " then not exists (select 1 from payments_payoutdoubt d"
        " where d.payout_id = s.payout_id and d.kind = 'screening')"
        " else not exists (select 1 from payments_case c where c.kind = 'screened' and c.ref = s.refund_id::text) end",
    ),
    Check(
        "F34", "S2", "No payout that has to be asked for, and no reminder of a failed one, is late by a day.",
        "select id::text from payments_payoutplan where next_at < now() - interval '1 day'"
        " union all select id::text from payments_payout where remind_at < now() - interval '1 day'",
    ),
    Check(
        "F32", "S1", "What leaves for a payout to a bank is its amount, in its currency.",
        "select p.id from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
        " where m.kind = 'bank' and p.send_minor is not null"
        " and (p.send_currency, p.send_minor) <> (p.currency, p.amount_minor)",
    ),
    Check(  # both are in minor units; a claim of too much says that money is there which has to be exchanged first
        "F40", "S1", "Payouts say of no more money that it came in as their currency than sales paid in it brought.",
        f"with {BROUGHT} select p.seller_id || ':' || p.currency from payments_payout p"
        " left join brought b on b.code = 'seller:' || p.seller_id || ':' || p.currency"
        " where p.state not in ('failed', 'canceled') group by p.seller_id, p.currency, b.minor"
        " having sum(p.matched_minor) > coalesce(b.minor, 0)",
    ),
    Check(
        "F39", "S1", "A payout to a bank that has left is in one file, its own, once and with its amount.",
        "with told as (select f.id file_id, m[1]::uuid id, m[2] currency, replace(m[3], '.', '')::bigint minor"
        f" from payments_bankfile f, regexp_matches(f.xml, '{TOLD}', 'g') m)"
        " select coalesce(p.id, told.id)::text from (select * from payments_payout where file_id is not null) p"
        " full join told on (told.id, told.file_id, told.currency, told.minor)"
        " = (p.id, p.file_id, p.currency, p.amount_minor) where p.id is null or told.id is null"
        " union all select id::text from told group by id having count(*) > 1",
    ),
    Check(
        "F16", "S1", "A settlement is in the books with its amount.",
        "select coalesce(s.reference, j.key) from payments_settlement s full join (select j.key, sum(e.amount) s"
        f" from ledger_journal j {OF_FEW} join ledger_account a"
        " on a.id = e.account_id where j.kind = 'settlement' and a.code like 'clearing:bank:%' group by 1) j"
        " on j.key = 'settlement:' || s.processor || ':' || s.reference where s.amount_minor is distinct from j.s",
    ),
    Check(
        "F17", "S1", "An exchange fill is in the books with both of its amounts.",
        "select coalesce(f.reference, j.key) from payments_fill f full join (select j.key,"
        " sum(e.amount) filter (where e.amount > 0) bought, -sum(e.amount) filter (where e.amount < 0) sold"
        f" from ledger_journal j {OF_FEW} join ledger_account a on a.id = e.account_id"
        " where j.kind = 'fill' and a.code like 'clearing:%' group by 1) j on j.key = 'fill:' || f.reference"
        " where (f.bought_minor, f.sold_minor) is distinct from (j.bought, j.sold)",
    ),
)  # fmt: skip
