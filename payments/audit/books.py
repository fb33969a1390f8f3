"""The ledger itself: what its triggers refuse is looked for all the same."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "A01", "S1", "A journal balances in every currency.",
        "select j.key from (select journal_id from ledger_entry group by journal_id, currency having sum(amount) <> 0)"
        " e join ledger_journal j on j.id = e.journal_id",
    ),
    Check(
        "A02", "S2", "A journal has two entries or more.",
        "select j.key from ledger_journal j left join (select journal_id, count(*) n from ledger_entry group by 1) e"
        " on e.journal_id = j.id where coalesce(e.n, 0) < 2",
    ),
    Check(
        "A03", "S1", "An entry is in its account's currency.",
        "select a.code from ledger_entry e join ledger_account a on a.id = e.account_id where a.currency <> e.currency",
    ),
    Check(
        "A04", "S2", "No entry is zero.",
        "select j.key from ledger_entry e join ledger_journal j on j.id = e.journal_id where e.amount = 0",
    ),
    Check(
        "A05", "S1", "A kept balance is the sum of its entries.",
        "select a.code from ledger_account a"
        " left join (select account_id, sum(amount) s from ledger_entry group by 1) e on e.account_id = a.id"
        " left join (select account_id, sum(amount) s from ledger_balance group by 1) b on b.account_id = a.id"
        " where coalesce(e.s, 0) <> coalesce(b.s, 0)",
    ),
    Check(
        "A06", "S1", "A guarded account is on its right side now.",
        "select a.code from ledger_balance b join ledger_account a on a.id = b.account_id"
        " where a.guarded and b.amount * case when a.kind in ('asset', 'expense') then 1 else -1 end < 0",
    ),
    Check(
        "A07", "S1", "A guarded account was never on its wrong side.",
        # The sum runs against the normal side: above zero is wrong.
        "select a.code from (select account_id, max(run) worst from (select e.account_id, e.journal_id,"
        " sum(e.amount * case when a.kind in ('asset', 'expense') then -1 else 1 end)"
        " over (partition by e.account_id order by e.journal_id) run"
        " from ledger_entry e join ledger_account a on a.id = e.account_id where a.guarded) r group by 1) r"
        " join ledger_account a on a.id = r.account_id where r.worst > 0",
    ),
    Check(
        "A08", "S1", "A journal's key is used once.",
        "select key from ledger_journal group by key having count(*) > 1",
    ),
    Check(
        "A09", "S1", "A reversal takes back exactly what it reverses.",
        "select r.key from ledger_journal r left join ledger_journal o on r.key = o.key || ':reversed'"
        " where r.kind = 'reversal' and (o.id is null or exists (select 1 from ledger_entry e"
        " where e.journal_id in (o.id, r.id) group by e.account_id having sum(e.amount) <> 0))",
    ),
    Check(
        "A10", "S1", "The world's total is zero in every currency.",
        "select currency from ledger_entry group by currency having sum(amount) <> 0",
    ),
    Check(
        "A11", "S1", "An account is of the kind, and in the currency, that its code says.",
        "select code from ledger_account where kind <> case split_part(code, ':', 1)"
        " when 'clearing' then 'asset' when 'expense' then 'expense' when 'income' then 'income'"
        " when 'disputed' then 'asset' when 'fx' then 'trading'"
        " else case when code like 'seller:%:debt' then 'asset' else 'liability' end end"
        " or (code not like 'hold:%' and code !~ (':' || currency || '(:debt|:reserve|:contested)?$'))"
        " or guarded is distinct from (split_part(code, ':', 1) in ('hold', 'seller', 'buyer'))",
    ),
    Check(
        "A12", "S1", "A journal has the entries that it was posted with.",
        "select j.key from ledger_journal j join (select journal_id,"
        " md5(array_agg(account_id order by line)::text || array_agg(amount order by line)::text)::uuid f"
        " from ledger_entry group by 1) e on e.journal_id = j.id where e.f <> j.fingerprint",
    ),
)  # fmt: skip
