"""Payments and refunds: what rows say is what the books say, and what was quoted is what was asked."""

from __future__ import annotations

from marketplace.lib.audit import Check
from payments.chain.invoice import TOLERANCE_BPS, TOLERANCE_SAT

CHECKS = (
    Check(
        "B01", "S1", "At most one payment is captured for a checkout.",
        "select ref from payments_payment where state = 'captured' group by ref having count(*) > 1",
    ),
    Check(
        "B02", "S1", "A captured payment received its amount; a coin may miss its tolerance.",
        "select id from payments_payment where state = 'captured' and received_minor < amount_minor -"
        " case when currency in ('BTC', 'USDC')"
        " then greatest(amount_minor * %(bps)s / 10000, %(least)s) else 0 end",
        {"bps": TOLERANCE_BPS, "least": TOLERANCE_SAT},
    ),
    Check(
        "B03", "S1", "What a payment received is what the books took in for it; nothing while it is open.",
        "select p.id from payments_payment p left join ("
        " select split_part(j.key, ':', 2) id, sum(e.amount) s from ledger_journal j"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where j.kind in ('capture', 'more', 'suspense') and a.code like 'clearing:%' group by 1) l"
        " on l.id = p.id::text where coalesce(l.s, 0) <> case"
        " when p.state in ('captured', 'late', 'underpaid', 'returning', 'returned') then p.received_minor else 0 end",
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
        " where coalesce(p.state = 'captured', false) is distinct from (j.id is not null)",
    ),
    Check(
        "B09", "S1", "A capture credits what each line of the payment says.",
        "select l.payment_id from (select payment_id, account, sum(target_minor) s from payments_paymentline"
        " group by 1, 2) l join payments_payment p on p.id = l.payment_id and p.state = 'captured'"
        " left join ledger_journal j on j.key = 'capture:' || p.id left join ledger_account a on a.code = l.account"
        " left join ledger_entry e on e.journal_id = j.id and e.account_id = a.id"
        " group by l.payment_id, l.account, l.s having l.s <> coalesce(-sum(e.amount), 0)",
    ),
    Check(
        "B10", "S1", "A capture touches its lines' accounts, the processor and the position, nothing else.",
        "select j.key from ledger_journal j join ledger_entry e on e.journal_id = j.id"
        " join ledger_account a on a.id = e.account_id where j.kind = 'capture'"
        " and split_part(a.code, ':', 1) not in ('clearing', 'fx', 'buyer', 'suspense')"
        " and a.code not like '%:rounding:%' and not exists (select 1 from payments_paymentline l"
        " where 'capture:' || l.payment_id = j.key and l.account = a.code)",
    ),
    Check(
        "B11", "S1", "Goods and shipping go to their order's hold; tax and duty never do.",
        "select payment_id from payments_paymentline where case component"
        " when 'tax' then account not like 'tax:%' when 'duty' then account not like 'duty:%'"
        " else account <> 'hold:' || ref end",
    ),
    Check(
        "B12", "S1", "A payment's lines are its quote's lines.",
        "select coalesce(p.payment_id::text, q.quote_id::text) from (select l.*, y.quote_id from payments_paymentline l"
        " join payments_payment y on y.id = l.payment_id) p full join (select l.* from fx_quoteline l"
        " join payments_payment y on y.quote_id = l.quote_id) q"
        " on q.quote_id = p.quote_id and q.ref = p.ref and q.component = p.component"
        " where (p.target_currency, p.target_minor, p.pay_minor)"
        " is distinct from (q.target_currency, q.target_minor, q.pay_minor)",
    ),
    Check(
        "C04", "S1", "A payment asks for what its quote says, and its quote was used.",
        "select p.id from payments_payment p join fx_quote q on q.id = p.quote_id"
        " where p.amount_minor <> q.pay_minor or p.currency <> q.pay_currency or q.used_at is null",
    ),
    Check(
        "C05", "S1", "A payment's lines sum to its amount.",
        "select p.id from payments_payment p left join (select payment_id, sum(pay_minor) s from payments_paymentline"
        " group by 1) l on l.payment_id = p.id where l.s is distinct from p.amount_minor",
    ),
    Check(
        "C10", "S1", "A quote that was used has its one payment.",
        "select q.id from fx_quote q left join payments_payment p on p.quote_id = q.id"
        " where q.used_at is not null group by q.id having count(p.id) <> 1",
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
        " where j.key like 'refund:%' and (a.code like 'clearing:%' or a.code like 'disputed:%') group by 1) l"
        " on l.id = r.id::text"
        " where coalesce(l.s, 0) <> case when r.state in ('sent', 'succeeded') then r.amount_minor else 0 end",
    ),
    Check(
        "E04", "S1", "A processor's reference belongs to one refund.",
        "select r.processor_ref from payments_refund r join payments_payment p on p.id = r.payment_id"
        " where r.processor_ref <> '' group by p.processor, r.processor_ref having count(*) > 1",
    ),
    Check(
        "E05", "S1", "A refund of an order is the sum of its lines.",
        "select r.id from payments_refund r left join (select refund_id, sum(pay_minor) s from payments_refundline"
        " group by 1) l on l.refund_id = r.id where (r.ref = '') <> (l.s is null) or r.amount_minor <> l.s",
    ),
    Check(
        "E06", "S1", "No line of a payment goes back more than once, and a line is of its refund's order.",
        "select l.id from payments_paymentline l join payments_refundline b on b.line_id = l.id"
        " join payments_refund r on r.id = b.refund_id group by l.id having sum(b.pay_minor) > l.pay_minor"
        " or sum(b.target_minor) > l.target_minor or bool_or(r.payment_id <> l.payment_id or r.ref <> l.ref)",
    ),
    Check(
        "E07", "S1", "What goes back leaves the account that the money was on: its own, or the seller's debt.",
        "select b.id from payments_refundline b join payments_paymentline l on l.id = b.line_id"
        " where b.account <> l.account and not (l.account like 'hold:%'"
        " and b.account = 'seller:' || l.seller_id || ':' || l.target_currency || ':debt'"
        " and exists (select 1 from ledger_journal where key = 'release:' || l.ref))",
    ),
)  # fmt: skip
