"""Payments and refunds: what rows say is what the books say, and what was quoted is what was asked."""

from __future__ import annotations

from fx.money import EXPONENT
from marketplace.lib.audit import OF_FEW, Check
from payments.chain.invoice import TOLERANCE_BPS, TOLERANCE_SAT

# What came in for payments: from processors (B03), and where a capture puts it (B09, B10), line by line.
TAKEN_IN = (
    # Of an account it is said once what it is, not of each of its entries.
    "with posted as (select j.kind, j.key, a.code, a.came, e.amount from ledger_journal j"
    " join ledger_entry e on e.journal_id = j.id join (select id, code, code like 'clearing:%' came from ledger_account"
    " where split_part(code, ':', 1) not in ('fx', 'buyer', 'suspense') and code not like '%:rounding:%' offset 0) a"
    " on a.id = e.account_id where j.kind in ('capture', 'more', 'suspense') and (a.came or j.kind = 'capture'))"
    " select p.id::text, 'B03' from payments_payment p left join (select split_part(key, ':', 2) id, sum(amount) s"
    " from posted where came group by 1) l on l.id = p.id::text where coalesce(l.s, 0) <> case"
    " when p.state in ('captured', 'late', 'underpaid', 'returning', 'returned') then p.received_minor else 0 end"
    # The lines, and the credits turned round: nothing is left of an account that a line names, and no other is there.
    " union all select key, case when bool_or(asked) then 'B09' else 'B10' end"
    " from (select 'capture:' || payment_id key, account, target_minor minor, true asked, p.state = 'captured' taken"
    " from payments_paymentline l join payments_payment p on p.id = l.payment_id union all"
    " select key, code, amount, false, true from posted"
    " where kind = 'capture' and not came) u group by key, account"
    " having not bool_or(asked) or bool_and(taken) and sum(minor) <> 0"
)
# Quotes beside their payments: what a payment asks for (C04), and whether a quote that was used has one (C10).
QUOTED = (
    "select q.id, case when p.id is null then 'C10' else 'C04' end from fx_quote q"
    # One payment at most, says the index.
    " left join payments_payment p on p.quote_id = q.id where case when p.id is null then q.used_at is not null"
    " else p.amount_minor <> q.pay_minor or p.currency <> q.pay_currency or q.used_at is null end"
)
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
    Check("B03", "S1", "What a payment received is what the books took in for it; nothing while it is open.", TAKEN_IN),
    Check("B09", "S1", "A capture credits what each line of the payment says.", TAKEN_IN),
    Check(
        "B10", "S1", "A capture touches its lines' accounts, the processor and the position, nothing else.",
        TAKEN_IN,
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
        "B11", "S1", "Goods and shipping go to their order's hold; tax and duty never do.",
        "select payment_id from payments_paymentline where case component"
        " when 'tax' then account not like 'tax:%' when 'duty' then account not like 'duty:%'"
        " else account <> 'hold:' || ref end",
    ),
    Check(
        "B12", "S1", "A payment's lines are its quote's lines, and worth what they say.",
        "select coalesce(p.payment_id, q.payment_id)::text from payments_paymentline p full join (select l.*,"
        " y.id payment_id from fx_quoteline l join payments_payment y on y.quote_id = l.quote_id) q"
        " on q.payment_id = p.payment_id and q.ref = p.ref and q.component = p.component"
        " where (p.target_currency, p.target_minor, p.pay_minor, p.value_minor)"
        " is distinct from (q.target_currency, q.target_minor, q.pay_minor, q.minor)",
    ),
    Check("C04", "S1", "A payment asks for what its quote says, and its quote was used.", QUOTED),
    Check(
        "C05", "S1", "A payment's lines sum to its amount.",
        "select id from (select id, amount_minor a from payments_payment"
        " union all select payment_id, -pay_minor from payments_paymentline) u"
        " group by id having sum(a) <> 0 or count(*) = 1",
    ),
    Check("C10", "S1", "A quote that was used has its one payment.", QUOTED),
    Check(
        "E01", "S1", "Refunds that did not fail never exceed what was received.",
        "select p.id from payments_payment p join payments_refund r on r.payment_id = p.id and r.state <> 'failed'"
        " group by p.id having sum(r.amount_minor) > case p.state when 'captured'"
        " then greatest(p.received_minor, p.amount_minor) else p.received_minor end",
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
        f" {OF_FEW} join ledger_account a on a.id = e.account_id"
        " where j.kind in ('refund', 'reversal') and j.key like 'refund:%'"
        " and (a.code like 'clearing:%' or a.code like 'disputed:%') group by 1) l"
        " on l.id = r.id::text where coalesce(l.s, 0) <> case when r.state in ('sent', 'succeeded')"
        " then coalesce(r.sends_minor, r.amount_minor) else 0 end",
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
        " or sum(b.target_minor) > l.target_minor"
        " or sum(b.value_minor) > l.value_minor or bool_or(r.payment_id <> l.payment_id or r.ref <> l.ref)",
    ),
    Check(
        "E07", "S1", "What goes back leaves the account that the money was on: its own, or the seller's debt.",
        "select b.id from payments_refundline b join payments_paymentline l on l.id = b.line_id"
        " where b.account <> l.account and not (l.account like 'hold:%'"
        " and b.account = 'seller:' || l.seller_id || ':' || l.target_currency || ':debt'"
        " and exists (select 1 from ledger_journal where key = 'release:' || l.ref))",
    ),
    Check(
        "E11", "S1", "A refund is owed by value exactly where its payment's terms say so.",
        "select r.id from payments_refund r join payments_payment p on p.id = r.payment_id"
        " join fx_quote q on q.id = p.quote_id where r.value_minor is not null and (p.refund_terms = 'original'"
        " or r.ref = '' or r.value_currency <> q.currency or p.refund_terms = 'coin'"
        " and r.created_at < p.captured_at + make_interval(hours => p.coin_window_hours))"
        " or r.value_minor is null and r.ref <> '' and (p.refund_terms = 'value' or p.refund_terms = 'coin'"
        " and r.created_at > p.captured_at + make_interval(hours => p.coin_window_hours)) and exists (select 1"
        " from payments_refundline l where l.refund_id = r.id and l.value_minor > 0)",
    ),
    Check(
        "E12", "S1", "What a refund owes by value is the sum of its lines, and together never more than the order was.",
        "select r.id from payments_refund r join payments_refundline l on l.refund_id = r.id"
        " where r.value_minor is not null group by r.id having sum(l.value_minor) <> r.value_minor"
        " union all select p.id from payments_payment p join fx_quote q on q.id = p.quote_id"
        " join payments_refund r on r.payment_id = p.id join payments_refundline l on l.refund_id = r.id"
        " group by p.id, q.amount_minor having sum(l.value_minor) > q.amount_minor",
    ),
    Check(
        "E13", "S1", "The coins that left for a refund by value are those of a price that was locked for it.",
        "select r.id from payments_refund r where r.value_minor is not null and (r.state in ('sent', 'succeeded')"
        " or r.sends_minor is not null) and not exists (select 1 from payments_refundprice x where x.refund_id = r.id"
        " and (x.currency, x.sends_minor, x.value_currency, x.value_minor)"
        " = (r.currency, r.sends_minor, r.value_currency, r.value_minor))",
    ),
    Check(
        "E14", "S1", "A price of a refund is its value at mid-market, rounded down, by rates that were open then.",
        # e: exponents; r: every currency's rate in every set, with its exponent
        "with e(code, digits) as (select * from unnest(%(codes)s::text[], %(digits)s::int[])), r as ("
        " select t.rate_set_id, t.currency, t.per_eur, t.good_until, t.disputed, e.digits from (select rate_set_id,"
        " currency, per_eur, good_until, disputed from fx_rate union all select id, 'EUR', 1, null, false"
        " from fx_rateset) t join e on e.code = t.currency), x as (select p.id, p.sends_minor, p.value_minor"
        " * b.per_eur / a.per_eur * power(10::numeric, b.digits - a.digits) as mid, a.disputed or b.disputed"
        " or coalesce(least(a.good_until, b.good_until) < p.created_at - interval '1 minute', false) as shut"
        " from payments_refundprice p left join r a on a.rate_set_id = p.rate_set_id and a.currency = p.value_currency"
        " left join r b on b.rate_set_id = p.rate_set_id and b.currency = p.currency)"
        " select id from x where mid is null or shut or sends_minor > ceil(mid) or sends_minor < floor(mid) - 1",
        {"codes": list(EXPONENT), "digits": list(EXPONENT.values())},
    ),
)  # fmt: skip
