"""One seeded defect per check: SQL that makes just that wrong which the check is there to find."""

from __future__ import annotations

A_HOLD = "(select id from ledger_account where code like 'hold:%' order by id limit 1)"
LAST_HOLD = "(select max(id) from ledger_account where code like 'hold:%')"
AN_ENTRY = "(journal_id, line) = (select journal_id, line from ledger_entry order by 1, 2 limit 1)"
CAPTURED = "(select id from payments_payment where state = 'captured' and currency = 'EUR' order by id limit 1)"
PAID = "(select id from orders_order where status = 'paid' order by id limit 1)"
COMPLETED = "(select id from orders_order where status = 'completed' order by id limit 1)"
PART = (
    "(select min(o.id) from orders_order o join payments_refundline l on l.account = 'hold:' || o.number"
    " where o.status = 'completed' and o.refunded_goods_minor > 0)"
)
SENT_BACK = "(select id from payments_refund where state = 'succeeded' and reason = 'never_shipped')"

BOOKS = {
    "A01": [f"update ledger_entry set amount = amount + 1 where {AN_ENTRY}"],
    "A02": ["delete from ledger_entry where line > 1 and journal_id = (select max(id) from ledger_journal)"],
    "A03": [f"update ledger_entry set currency = 'USD' where {AN_ENTRY}"],
    "A04": [
        "insert into ledger_entry (journal_id, line, account_id, currency, amount)"
        f" select journal_id, 99, account_id, currency, 0 from ledger_entry where {AN_ENTRY}"
    ],
    "A05": [f"update ledger_balance set amount = amount - 1 where account_id = {A_HOLD}"],
    "A06": [f"update ledger_balance set amount = 1 where account_id = {A_HOLD}"],
    "A07": [
        "insert into ledger_entry (journal_id, line, account_id, currency, amount)"
        f" select min(j.id), 90, a.id, a.currency, 5 from ledger_journal j, ledger_account a where a.id = {LAST_HOLD}"
        " group by a.id",
        "insert into ledger_entry (journal_id, line, account_id, currency, amount)"
        f" select max(j.id), 90, a.id, a.currency, -5 from ledger_journal j, ledger_account a where a.id = {LAST_HOLD}"
        " group by a.id",
    ],
    "A08": [
        "insert into ledger_journal (key, kind, ref, fingerprint, occurred_at)"
        " select key, kind, ref, fingerprint, now() from ledger_journal order by id limit 1"
    ],
    "A09": [
        "update ledger_entry set amount = amount + sign(amount) where journal_id ="
        " (select id from ledger_journal where kind = 'reversal' order by id limit 1)"
    ],
    "A10": [f"update ledger_balance set amount = amount - 1 where account_id = {A_HOLD}"],
    "A11": [f"update ledger_account set kind = 'asset' where id = {A_HOLD}"],
    "A12": [
        "update ledger_entry set amount = amount + sign(amount)"
        " where journal_id = (select min(id) from ledger_journal where kind = 'settlement')"
    ],
}

PAYMENTS = {
    "B01": [
        "update payments_payment set state = 'captured', ref ="
        f" (select ref from payments_payment where id = {CAPTURED}) where state = 'canceled'"
    ],
    "B02": [f"update payments_payment set received_minor = amount_minor - 1 where id = {CAPTURED}"],
    "B03": [f"update payments_payment set received_minor = received_minor + 1 where id = {CAPTURED}"],
    "B04": ["update payments_payment set processor_ref = 'pi_same' where processor = 'stripe'"],
    "B05": [f"update payments_payment set state = 'pending' where id = {CAPTURED}"],
    "B06": [f"update orders_order set buyer_minor = buyer_minor + 1 where id = {PAID}"],
    "B07": [
        f"update orders_orderline set quantity = quantity + 1 where order_id = {PAID}",
        f"update orders_order set discount_minor = 1, saving_minor = 1 where id = {PAID}",
    ],
    "B08": [f"update orders_order set status = 'canceled' where id = {PAID}"],
    "B09": [f"update payments_paymentline set target_minor = target_minor + 1 where payment_id = {CAPTURED}"],
    "B10": [
        "update ledger_entry set account_id = (select min(id) from ledger_account where code like 'seller:%:INR')"
        " where (journal_id, line) = (select e.journal_id, e.line from ledger_entry e"
        " join ledger_journal j on j.id = e.journal_id and j.kind = 'capture'"
        " join ledger_account a on a.id = e.account_id and a.code like 'hold:%' order by 1, 2 limit 1)"
    ],
    "B11": ["update payments_paymentline set component = 'tax' where component = 'shipping'"],
    "B12": ["update payments_paymentline set pay_minor = pay_minor + 1 where component = 'goods'"],
    "B14": [f"update orders_orderline set asked_minor = unit_minor where order_id = {PAID}"],
    "B13": [f"update orders_order set goods_minor = goods_minor + 1 where id = {PAID}"],
    "E01": [f"update payments_refund set amount_minor = amount_minor * 2 where id = {SENT_BACK}"],
    "E02": [f"update payments_refund set currency = 'USD' where id = {SENT_BACK}"],
    "E03": [f"update payments_refund set state = 'requested' where id = {SENT_BACK}"],
    "E04": ["update payments_refund set processor_ref = 're_same' where state = 'succeeded'"],
    "E05": [f"update payments_refund set amount_minor = amount_minor - 1 where id = {SENT_BACK}"],
    "E06": [f"update payments_refundline set pay_minor = pay_minor + 1 where refund_id = {SENT_BACK}"],
    "E07": ["update payments_refundline set account = 'suspense:stripe:EUR' where account like 'seller:%:debt'"],
}

SENDING = (
    "insert into payments_coinsending (id, processor, chain, currency, state, psbt, txid, fee_rate, fee_minor,"
    " change_index, change_minor, made_by_id, made_at) select 77, 'bitcoin', 'bitcoin:regtest', 'BTC', 'final', '',"
    " 'ab', 1, {fee}, 0, 0, min(id), now() from marketplace_user"
)
SPENT_INPUT = (
    "insert into payments_coininput (sending_id, chain, txid, vout, amount_minor, branch, index, live)"
    " select 77, 'bitcoin:regtest', 'ab', 0, 5, 0, 0, true from generate_series(1, {times})"
)
COINS_BACK = {
    "G15": [SENDING.format(fee=10), SPENT_INPUT.format(times=2)],
    "G16": [
        SENDING.format(fee=0),
        "insert into payments_coinoutput (sending_id, refund_id, destination, amount_minor, live)"
        " select 77, id, destination, sends_minor + 1, true from payments_refund where sends_minor is not null",
    ],
    "G17": [SENDING.format(fee=4), SPENT_INPUT.format(times=1)],
    "G18": [SENDING.format(fee=5), SPENT_INPUT.format(times=1)],
    "E11": ["update payments_payment set refund_terms = 'original' where refund_terms = 'value'"],
    "E12": [
        "update payments_refundline set value_minor = value_minor + 1"
        " where refund_id in (select id from payments_refund where value_minor is not null)"
    ],
    "E13": ["update payments_refund set sends_minor = sends_minor + 1 where value_minor is not null"],
    "E14": ["update payments_refundprice set sends_minor = sends_minor + 2"],
}

TAKEN = {
    "E08": ["update payments_chargeback set withdrawn_minor = withdrawn_minor - 1 where settled_at is null"],
    "E09": ["update payments_chargeback set loss_minor = loss_minor + 1 where state = 'lost'"],
    "E10": [
        "update ledger_journal set occurred_at = (select max(taken_at) from payments_chargeback) + interval '1 second'"
        " where kind = 'release'"
    ],
    "F24": ["update payments_contestedmoney set amount_minor = amount_minor + 1 where freed_at is null"],
    "H12": ["update payments_chargeback set due_at = now() - interval '1 hour' where state = 'opened'"],
}

QUOTES = {
    "C01": ["update fx_quote set used_at = expires_at + interval '1 second' where used_at is not null"],
    "C02": ["update fx_quoteline set minor = minor + 1 where id = (select min(id) from fx_quoteline)"],
    "C03": ["update fx_rateset set state = 'held' where id = (select min(rate_set_id) from fx_quote)"],
    "C04": [f"update payments_payment set amount_minor = amount_minor + 1 where id = {CAPTURED}"],
    "C05": [f"update payments_paymentline set pay_minor = pay_minor + 1 where payment_id = {CAPTURED}"],
    "C06": ["update fx_quoteline set minor = minor + minor / 100 where component = 'goods'"],
    "C07": ["update fx_conversion set sell_minor = sell_minor + 1 where id = (select min(id) from fx_conversion)"],
    "C08": ["update fx_rate set disputed = true where currency = 'INR'"],
    "C09": ["update fx_quote set pay_minor = pay_minor + pay_minor / 100 where pay_currency = 'BTC'"],
    "C10": ["update fx_quote set used_at = created_at where used_at is null"],
    "C12": [
        "insert into fx_pieceprice (line_id, how, minor, target_minor, quantity) select l.id, 'fixed', l.minor,"
        " l.target_minor + l.target_minor / 50, 1 from fx_quoteline l join fx_quote q on q.id = l.quote_id"
        " where l.component = 'goods' and l.target_currency <> q.currency"
    ],
    "C11": ["update fx_quote set expires_at = created_at + interval '16 minutes'"],
}

WINDOWS = {
    "N01": ["update fx_windownet set inflow_minor = inflow_minor + 1, residual_minor = residual_minor + 1"],
    "N02": ["update fx_windownet set matched_minor = matched_minor + 1"],
    "N03": [
        "update fx_windowshare set saving_minor = saving_minor + 1"
        " where conversion_id = (select min(conversion_id) from fx_windowshare)"
    ],
    "N04": ["update fx_windowshare set window_id = window_id + 1"],
    "N05": ["update fx_windowtrade set amount_minor = amount_minor - 1"],
    "N06": ["update payments_fill set bought_minor = bought_minor - 1 where trade_id is not null"],
    "N07": ["update fx_window set result_minor = result_minor + 1 where state = 'settled'"],
    "N08": ["update ledger_journal set key = 'x' || key where kind = 'release'"],
    "N09": ["update payments_rebate set booked_minor = booked_minor + 1, most_minor = most_minor + 1"],
    "N10": ["update payments_rebate set hub_minor = hub_minor + 1"],
    "N11": [
        "update fx_window set closed_at = now() - interval '2 hours'",
        "update ledger_journal set occurred_at = now() - interval '2 hours' where kind = 'release'",
        "delete from payments_rebate",
    ],
}

STOCK = {
    "D01": ["update listings_listing set stock = -1 where id = (select min(id) from listings_listing)"],
    "D02": ["update listings_listing set stock = stock + 1 where id = (select min(id) from listings_listing)"],
    "D03": ["update listings_stockmove set delta = 1 where reason in ('initial', 'restock')"],
    "D04": [
        "insert into listings_stockmove (listing_id, delta, reason, ref, at)"
        " select listing_id, delta, reason, ref, at from listings_stockmove where reason = 'reserved' limit 1"
    ],
    "D05": ["update listings_reservation set expires_at = now() - interval '3 days' where state = 'held'"],
    "D06": ["update listings_reservation set quantity = quantity + 1 where state = 'claimed'"],
    "D10": [
        "insert into listings_fixedprice (listing_id, currency, price_minor)"
        " select id, currency, price_minor from listings_listing"
    ],
    "D07": ["update listings_stockmove set delta = delta - 1 where reason = 'returned'"],
    "D09": ["update orders_refundeditem set restocked = false"],
    "D08": ["update listings_reservation set state = 'held' where state = 'claimed'"],
}

PAYOUTS = {
    "F02": [
        "update payments_refundline set target_minor = target_minor + 1 where account = 'hold:' ||"
        f" (select number from orders_order where id = {PART})"
    ],
    "F03": ["update orders_order set shipping_minor = shipping_minor + 1 where status = 'shipped'"],
    "F04": [f"update orders_orderevent set to_status = 'completed' where to_status = 'paid' and order_id = {PAID}"],
    "F09": ["update payments_payoutmethod set currency = 'EUR'"],
    "F10": ["update payments_payout set state = 'sent' where state = 'paid'"],
    "F11": ["update payments_payout set amount_minor = amount_minor * 10 where state = 'paid'"],
    "F12": ["update payments_payout set bank_reference = 'SBIN 1'"],
    "F13": ["update payments_payout set paid_by_id = approved_by_id where state = 'paid'"],
    "F14": ["update payments_bankfile set currency = 'EUR'"],
    "F15": [
        "update ledger_balance set amount = -1 where account_id ="
        " (select id from ledger_account where code = 'clearing:bank:INR')"
    ],
    "F16": ["update payments_settlement set amount_minor = amount_minor - 1"],
    "F17": ["update payments_fill set bought_minor = bought_minor + 1"],
    "F18": [f"update orders_order set commission_minor = commission_minor + 1 where id = {COMPLETED}"],
    "F19": ["update orders_order set status = 'completed' where status = 'refunded'"],
    "F20": [f"update orders_order set refunded_shipping_minor = refunded_shipping_minor + 1 where id = {PART}"],
    "F21": ["update payments_refund set commission_minor = commission_minor + 1 where commission_minor > 0"],
    "F22": ["update payments_reserve set freed_at = now() where freed_at is null"],
    "F30": [
        "update payments_payout set approved_at = (select usable_from from payments_payoutmethod m"
        " where m.id = method_id) - interval '1 second' where approved_at is not null"
    ],
    "F31": [
        "update payments_payoutmethod set usable_from = created_at"
        " where id = (select max(id) from payments_payoutmethod)"
    ],
    "F33": [
        "insert into payments_payoutdoubt (payout_id, kind, detail, at, why)"
        " select id, 'shared', 'charlie@example.com', now(), '' from payments_payout where state = 'paid'"
    ],
    "F35": [
        "update payments_screening set at = at + interval '1 hour'"
        " where payout_id = (select id from payments_payout where state = 'paid')"
    ],
    "F36": ["update payments_screening set hit = true, reason = 'canary' where payout_id is not null"],
    "F37": [
        "update payments_payout set state = 'approved', send_currency = 'BTC',"
        " method_id = (select id from payments_payoutmethod where kind = 'bitcoin') where state = 'paid'",
    ],
    "F34": ["update payments_payoutplan set next_at = now() - interval '25 hours'"],
    "F32": ["update payments_payout set send_minor = send_minor + 1 where state = 'paid'"],
    "F40": ["update payments_payout set matched_minor = amount_minor where state = 'paid'"],
    "F39": ["update payments_bankfile set xml = replace(xml, '<CdtTrfTxInf>', '<CdtTrfTxInf><Copy/>') || xml"],
    "F50": ["update payments_bankstatement set closing_minor = closing_minor + 1"],
    "F51": ["update payments_bankline set amount_minor = amount_minor + 1"],
    "F52": ["update payments_bankstatement set opening_minor = opening_minor - 1"],
    "F53": ["delete from payments_case where kind = 'bank_line'"],
    "F54": [
        "update payments_bankline set meaning = 'returned',"
        " payout_id = (select id from payments_payout where state = 'paid') where meaning = 'own'",
        "update payments_bankmessage set uploaded_by_id ="
        " (select approved_by_id from payments_payout where state = 'paid')",
    ],
    "F55": [
        "update payments_bankstatement set books_upto = 0",
        "update ledger_journal set occurred_at = now() - interval '11 days' where kind = 'fill'",
    ],
    "F23": ["update orders_refundeditem set quantity = quantity + 1"],
    "F26": ["update payments_reserve set freed_at = kept_at where id = (select min(id) from payments_reserve)"],
    "F27": [
        "update payments_reserve set seller_id = (select id from marketplace_user where email = 'bob@example.com')"
        " where id = (select min(id) from payments_reserve)"
    ],
    "F38": [
        "insert into payments_freeze (reason, at, lifted_why, lifted_despite) values ('a defect', '2020-01-01', '', '')"
    ],
    "F56": [
        "update payments_bankline set meaning = 'paid',"
        " payout_id = (select id from payments_payout where state = 'paid' limit 1) where meaning = 'own'"
    ],
}

WORK = {
    "G01": [
        "insert into payments_inboxevent (processor, event_id, body, headers, news, received_at, processed_at, run_at,"
        " attempts, error) select processor, event_id, body, headers, news, received_at, processed_at, run_at,"
        " attempts, error from payments_inboxevent limit 1"
    ],
    "G05": ["update payments_inboxevent set processed_at = null, received_at = now() - interval '11 minutes'"],
    "G06": [
        "insert into payments_chainreceipt (address_id, txid, vout, amount_minor, claimed_minor, height, block_hash,"
        " depth, state, first_seen) select address_id, txid, vout, amount_minor, claimed_minor, height, block_hash,"
        " depth, state, first_seen from payments_chainreceipt limit 1"
    ],
    "G07": ["update payments_chainreceipt set state = 'gone'"],
    "G08": [
        "update payments_operation set state = 'ready', run_at = now() - interval '11 minutes'"
        " where id = (select id from payments_operation order by id limit 1)"
    ],
    "G09": ["update marketplace_idempotentcall set status = null, created_at = now() - interval '11 minutes'"],
    "G10": ["update marketplace_letter set sent_at = null, created_at = now() - interval '25 hours'"],
    "G11": ["delete from payments_case"],
    "G12": ["update payments_refund set amount_minor = 1 where state = 'needs_address'"],
    "G13": ["update payments_chainreceipt set amount_minor = claimed_minor + 1"],
    "G14": ["update payments_chainaddress set chain = 'eip155:1' where chain like 'bitcoin:%'"],
    "H04": [
        "update payments_operation set state = 'unknown', created_at = now() - interval '2 hours', run_at = now()"
        " where id = (select id from payments_operation order by id limit 1)"
    ],
}

LIFE = {
    "H01": ["update orders_orderevent set from_status = 'placed' where from_status = 'paid'"],
    "H02": ["update orders_orderevent set seq = 77 where id = (select max(id) from orders_orderevent)"],
    "H03": [f"update orders_order set due_at = null where id = {PAID}"],
    "H05": ["update orders_checkout set buyer_id = (select owner_id from listings_shop where country = 'IN')"],
    "H06": [
        "update orders_orderline set listing_id = (select max(id) from listings_listing)"
        " where listing_id = (select min(id) from listings_listing)"
    ],
    "H07": [f"update orders_order set held_until = now() - interval '2 hours' where id = {PAID}"],
    "H08": ["update orders_dispute set decided_at = now() where decided_at is null"],
    "H09": [
        "update payments_payment set state = 'canceled' where id = (select c.payment_id from orders_checkout c"
        " join orders_order o on o.checkout_id = c.id where o.status = 'placed')"
    ],
    "R01": ["update orders_return set due_at = now() - interval '2 hours' where due_at is not null"],
    "R02": ["update orders_return set state = 'refused' where state = 'refunded'"],
    "R04": [
        "update orders_return r set decided_by_id = c.buyer_id from orders_order o, orders_checkout c"
        " where o.id = r.order_id and c.id = o.checkout_id"
    ],
    "R05": ["update orders_returnitem set quantity = quantity + 9"],
    "H13": [
        "insert into orders_disputeoffer (dispute_id, by_id, back_minor, currency, made_at, ended_at, accepted)"
        " select d.id, d.decided_by_id, 1, 'INR', now(), now(), true from orders_dispute d where d.outcome = 'seller'"
    ],
    "R03": [f"update orders_order set new_address = '{{}}' where id = {PAID}"],
    "H10": ["delete from orders_shipment"],
    "H11": [
        "delete from marketplace_acceptance where id ="
        " (select min(a.id) from marketplace_acceptance a join orders_checkout c on c.public_id = a.ref)"
    ],
}

RECORDS = {
    "X01": ["update payments_reconitem set opened_at = now() - interval '4 days' where closed_at is null"],
    "X02": ["update payments_reconsum set ours_minor = ours_minor + 1"],
    "X03": ["update payments_reconsum set reported_minor = reported_minor + 1"],
    "X04": [
        "update payments_statementline set bound = bound || '0' where id = (select max(id) from"
        " payments_statementline where bound <> '')"
    ],
    "X06": ["update payments_statementline set origin_minor = origin_minor + 1 where origin_minor is not null"],
    "X07": [f"update payments_payment set fee_minor = fee_minor + 1 where id = {CAPTURED}"],
    "X05": ["update payments_reconitem set theirs_minor = theirs_minor - 1 where journal_key <> ''"],
}

TAKEN_FROM = "select j.id from ledger_journal j where j.kind = 'balance_paid'"
SPENT = {
    "V01": [
        "update payments_payment set state = 'canceled' where processor = 'balance'"
        " and id::text = (select max(ref) from ledger_journal where kind = 'balance_back')"
    ],
    "V02": ["update ledger_journal set key = key || '0' where kind = 'balance_back'"],
    "V03": [
        f"update ledger_entry set amount = amount + 100000000 where journal_id in ({TAKEN_FROM})"
        " and account_id in (select id from ledger_account where code like 'seller:%')"
    ],
    "V04": [
        f"update ledger_entry set amount = amount - 1 where journal_id in ({TAKEN_FROM})"
        " and account_id in (select id from ledger_account where code like 'clearing:balance:%')"
    ],
}

PAPERS = {
    "I01": ["delete from payments_paper where seq = 2"],
    "I02": ["update payments_paper set pdf = 'x' where seq = 1"],
    "I03": ["update payments_paper set body = jsonb_set(body, '{refunded,minor}', '1') where seq = 1"],
    "I04": [
        "delete from payments_paperitem where payment_id is not null",
        "update payments_payment set captured_at = now() - interval '2 days' where state = 'captured'",
    ],
    "I05": ["update payments_invoiceline set commission_minor = commission_minor + 1"],
    "I06": [
        "delete from payments_creditnote",
        "delete from payments_invoiceline",
        "update orders_order set completed_at = completed_at - interval '62 days' where completed_at is not null",
        "update ledger_journal set occurred_at = occurred_at - interval '62 days' where kind = 'release'",
    ],
    "I07": ["update payments_paper set body = jsonb_set(body, '{gross,minor}', '1') where kind = 'credit'"],
    "I08": [
        "update ledger_balance set amount = amount - 1 where account_id ="
        " (select id from ledger_account where code like 'tax:commission:%' order by id limit 1)"
    ],
    "I09": ["update payments_creditnote set tax_minor = tax_minor + 1"],
    "I10": [
        "delete from payments_creditnote",
        "update payments_refund set succeeded_at = now() - interval '2 days' where commission_minor > 0",
        "update payments_invoice set issued_at = now() - interval '2 days' where issued_at is not null",
    ],
}

DRAWN = {
    "Y01": ["update payments_drawing set amount_minor = amount_minor + 1"],
    "Y02": ["update payments_drawing set approved_by_id = proposed_by_id"],
    "Y03": [
        "update ledger_entry set amount = amount * 1000 where journal_id ="
        " (select min(id) from ledger_journal where kind = 'drawing')"
    ],
}

PROOF = {
    "T01": [f"update ledger_entry set amount = amount + 1 where {AN_ENTRY}"],
    "T05": ["update payments_chainlink set digest = repeat('0', 64) where position = 1"],
    "T06": ["delete from payments_chainlink where position = 1"],
    "T08": [
        "delete from payments_chainlink",
        "update ledger_journal set created_at = now() - interval '25 hours' where key like 'capture:%'",
    ],
    "T09": ["update payments_chainhead set day = day - 40"],
    "T07": ["update payments_chainhead set before = repeat('f', 64)"],
}

MUTANTS: dict[str, list[str]] = (
    BOOKS
    | PAYMENTS
    | COINS_BACK
    | TAKEN
    | QUOTES
    | STOCK
    | PAYOUTS
    | WORK
    | LIFE
    | RECORDS
    | SPENT
    | PROOF
    | PAPERS
    | DRAWN
    | WINDOWS
)
