"""The ledger itself: what its triggers refuse is looked for all the same."""

from __future__ import annotations

from marketplace.lib.audit import Check

# The entries `e` of journals `j` that are few: by their index, where the planner would read every entry there is.
OF_FEW = "cross join lateral (select * from ledger_entry where journal_id = j.id offset 0) e"
# Journals beside their entries: how many (A02), and which (A12).
POSTED = (
    "select j.key, unnest(array_remove(array[case when coalesce(e.n, 0) < 2 then 'A02' end,"
    " case when e.f <> j.fingerprint then 'A12' end], null)) from ledger_journal j left join (select journal_id,"
    " count(*) n, md5('{' || string_agg(account_id::text, ',' order by line) || '}{'"
    " || string_agg(amount::text, ',' order by line) || '}')::uuid f"
    " from ledger_entry group by 1) e on e.journal_id = j.id where coalesce(e.n, 0) < 2 or e.f <> j.fingerprint"
)

CHECKS = (
    Check(
        "A01", "S1", "A journal balances in every currency.",
        "select j.key from (select journal_id from ledger_entry group by journal_id, currency having sum(amount) <> 0)"
        " e join ledger_journal j on j.id = e.journal_id",
    ),
    Check("A02", "S2", "A journal has two entries or more.", POSTED),
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
        # One sum over both, the balances turned round: nothing is left.
        "select a.code from (select account_id from (select account_id, amount from ledger_entry"
        " union all select account_id, -amount from ledger_balance) u group by 1 having sum(amount) <> 0) e"
        " join ledger_account a on a.id = e.account_id",
    ),
    Check(
        "A06", "S1", "A guarded account is on its right side now.",
        "select a.code from ledger_balance b join ledger_account a on a.id = b.account_id"
        " where a.guarded and b.amount * case when a.kind in ('asset', 'expense') then 1 else -1 end < 0",
    ),
    Check(
        "A07", "S1", "A guarded account was never on its wrong side.",
        # The sum runs against the normal side: above zero is wrong. Where all that came is before all that went, the
        # end is the worst moment; only the other accounts need a sum after every journal.
        "with g as materialized (select e.account_id, e.journal_id, case when a.kind in ('asset', 'expense')"
        " then -e.amount else e.amount end went from ledger_entry e join ledger_account a on a.id = e.account_id"
        " where a.guarded), t as (select account_id, sum(went) at_end, coalesce(max(journal_id) filter (where went < 0)"
        " < min(journal_id) filter (where went > 0), false) simple from g group by 1)"
        " select a.code from ledger_account a join (select account_id from t where simple and at_end > 0 union"
        " select account_id from (select g.account_id, sum(g.went) over (partition by g.account_id"
        " order by g.journal_id) run from g join t on t.account_id = g.account_id where not t.simple) r where run > 0"
        " ) w on w.account_id = a.id",
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
        # By the balances: A03 and A05 hold them against the entries.
        "select a.currency from ledger_balance b join ledger_account a on a.id = b.account_id"
        " group by 1 having sum(b.amount) <> 0",
    ),
    Check(
        "A11", "S1", "An account is of the kind, and in the currency, that its code says.",
        "select code from ledger_account where kind <> case split_part(code, ':', 1)"
        " when 'clearing' then 'asset' when 'expense' then 'expense' when 'income' then 'income'"
        " when 'disputed' then 'asset' when 'fx' then 'trading' when 'drawn' then 'equity'"
        " else case when code like 'seller:%:debt' then 'asset' else 'liability' end end"
        " or (code not like 'hold:%' and code !~ (':' || currency || '(:debt|:reserve|:contested)?$'))"
        " or guarded is distinct from (split_part(code, ':', 1) in ('hold', 'seller', 'buyer'))",
    ),
    Check("A12", "S1", "A journal has the entries that it was posted with.", POSTED),
)  # fmt: skip
