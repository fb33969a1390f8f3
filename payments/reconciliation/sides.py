"""What each side has, by reference: the processor's lines, and our entries on its clearing accounts.

Two rails have a far end that writes into our ledger too: a sales balance, and the bank of the rail `transfer`. What
those write is their side, though it is on the same account: ours is what payments and refunds count of it.
"""

from __future__ import annotations

from django.db import connection

from payments.reconciliation.matching import Key, Side

THEIRS = """
select ref, currency, sum(amount_minor - fee_minor)::bigint, min(at) from payments_statementline
where processor = %s group by 1, 2 having sum(amount_minor - fee_minor) <> 0"""
# A journal is about its payment, refund, settlement or difference; one that is about nothing else stands for itself.
OURS = """
select
 coalesce(nullif(p.processor_ref, ''), case when a.code like 'clearing:transfer:%%' then r.id::text
 else nullif(r.processor_ref, '') end, s.reference, i.ref, c.processor_ref,
 nullif(o.bank_reference, ''), l.ref, j.key) ref,
 e.currency, sum(e.amount)::bigint, min(coalesce(l.at, j.occurred_at))
from ledger_entry e join ledger_account a on a.id = e.account_id join ledger_journal j on j.id = e.journal_id
left join payments_payment p on j.kind in ('capture', 'more', 'suspense', 'fee')
 and p.id::text = split_part(j.key, ':', 2)
left join payments_refund r on j.key like 'refund:%%' and r.id::text = split_part(j.key, ':', 2)
left join payments_settlement s on j.kind = 'settlement' and j.key = 'settlement:' || s.processor || ':' || s.reference
left join payments_reconitem i on j.key = 'recon:' || i.id
left join payments_chargeback c on j.key like 'chargeback:%%' and c.id::text = split_part(j.key, ':', 2)
left join payments_payout o on j.kind in ('payout_paid', 'payout_returned') and o.id::text = split_part(j.key, ':', 2)
left join payments_statementline l on j.kind in ('converted', 'statement_fee') and j.key = 'line:' || l.id
where a.code like %s and j.kind not in ('bank_payin', 'balance_paid', 'balance_back')
group by 1, 2 having sum(e.amount) <> 0"""
# Where there are statements; each line has its journal, and what came before the first one is its opening balance.
BANK = """
select case when l.id is not null then 'bankline:' || l.message_id || ':' || l.number
 when j.kind = 'bank_opening' or j.id <= f.books_upto then 'opening:' || e.currency
 else regexp_replace(j.key, ':back$', '') end ref,
 e.currency, sum(e.amount)::bigint, min(j.occurred_at)
from ledger_entry e join ledger_account a on a.id = e.account_id join ledger_journal j on j.id = e.journal_id
join payments_bankstatement f on f.currency = e.currency and f.books_upto is not null
left join payments_bankline l on l.journal = j.id and l.currency = e.currency
where a.code like %s group by 1, 2 having sum(e.amount) <> 0"""
BALANCE = """
select a.currency, sum(b.amount)::bigint from ledger_account a join ledger_balance b on b.account_id = a.id
where a.code like %s and (a.code not like 'clearing:bank:%%' or exists (select 1 from payments_bankstatement f
where f.currency = a.currency)) group by 1"""
SUM = "select currency, sum(minor)::bigint from o where %s <> '' group by 1"
THROUGH = {"transfer", "balance"}  # where a clearing account holds both sides
UNKNOWN = """
select currency, sum(abs(amount_minor))::bigint from payments_bankline
where meaning = 'unknown' and statement_id is not null group by 1"""


def theirs(processor: str) -> dict[Key, Side]:
    return _sides(THEIRS, processor)


def ours(processor: str) -> dict[Key, Side]:
    return _sides(_sql(processor), f"clearing:{processor}:%")


def books(processor: str) -> tuple[dict[Key, Side], dict[str, int]]:
    """Our side, and the balances of the processor's clearing accounts by currency: of the same moment, though journals
    are posted meanwhile, because it is one statement."""
    with connection.cursor() as cursor:
        whole = SUM if processor in THROUGH else BALANCE
        both = f"with o(ref, currency, minor, since) as ({_sql(processor)}) select * from o"  # noqa: S608  constants
        cursor.execute(
            f"{both} union all select null, b.*, null from ({whole}) b",  # noqa: S608  constants
            [f"clearing:{processor}:%"] * 2,
        )
        rows = cursor.fetchall()
    balances = {currency: int(minor) for ref, currency, minor, _since in rows if ref is None}
    return {(ref, ccy): Side(int(minor), since) for ref, ccy, minor, since in rows if ref is not None}, balances


def unexplained(processor: str) -> dict[str, int]:
    """Money that both sides have and nobody can explain, by currency: the bank's lines that wait in suspense."""
    if processor != "bank":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN)
        return {currency: int(minor) for currency, minor in cursor.fetchall()}


def _sql(processor: str) -> str:
    return BANK if processor == "bank" else OURS


def _sides(sql: str, parameter: str) -> dict[Key, Side]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [parameter])
        return {(ref, currency): Side(int(minor), since) for ref, currency, minor, since in cursor.fetchall()}
