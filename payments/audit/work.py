"""Work that waits, webhooks and coins: nothing is stuck, nothing counts twice."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "G01", "S1", "A webhook is kept once.",
        "select event_id from payments_inboxevent group by processor, event_id having count(*) > 1",
    ),
    Check(
        "G05", "S2", "No webhook waits longer than ten minutes.",
        "select event_id from payments_inboxevent where processed_at is null and dead_at is null"
        " and received_at < now() - interval '10 minutes'",
    ),
    Check(
        "G06", "S1", "An output on a chain is kept once.",
        "select r.txid from payments_chainreceipt r join payments_chainaddress a on a.id = r.address_id"
        " group by a.chain, r.txid, r.vout having count(*) > 1",
    ),
    Check(
        "G07", "S1", "A captured coin payment rests on confirmed outputs, or a case is open.",
        "select p.id from payments_payment p join payments_chainaddress a on a.payment_id = p.id"
        " left join payments_chainreceipt r on r.address_id = a.id and r.state = 'final'"
        " where p.state = 'captured' group by p.id having coalesce(sum(r.amount_minor), 0) < p.received_minor"
        " and not exists (select 1 from payments_case c where c.kind = 'reversed' and c.ref = p.processor_ref)",
    ),
    Check(
        "G08", "S2", "No operation waits longer than ten minutes past its time.",
        "select key from payments_operation where state in ('ready', 'running', 'unknown')"
        " and run_at < now() - interval '10 minutes'",
    ),
    Check(
        "G11", "S2", "A refund that does not go by itself has an operation or a case.",
        "select r.id from payments_refund r where (r.state = 'failed'"
        " or (r.state = 'sent' and r.created_at < now() - interval '30 days') or (r.state = 'requested'"
        " and r.id not in (select subject from payments_operation where state in ('ready', 'running', 'unknown'))))"
        " and not exists (select 1 from payments_case c where c.ref = 'refund ' || r.id)"
        " and not exists (select 1 from payments_case c where c.ref = 'refund:' || r.id || ':' || r.attempt)",
    ),
    Check(
        "G12", "S2", "Money out of time is on its way back.",
        "select p.id from payments_payment p left join payments_refund r on r.payment_id = p.id"
        " where p.state in ('late', 'underpaid', 'returning', 'returned')"
        " group by p.id having coalesce(sum(r.amount_minor), 0) < p.received_minor",
    ),
    Check(
        "G13", "S1", "A receipt counts no more than its chain says was sent.",
        "select txid from payments_chainreceipt where claimed_minor <= 0"
        " or amount_minor not between 0 and claimed_minor",
    ),
    Check(
        "G14", "S1", "An address is its payment's reference, on a chain of its coin.",
        "select a.address from payments_chainaddress a join payments_payment p on p.id = a.payment_id"
        " where p.processor_ref not in ('', a.address) or a.chain not like"
        " case p.currency when 'BTC' then 'bitcoin:%' when 'USDC' then 'eip155:%' else '' end",
    ),
    Check(
        "H04", "S2", "Nothing is in doubt for longer than an hour without a case.",
        "select o.key from payments_operation o where o.state in ('unknown', 'dead')"
        " and o.created_at < now() - interval '1 hour'"
        " and not exists (select 1 from payments_case c where c.ref = o.key)",
    ),
)  # fmt: skip
