"""The platform's bank as it says itself: its statements against the books."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "F50", "S1", "The bank account is the last statement's closing balance plus what is on no statement yet.",
        "with first as (select currency, books_upto from payments_bankstatement where books_upto is not null),"
        " last as (select distinct on (currency) currency, closing_minor from payments_bankstatement"
        " order by currency, id desc),"
        " booked as (select a.currency, sum(b.amount) s from ledger_account a join ledger_balance b"
        " on b.account_id = a.id where a.code like 'clearing:bank:%' group by 1),"
        " later as (select e.currency, sum(e.amount) s from first f"
        " join ledger_account a on a.code = 'clearing:bank:' || f.currency"
        " join ledger_entry e on e.account_id = a.id and e.journal_id > f.books_upto"
        " join ledger_journal j on j.id = e.journal_id"
        " where j.kind not in ('bank_opening', 'bank_line', 'bank_line_back')"
        " and not exists (select 1 from payments_bankline l where l.journal = j.id and l.currency = e.currency)"
        " group by 1) select last.currency from last left join booked b using (currency) left join later"
        " using (currency) where coalesce(b.s, 0) - coalesce(later.s, 0) <> last.closing_minor",
    ),
    Check(
        "F51", "S1", "Each line of a statement is in the books with its amount.",
        "select l.id::text from payments_bankline l left join (select l.id, sum(e.amount) s from payments_bankline l"
        " join ledger_entry e on e.journal_id = l.journal join ledger_account a on a.id = e.account_id"
        " and a.code = 'clearing:bank:' || l.currency group by 1) b on b.id = l.id"
        " where l.statement_id is not null and l.amount_minor is distinct from b.s",
    ),
    Check(
        "F52", "S1", "Statements follow each other without a gap, and their lines lead from one balance to the next.",
        "select s.id::text from (select s.*, lag(closing_minor) over (partition by currency order by id) before"
        " from payments_bankstatement s) s left join (select statement_id, sum(amount_minor) s from payments_bankline"
        " group by 1) l on l.statement_id = s.id where s.opening_minor + coalesce(l.s, 0) <> s.closing_minor"
        " or s.before <> s.opening_minor",
    ),
    Check(
        "F53", "S1", "What a statement shows and nothing explains waits for a person.",
        "select l.id::text from payments_bankline l where l.meaning = 'unknown' and not exists ("
        "select 1 from payments_case c where c.kind = 'bank_line' and c.ref = 'line:' || l.id)",
    ),
    Check(
        "F54", "S1", "Who approved a payout did not upload the file of the bank that ended it.",
        "select l.id::text from payments_bankline l join payments_payout p on p.id = l.payout_id"
        " join payments_bankmessage m on m.id = l.message_id where l.explained_by_id is null"
        " and m.uploaded_by_id = p.approved_by_id"
        " and (l.meaning = 'returned' or l.meaning = 'paid' and p.paid_by_id = m.uploaded_by_id)",
    ),
    Check(
        "F55", "S2", "What was booked at the bank shows on a statement within ten days, where there are statements.",
        "select j.key from payments_bankstatement f join ledger_account a on a.code = 'clearing:bank:' || f.currency"
        " join ledger_entry e on e.account_id = a.id and e.journal_id > f.books_upto"
        " join ledger_journal j on j.id = e.journal_id"
        " where f.books_upto is not null and j.occurred_at < now() - interval '10 days'"
        " and j.kind not in ('bank_opening', 'bank_line', 'bank_line_back')"
        " and not exists (select 1 from payments_bankline l where l.journal = j.id and l.currency = e.currency)",
    ),
)  # fmt: skip
