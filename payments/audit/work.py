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
        "G15", "S1", "No output of ours is in two transactions that may both be mined.",
        "select txid from payments_coininput where live group by chain, txid, vout having count(*) > 1",
    ),
    Check(
        "G16", "S1", "A transaction in coin pays each refund what leaves for it, where its buyer said.",
        "select o.id::text from payments_coinoutput o join payments_coinsending s on s.id = o.sending_id"
        " join payments_refund r on r.id = o.refund_id where o.live and s.state in ('sent', 'final')"
        " and (r.state not in ('sent', 'succeeded', 'failed') or r.destination <> o.destination"
        " or split_part(r.processor_ref, ':', 1) <> s.txid"
        " or coalesce(r.sends_minor, r.amount_minor) <> o.amount_minor)",
    ),
    Check(
        "G17", "S1", "What a transaction in coin spends is what it pays, its change and its fee.",
        "select s.txid from payments_coinsending s where s.fee_minor + s.change_minor"
        " + (select coalesce(sum(amount_minor), 0) from payments_coinoutput o where o.sending_id = s.id)"
        " <> (select coalesce(sum(amount_minor), 0) from payments_coininput i where i.sending_id = s.id)",
    ),
    Check(
        "G18", "S1", "The network's fee of a final transaction is in the books once, and of no other.",
        "select coalesce(s.txid, l.ref) from (select * from payments_coinsending where state = 'final'"
        " and fee_minor > 0) s full join (select j.ref, sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind = 'network_fee' and a.code like 'expense:%' group by 1) l on l.ref = s.id::text"
        " where s.fee_minor is distinct from l.s",
    ),
    Check(
        "H04", "S2", "Nothing is in doubt for longer than an hour without a case.",
        "select o.key from payments_operation o where o.state in ('unknown', 'dead')"
        " and o.created_at < now() - interval '1 hour'"
        " and not exists (select 1 from payments_case c where c.ref = o.key)",
    ),
)  # fmt: skip
