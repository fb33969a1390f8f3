"""Invariants of the books, payments, refunds, work and coins. Ids follow docs/audit.md."""

from __future__ import annotations

from marketplace.lib.audit import Check, Waiting
from payments.chain.invoice import TOLERANCE_BPS, TOLERANCE_SAT

LEDGER = (
    Check(
        "A01", "S1", "A journal balances in every currency.",
        "select journal_id from ledger_entry group by journal_id, currency having sum(amount) <> 0",
    ),
    Check(
        "A02", "S2", "A journal has two entries or more.",
        "select j.key from ledger_journal j left join ledger_entry e on e.journal_id = j.id"
        " group by j.id having count(e.line) < 2",
    ),
    Check(
        "A03", "S1", "An entry is in its account's currency.",
        "select e.journal_id from ledger_entry e join ledger_account a on a.id = e.account_id"
        " where a.currency <> e.currency",
    ),
    Check("A04", "S2", "No entry is zero.", "select journal_id from ledger_entry where amount = 0"),
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
        " where a.guarded and b.amount * b.sign < 0",
    ),
    Check(
        "A07", "S1", "A guarded account was never on its wrong side.",
        "select distinct code from (select a.code, sum(e.amount) over (partition by a.id order by e.journal_id)"
        " * case when a.kind in ('asset', 'expense') then 1 else -1 end as run"
        " from ledger_entry e join ledger_account a on a.id = e.account_id where a.guarded) r where run < 0",
    ),
    Check(
        "A08", "S1", "A journal's key is used once.",
        "select key from ledger_journal group by key having count(*) > 1",
    ),
    Check(
        "A09", "S1", "A reversal takes back exactly what it reverses.",
        "select o.key from ledger_journal r join ledger_journal o on r.key = o.key || ':reversed'"
        " join ledger_entry e on e.journal_id in (o.id, r.id)"
        " group by o.key, e.account_id having sum(e.amount) <> 0",
    ),
    Check(
        "A10", "S1", "The world's total is zero in every currency.",
        "select currency from ledger_entry group by currency having sum(amount) <> 0",
    ),
)  # fmt: skip

PAYMENTS = (
    Check(
        "B01", "S1", "At most one payment is captured for a checkout.",
        "select ref from payments_payment where state = 'captured' group by ref having count(*) > 1",
    ),
    Check(
        "B02", "S1", "A captured payment received its amount; a coin may miss its tolerance.",
        "select id from payments_payment where state = 'captured' and received_minor < amount_minor -"  # noqa: S608
        " case when currency in ('BTC', 'USDC')"
        f" then greatest(amount_minor * {TOLERANCE_BPS} / 10000, {TOLERANCE_SAT}) else 0 end",
    ),
    Check(
        "B03", "S1", "What a payment received is what the books took in for it.",
        "select p.id from payments_payment p left join ("
        " select split_part(j.key, ':', 2) id, sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind in ('capture', 'more', 'suspense') and a.code like 'clearing:%' group by 1) l"
        " on l.id = p.id::text where p.state in ('captured', 'late', 'underpaid', 'returning', 'returned')"
        " and p.received_minor <> coalesce(l.s, 0)",
    ),
    Check(
        "B04", "S1", "A processor's reference belongs to one payment.",
        "select processor_ref from payments_payment where processor_ref <> ''"
        " group by processor, processor_ref having count(*) > 1",
    ),
    Check(
        "B05", "S1", "A captured payment has its capture in the books, another has none.",
        "select coalesce(p.id::text, j.key) from payments_payment p"
        " full join (select * from ledger_journal where kind = 'capture') j on j.key = 'capture:' || p.id"
        " where (p.state = 'captured') is distinct from (j.id is not null)",
    ),
    Check(
        "B09", "S1", "A capture credits what each line of the payment says.",
        "select l.payment_id from (select payment_id, account, sum(target_minor) s from payments_paymentline"
        " group by 1, 2) l join payments_payment p on p.id = l.payment_id and p.state = 'captured'"
        " left join (select j.key, a.code, -sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id group by 1, 2) b"
        " on b.key = 'capture:' || p.id and b.code = l.account where l.s <> coalesce(b.s, 0)",
    ),
    Check(
        "C04", "S1", "A payment asks for what its quote says, and its quote was used.",
        "select p.id from payments_payment p join fx_quote q on q.id = p.quote_id"
        " where p.amount_minor <> q.pay_minor or p.currency <> q.pay_currency or q.used_at is null",
    ),
    Check(
        "C05", "S1", "A payment's lines sum to its amount.",
        "select p.id from payments_payment p join payments_paymentline l on l.payment_id = p.id"
        " group by p.id having sum(l.pay_minor) <> p.amount_minor",
    ),
    Check(
        "E01", "S1", "Refunds that did not fail never exceed what was received.",
        "select p.id from payments_payment p join payments_refund r on r.payment_id = p.id and r.state <> 'failed'"
        " group by p.id having sum(r.amount_minor) > p.received_minor",
    ),
    Check(
        "E02", "S1", "A refund is in the payment's currency and more than nothing.",
        "select r.id from payments_refund r join payments_payment p on p.id = r.payment_id"
        " where r.currency <> p.currency or r.amount_minor <= 0",
    ),
    Check(
        "E03", "S1", "A refund that was sent is in the books once, with its amount; another is not.",
        "select r.id from payments_refund r left join ("
        " select split_part(j.key, ':', 2) id, -sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.key like 'refund:%' and a.code like 'clearing:%' group by 1) l on l.id = r.id::text"
        " where coalesce(l.s, 0) <> case when r.state in ('sent', 'succeeded') then r.amount_minor else 0 end",
    ),
    Check(
        "E04", "S1", "A processor's reference belongs to one refund.",
        "select r.processor_ref from payments_refund r join payments_payment p on p.id = r.payment_id"
        " where r.processor_ref <> '' group by p.processor, r.processor_ref having count(*) > 1",
    ),
)  # fmt: skip

WORK = (
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
        "G08", "S2", "No operation waits longer than ten minutes past its time.",
        "select key from payments_operation where state in ('ready', 'running', 'unknown')"
        " and run_at < now() - interval '10 minutes'",
    ),
    Check(
        "H04", "S2", "No operation is in doubt for longer than an hour without a case.",
        "select o.key from payments_operation o where o.state in ('unknown', 'dead')"
        " and o.created_at < now() - interval '1 hour'"
        " and not exists (select 1 from payments_case c where c.closed_at is null"
        " and c.ref = o.key)",
    ),
    Check(
        "G06", "S1", "An output on a chain is kept once.",
        "select txid from payments_chainreceipt group by txid, vout having count(*) > 1",
    ),
    Check(
        "G07", "S1", "A captured coin payment rests on confirmed outputs, or a case is open.",
        "select p.id from payments_payment p join payments_chainaddress a on a.payment_id = p.id"
        " left join payments_chainreceipt r on r.address_id = a.id and r.state = 'final'"
        " where p.state = 'captured' group by p.id having coalesce(sum(r.amount_minor), 0) < p.received_minor"
        " and not exists (select 1 from payments_case c where c.kind = 'reversed' and c.ref = p.processor_ref)",
    ),
)  # fmt: skip

PAYOUTS = (
    Check(
        "F09", "S1", "A payout goes to its seller's own method, in its currency.",
        "select p.id from payments_payout p join payments_payoutmethod m on m.id = p.method_id"
        " where m.seller_id <> p.seller_id or m.currency <> p.currency or p.amount_minor <= 0",
    ),
    Check(
        "F10", "S1", "Payouts under way are what the books say is under way.",
        "select coalesce(p.currency, b.currency) from (select currency, sum(amount_minor) s from payments_payout"
        " where state in ('requested', 'approved', 'sent') group by 1) p full join ("
        " select a.currency, -sum(b.amount) s from ledger_balance b join ledger_account a on a.id = b.account_id"
        " where a.code like 'payouts:%' group by 1) b on b.currency = p.currency"
        " where coalesce(p.s, 0) <> coalesce(b.s, 0)",
    ),
    Check(
        "F12", "S1", "A bank's reference belongs to one payout.",
        "select bank_reference from payments_payout where bank_reference <> '' group by 1 having count(*) > 1",
    ),
    Check(
        "F13", "S1", "Who approved a payout did not mark it paid.",
        "select id from payments_payout where paid_by_id = approved_by_id or (state = 'paid' and paid_by_id is null)",
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return LEDGER + PAYMENTS + WORK + PAYOUTS


WAITING = (
    Waiting(
        "F05",
        "A hold is settled at most once.",
        "There are no settlement batches: each order is released by itself (F02).",
    ),
    Waiting("F06", "A settlement adds up.", "Comes with payout statements."),
    Waiting("F07", "A settlement never mixes sellers or currencies.", "Comes with payout statements."),
    Waiting("F08", "At most one live payout per settlement.", "Comes with payout statements; F10 holds the sum."),
    Waiting(
        "F11", "A seller was never paid more than earned.", "Follows from A06 and A07: the payable account is guarded."
    ),
    Waiting(
        "G02",
        "An event produced at most one journal.",
        "Journals have keys of their own (A08); events only say where to look.",
    ),
    Waiting("G03", "No effect of an unsigned event.", "Unsigned events are never stored; a test posts them."),
    Waiting("G04", "An applied event has its effect.", "Events are followed by a fetch; B03 and B05 hold the effect."),
    Waiting("X01-X03", "The processor's own records agree.", "Comes with reconciliation."),
)
