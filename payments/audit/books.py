"""The ledger itself: what its triggers refuse is looked for all the same."""

from __future__ import annotations

from marketplace.lib.audit import Check

# Journals beside their entries: how many (A02), and which (A12).
POSTED = (
    "select j.key, unnest(array_remove(array[case when coalesce(e.n, 0) < 2 then 'A02' end,"
    " case when e.f <> j.fingerprint then 'A12' end], null)) from ledger_journal j left join (select journal_id,"
    " count(*) n, md5('{' || string_agg(account_id::text, ',' order by line) || '}{'"
    " || string_agg(amount::text, ',' order by line) || '}')::uuid f"
    " from ledger_entry group by 1) e on e.journal_id = j.id where coalesce(e.n, 0) < 2 or e.f <> j.fingerprint"
)
# Each account's entries in one pass: their currency (A03), their sum (A05), and which side they were on (A07). The sum
# runs against the normal side: above zero is wrong. Where all that came is before all that went the end is the worst
# moment; only the accounts where it is tangled need a sum after every journal.
LIVED = (
    "with t as materialized (select * from (select a.code, e.account_id, e.currency <> a.currency a03,"
    " e.s <> coalesce(b.s, 0) a05, a.guarded and e.s * side.sign > 0 a07, side.sign, a.guarded and case side.sign"
    " when 1 then e.last_minus > e.first_plus else e.last_plus > e.first_minus end tangled from (select account_id,"
    " currency, sum(amount)::bigint s, max(journal_id) filter (where amount < 0) last_minus,"
    " min(journal_id) filter (where amount > 0) first_plus, max(journal_id) filter (where amount > 0) last_plus,"
    " min(journal_id) filter (where amount < 0) first_minus from ledger_entry group by 1, 2) e"
    " join ledger_account a on a.id = e.account_id cross join lateral"
    " (select case when a.kind in ('asset', 'expense') then -1 else 1 end sign) side"
    " left join (select account_id, sum(amount)::bigint s from ledger_balance group by 1) b"
    " on b.account_id = e.account_id) k where a03 or a05 or a07 or tangled)"
    " select code, unnest(array_remove(array[case when a03 then 'A03' end, case when a05 then 'A05' end,"
    " case when a07 then 'A07' end], null)) from t where a03 or a05 or a07"
    " union all select code, 'A07' from t cross join lateral (select max(run) worst from (select"
    " sum(amount * t.sign) over (order by journal_id) run from ledger_entry where account_id = t.account_id) r) w"
    " where tangled and not a07 and worst > 0"
    " union all select a.code, 'A05' from ledger_balance b join ledger_account a on a.id = b.account_id"
    " where b.amount <> 0 and not exists (select 1 from ledger_entry e where e.account_id = b.account_id)"
)

CHECKS = (
    Check(
        "A01", "S1", "A journal balances in every currency.",
        "select j.key from (select journal_id from ledger_entry group by journal_id, currency having sum(amount) <> 0)"
        " e join ledger_journal j on j.id = e.journal_id",
    ),
    Check("A02", "S2", "A journal has two entries or more.", POSTED),
    Check("A03", "S1", "An entry is in its account's currency.", LIVED),
    Check(
        "A04", "S2", "No entry is zero.",
        "select j.key from ledger_entry e join ledger_journal j on j.id = e.journal_id where e.amount = 0",
    ),
    Check("A05", "S1", "A kept balance is the sum of its entries.", LIVED),
    Check(
        "A06", "S1", "A guarded account is on its right side now.",
        "select a.code from ledger_balance b join ledger_account a on a.id = b.account_id"
        " where a.guarded and b.amount * case when a.kind in ('asset', 'expense') then 1 else -1 end < 0",
    ),
    Check("A07", "S1", "A guarded account was never on its wrong side.", LIVED),
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
