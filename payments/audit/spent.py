"""Sales balances: what was taken paid for something, what came back is back, and nobody spent more than they had."""

from __future__ import annotations

from marketplace.lib.audit import OF_FEW, Check

MOVED = (
    "(select j.id, j.key, j.kind, j.ref, a.id account_id, a.code, e.amount from ledger_journal j"
    " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
    " where j.kind in ('balance_paid', 'balance_back') and a.code like 'seller:%')"
)
CHECKS = (
    Check(
        "V01", "S1", "What a sales balance paid was taken from its payer once, and only for what was received.",
        "select p.id from payments_payment p left join (select ref, min(code) code, sum(amount) s, count(*) n"
        f" from {MOVED} m where kind = 'balance_paid' group by 1) t on t.ref = p.id::text"
        " where p.processor = 'balance' and (t.ref is not null and (t.n <> 1 or t.s <> p.amount_minor"
        " or t.code is distinct from 'seller:' || p.user_id || ':' || p.currency)"
        " or p.state in ('captured', 'late', 'underpaid', 'returning', 'returned') and t.ref is null"
        " or p.state in ('failed', 'canceled', 'expired') and t.ref is not null)",
    ),
    Check(
        "V02", "S1", "A refund of what a sales balance paid is back on it, once.",
        "select r.id from payments_refund r join payments_payment p on p.id = r.payment_id left join (select key,"
        f" min(code) code, -sum(amount) s from {MOVED} m where kind = 'balance_back' group by 1) b"
        " on b.key = 'balance:refund:' || r.id || ':' || r.attempt where p.processor = 'balance'"
        " and (r.state = 'succeeded' and b.key is null or b.key is not null and (b.s <> r.amount_minor"
        " or b.code is distinct from 'seller:' || p.user_id || ':' || p.currency))",
    ),
    Check(
        "V03", "S1", "No sales balance paid more than was there at that time, after what its owner owed.",
        # Running sums of the accounts that ever paid so, and of their owners' debts, up to each such journal.
        "with paid as (select j.id, j.key, e.account_id, a.code from ledger_journal j"
        f" {OF_FEW} join ledger_account a on a.id = e.account_id"
        " where j.kind = 'balance_paid' and a.code like 'seller:%'),"
        " owed as (select d.id, p.account_id from (select distinct account_id, code from paid) p"
        " join ledger_account d on d.code = p.code || ':debt'),"
        " run as (select payer, journal_id, sum(s) over (partition by payer order by journal_id) s from ("
        " select t.payer, e.journal_id, sum(e.amount) s from ledger_entry e join ("
        " select account_id id, account_id payer from paid union select id, account_id from owed) t"
        " on t.id = e.account_id group by 1, 2) u)"
        " select p.key from paid p join run r on r.payer = p.account_id and r.journal_id = p.id where r.s > 0",
    ),
    Check(
        "V04", "S1", "Nothing stays between a sales balance and the orders: clearing is only what is under way.",
        "select coalesce(c.currency, w.currency) from (select e.currency, sum(e.amount) s from ledger_entry e"
        " join ledger_account a on a.id = e.account_id where a.code like 'clearing:balance:%' group by 1) c full join"
        " (select currency, sum(minor) s from (select p.currency, -p.amount_minor minor from payments_payment p"
        " where p.processor = 'balance' and p.state in ('created', 'pending') and exists"
        " (select 1 from ledger_journal where kind = 'balance_paid' and ref = p.id::text)"
        " union all select r.currency, -r.amount_minor from payments_refund r"
        " join payments_payment p on p.id = r.payment_id where p.processor = 'balance' and r.state = 'sent'"
        " and not exists (select 1 from ledger_journal where key = 'balance:refund:' || r.id || ':' || r.attempt)"
        " ) u group by 1) w on w.currency = c.currency where coalesce(c.s, 0) <> coalesce(w.s, 0)",
    ),
)  # fmt: skip
