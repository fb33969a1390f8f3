"""What each side has, by reference: the processor's lines, and our entries on its clearing accounts."""

from __future__ import annotations

from django.db import connection

from payments.reconciliation.matching import Key, Side

THEIRS = """
select ref, currency, sum(amount_minor - fee_minor)::bigint, min(at) from payments_statementline
where processor = %s group by 1, 2 having sum(amount_minor - fee_minor) <> 0"""
# A journal is about its payment, refund, settlement or difference; one that is about nothing else stands for itself.
OURS = """
select
 coalesce(nullif(p.processor_ref, ''), nullif(r.processor_ref, ''), s.reference, i.ref, c.processor_ref,
 nullif(o.bank_reference, ''), l.ref, j.key) ref,
 e.currency, sum(e.amount)::bigint, min(j.occurred_at)
from ledger_entry e join ledger_account a on a.id = e.account_id join ledger_journal j on j.id = e.journal_id
left join payments_payment p on j.kind in ('capture', 'more', 'suspense', 'fee')
 and p.id::text = split_part(j.key, ':', 2)
left join payments_refund r on j.key like 'refund:%%' and r.id::text = split_part(j.key, ':', 2)
left join payments_settlement s on j.kind = 'settlement' and j.key = 'settlement:' || s.processor || ':' || s.reference
left join payments_reconitem i on j.key = 'recon:' || i.id
left join payments_chargeback c on j.key like 'chargeback:%%' and c.id::text = split_part(j.key, ':', 2)
left join payments_payout o on j.kind in ('payout_paid', 'payout_returned') and o.id::text = split_part(j.key, ':', 2)
left join payments_statementline l on j.kind in ('converted', 'statement_fee') and j.key = 'line:' || l.id
where a.code like %s group by 1, 2 having sum(e.amount) <> 0"""
BALANCE = """
select a.currency, sum(b.amount)::bigint from ledger_account a join ledger_balance b on b.account_id = a.id
where a.code like %s group by 1"""
BOTH = f"with o as ({OURS}) select * from o union all select null, b.*, null from ({BALANCE}) b"  # noqa: S608  constants


def theirs(processor: str) -> dict[Key, Side]:
    return _sides(THEIRS, processor)


def ours(processor: str) -> dict[Key, Side]:
    return _sides(OURS, f"clearing:{processor}:%")


def books(processor: str) -> tuple[dict[Key, Side], dict[str, int]]:
    """Our side, and the balances of the processor's clearing accounts by currency: of the same moment, though journals
    are posted meanwhile, because it is one statement."""
    with connection.cursor() as cursor:
        cursor.execute(BOTH, [f"clearing:{processor}:%"] * 2)
        rows = cursor.fetchall()
    balances = {currency: int(minor) for ref, currency, minor, _since in rows if ref is None}
    return {(ref, ccy): Side(int(minor), since) for ref, ccy, minor, since in rows if ref is not None}, balances


def _sides(sql: str, parameter: str) -> dict[Key, Side]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [parameter])
        return {(ref, currency): Side(int(minor), since) for ref, currency, minor, since in cursor.fetchall()}
