"""Invariants of orders: money, stock and history agree with the status. Ids follow docs/audit.md."""

from __future__ import annotations

from marketplace.lib.audit import Check, Waiting
from orders.life import HELD_AT_MOST
from orders.models import Order
from payments.models import Payment

Status = Order.Status
HELD = tuple(map(str, (Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.DISPUTED)))
ENDS = tuple(map(str, (Status.COMPLETED, Status.CANCELED, Status.REFUNDED, Status.SPLIT)))
MOVES = (("", "placed"), *((str(was), str(to)) for was, targets in Order.NEXT.items() for to in targets))

# What goes back by order: of held money all of it, what left already and the goods' part; of all money both parts, and
# what the buyer is paid back of which payment.
GOES_BACK = (
    "select ref, sum(minor) filter (where of_held)::bigint held,"
    " sum(minor) filter (where of_held and component = 'goods')::bigint held_goods,"
    " sum(minor) filter (where of_held and has_left)::bigint sent,"
    " sum(minor) filter (where component = 'goods')::bigint goods,"
    " sum(minor) filter (where component = 'shipping')::bigint shipping,"
    " sum(pay_minor)::bigint back, any_value(payment_id) payment_id"
    " from (select l.ref, l.component, l.payment_id, b.pay_minor, b.target_minor minor,"
    " b.account like 'hold:%' of_held, r.state in ('sent', 'succeeded') has_left from payments_refundline b"
    " join payments_paymentline l on l.id = b.line_id join payments_refund r on r.id = b.refund_id) x group by 1"
)

# Held money of each order: what its release lets go (F02), what is still held (F03), whether it was to be released
# (F04), who gets what is released (F18), whether all of it came back (F19), what the order says of what goes back
# (F20), and the commission that is given up afterwards (F21).
HELD_MONEY = (
    "select number, unnest(array_remove(array[case when f02 then 'F02' end, case when f03 then 'F03' end,"
    " case when f04 then 'F04' end, case when f18 then 'F18' end, case when f19 then 'F19' end,"
    " case when f20 then 'F20' end, case when f21 then 'F21' end], null))"
    " from (select o.number, (e.order_id is null) <> (r.ref is null) f04,"
    " r.held <> o.goods_minor + o.shipping_minor - coalesce(b.held, 0) f02,"
    " coalesce(-h.amount, 0) <> case when o.status in ('placed', 'canceled') then 0 else case when r.ref is not null"
    " then coalesce(b.held, 0) else o.goods_minor + o.shipping_minor end - coalesce(b.sent, 0) end f03,"
    " r.fee <> agreed.fee or r.net <> r.held - agreed.fee - o.processing_minor f18,"
    " (o.status = 'refunded') is distinct from case when b.ref is null then false else b.back = (select sum(pay_minor)"
    " from payments_paymentline l where l.payment_id = b.payment_id and l.ref = o.number) end f19,"
    " o.refunded_goods_minor <> coalesce(b.goods, 0) or o.refunded_shipping_minor <> coalesce(b.shipping, 0) f20,"
    " case when g.ref is null then false else g.given_up <> case when r.ref is null or o.goods_minor = 0 then 0 else"
    " div(o.commission_minor::numeric * o.refunded_goods_minor, o.goods_minor)"
    " - div(o.commission_minor::numeric * coalesce(b.held_goods, 0), o.goods_minor) end end f21"
    " from orders_order o left join ledger_account a on a.code = 'hold:' || o.number"
    " left join ledger_balance h on h.account_id = a.id"
    # Most accounts are holds: what is not among the few others is one.
    " left join (select any_value(j.ref) ref, sum(e.amount) filter (where a.head is null)::bigint held,"
    " coalesce(-sum(e.amount) filter (where a.head = 'income'), 0)::bigint fee,"
    " coalesce(-sum(e.amount) filter (where a.head = 'seller'), 0)::bigint net from ledger_journal j"
    " join ledger_entry e on e.journal_id = j.id left join (select id, case when code like 'seller:%' then 'seller'"
    " when code like 'income:commission:%' then 'income' else '' end head from ledger_account"
    " where code not like 'hold:%' offset 0) a on a.id = e.account_id where j.kind = 'release' group by j.id) r"
    " on r.ref = o.number"
    " left join (" + GOES_BACK + ") b on b.ref = o.number"
    " left join (select distinct order_id from orders_orderevent where to_status in ('completed', 'split')) e"
    " on e.order_id = o.id left join (select ref, sum(commission_minor)::bigint given_up from payments_refund"
    " where ref <> '' group by 1) g on g.ref = o.number"
    " cross join lateral (select o.commission_minor - case when o.goods_minor = 0 or b.held_goods is null then 0 else"
    " div(o.commission_minor::numeric * b.held_goods, o.goods_minor)::bigint end fee) agreed) x"
    " where f02 or f03 or f04 or f18 or f19 or f20 or f21"
)

# Checkouts beside their payments: amounts (B06), and whether both are paid (B08).
PAID_FOR = (
    "select public_id, unnest(array_remove(array[case when b06 then 'B06' end, case when b08 then 'B08' end], null))"
    " from (select c.public_id, o.s is distinct from c.amount_minor"
    " or (c.amount_minor, c.currency) <> (q.amount_minor, q.currency) or p.quote_id <> q.id"
    " or p.ref <> c.public_id b06, case when p.state = 'captured' then o.unpaid else o.paid end b08"
    " from orders_checkout c left join (select checkout_id, sum(buyer_minor) s,"
    " bool_or(status in ('placed', 'canceled')) unpaid,"
    " bool_or(status not in ('placed', 'canceled')) paid from orders_order group by 1) o"
    " on o.checkout_id = c.id join fx_quote q on q.id = c.quote_id join payments_payment p on p.id = c.payment_id) x"
    " where b06 or b08"
)

# A buyer's bank asks for the order's money.
ASKED = (
    "select 1 from orders_checkout c join payments_chargeback k on k.payment_id = c.payment_id"
    " where c.id = o.checkout_id and k.settled_at is null"
)

MONEY = (
    Check("B06", "S1", "Orders of a checkout sum to what was quoted and paid.", PAID_FOR),
    Check(
        "B07", "S2", "An order's goods are the sum of its lines, less the discount of its shop.",
        "select o.number from orders_order o left join (select order_id, sum(quantity * unit_minor) s"
        " from orders_orderline group by 1) l on l.order_id = o.id where coalesce(l.s, 0)"
        " <> o.goods_minor + o.discount_minor",
    ),
    Check("B08", "S1", "No paid order without money, no captured money without a paid order.", PAID_FOR),
    Check(
        "B13", "S1", "An order's parts are its quote's lines.",
        "select o.number from orders_order o join orders_checkout c on c.id = o.checkout_id"
        " left join (select quote_id, ref, sum(minor)::bigint s,"
        " coalesce(sum(target_minor) filter (where component = 'goods'), 0)::bigint goods,"
        " coalesce(sum(target_minor) filter (where component = 'shipping'), 0)::bigint shipping from fx_quoteline"
        " group by 1, 2) l on l.ref = o.number and l.quote_id = c.quote_id where l.s is distinct from o.buyer_minor"
        " or l.goods <> o.goods_minor or l.shipping <> o.shipping_minor",
    ),
    Check(
        "B14", "S1", "Lines that are priced in the buyer's money are priced as their quote says.",
        "select coalesce(l.number, p.ref) from (select o.number, c.quote_id, sum(l.asked_minor * l.quantity) asked,"
        " sum(l.unit_minor * l.quantity) own from orders_orderline l join orders_order o on o.id = l.order_id"
        " join orders_checkout c on c.id = o.checkout_id where l.asked_minor is not null group by 1, 2) l full join"
        " (select q.quote_id, q.ref, sum(p.minor * p.quantity) asked, sum(p.target_minor * p.quantity) own"
        " from fx_pieceprice p join fx_quoteline q on q.id = p.line_id join fx_quote u on u.id = q.quote_id"
        " and u.used_at is not null group by 1, 2) p on p.quote_id = l.quote_id and p.ref = l.number"
        " where (l.asked, l.own) is distinct from (p.asked, p.own)",
    ),
    Check("F02", "S1", "What was held and released, is released but for what goes back, to the unit.", HELD_MONEY),
    Check("F03", "S1", "What is held for an order is what was paid and neither released nor given back.", HELD_MONEY),
    Check(
        "F04", "S1", "Money was released for completed orders only, and for each of them.",
        HELD_MONEY,
    ),
    Check(
        "F18", "S1", "A release gives the seller, the platform and the processor what was agreed, to the unit.",
        HELD_MONEY,
    ),
    Check("F19", "S1", "A refunded order gave back all that was paid for it, and every other one less.", HELD_MONEY),
    Check(
        "F20", "S1", "An order says what goes back of its goods and shipping as its refunds do.",
        HELD_MONEY,
    ),
    Check(
        "F21", "S1", "What the platform gives up after release is its share of the goods that went back.",
        HELD_MONEY,
    ),
    Check(
        "F27", "S1", "A reserve was kept of a released order, for its seller, in its currency, at most all of it.",
        "select r.ref from payments_reserve r left join orders_order o on o.number = r.ref"
        " left join listings_shop s on s.id = o.shop_id left join ledger_journal j"
        " on j.kind = 'release' and j.key = 'release:' || r.ref where j.id is null"
        " or (r.seller_id, r.currency) is distinct from (s.owner_id, o.currency)"
        " or r.amount_minor > o.goods_minor + o.shipping_minor",
    ),
    Check(
        "F23", "S2", "No more pieces of a line were given back than were bought.",
        "select l.id from orders_orderline l join orders_refundeditem i on i.line_id = l.id"
        " group by l.id having sum(i.quantity) > l.quantity",
    ),
)  # fmt: skip

RECEIPTS = (
    Check(
        "I01", "S1", "Numbers of a series of papers go from one to the last, without a gap or a double.",
        "select s.kind || ' ' || s.year from payments_series s left join (select series_id, count(distinct seq) n,"
        " count(*) rows, min(seq) first, max(seq) last from payments_paper group by 1) p on p.series_id = s.id"
        " where (coalesce(p.n, 0), coalesce(p.rows, 0), coalesce(p.last, 0)) <> (s.last, s.last, s.last)"
        " or p.first <> 1",
    ),
    Check(
        "I02", "S1", "A paper is as it was issued: its digest is its document's.",
        "select number from payments_paper where encode(sha256(pdf), 'hex') <> sha256",
    ),
    Check(
        "I03", "S1", "A receipt says what was paid, what came back of it until then, and what stays.",
        "select p.number from payments_paper p left join orders_checkout c on c.public_id = p.ref"
        " left join payments_payment y on y.id = c.payment_id"
        " left join lateral (select coalesce(sum(r.amount_minor), 0) back"
        " from payments_paper q join payments_paperitem i on i.paper_id = q.id join payments_refund r"
        " on r.id = i.refund_id where q.kind = p.kind and q.ref = p.ref and q.version <= p.version) b on true"
        " where p.kind = 'receipt' and ((p.body->'paid'->>'minor')::bigint, (p.body->'refunded'->>'minor')::bigint,"
        " (p.body->'stays'->>'minor')::bigint, p.body->'paid'->>'currency')"
        " is distinct from (y.amount_minor, b.back, y.amount_minor - b.back, y.currency)",
    ),
    Check(
        "I04", "S2", "What was paid for orders, or came back, is on a receipt within a day.",
        "select c.public_id from orders_checkout c join payments_payment y on y.id = c.payment_id"
        " where y.state = 'captured' and y.captured_at < now() - interval '1 day' and exists (select 1"
        " from orders_order o where o.checkout_id = c.id and o.paid_at is not null)"
        " and not exists (select 1 from payments_paperitem i"
        " where i.payment_id = y.id) union all select r.ref from payments_refund r where r.state = 'succeeded'"
        " and r.ref <> '' and r.succeeded_at < now() - interval '1 day'"
        " and not exists (select 1 from payments_paperitem i where i.refund_id = r.id)",
    ),
)  # fmt: skip

INVOICES = (
    Check(
        "I05", "S1", "An invoice about the commission is what the releases of its orders took, to the unit.",
        "select i.id from payments_invoice i left join (select l.invoice_id, sum(l.commission_minor) s,"
        " sum(l.tax_minor) tax, bool_and(l.commission_minor is not distinct from r.fee and r.currency = k.currency"
        " and r.owner_id = k.seller_id and l.processing_minor = r.processing_minor) same from payments_invoiceline l"
        " join payments_invoice k on k.id = l.invoice_id left join (select o.number, o.currency, o.processing_minor,"
        " s.owner_id, (select -sum(e.amount) from ledger_entry e join ledger_account a on a.id = e.account_id"
        " where e.journal_id = j.id and a.code = 'income:commission:' || o.currency) fee from orders_order o"
        " join listings_shop s on s.id = o.shop_id join ledger_journal j on j.key = 'release:' || o.number) r"
        " on r.number = l.ref group by 1) l on l.invoice_id = i.id"
        " where (l.s, l.tax, l.same) is distinct from (i.gross_minor, i.tax_minor, true)",
    ),
    Check(
        "I06", "S2", "The commission of each released order is on an invoice within a day of its month's end.",
        "select o.number from orders_order o join ledger_journal j on j.key = 'release:' || o.number"
        " where o.completed_at < date_trunc('month', now() - interval '1 day', 'UTC')"
        " and j.occurred_at < date_trunc('month', now() - interval '1 day', 'UTC') and o.commission_minor > 0"
        " and not exists (select 1 from payments_invoiceline l where l.ref = o.number)"
        " and exists (select 1 from ledger_entry e join ledger_account a on a.id = e.account_id"
        " where e.journal_id = j.id and a.code = 'income:commission:' || o.currency and e.amount < 0)",
    ),
    Check(
        "I07", "S1", "An invoice and its paper say the same sums, and so do a credit note and its own.",
        "select p.number from payments_paper p left join payments_invoice i on i.paper_id = p.id"
        " left join payments_creditnote c on c.paper_id = p.id where p.kind in ('invoice', 'credit')"
        " and ((p.body->'gross'->>'minor')::bigint, (p.body->'tax'->>'minor')::bigint) is distinct from"
        " (case p.kind when 'invoice' then i.gross_minor else c.gross_minor end,"
        " case p.kind when 'invoice' then i.tax_minor else c.tax_minor end)",
    ),
    Check(
        "I08", "S1", "The tax on the commission in the books is that of the invoices, less the credit notes'.",
        "select coalesce(b.code, w.code) from (select a.code, -sum(b.amount) s from ledger_account a"
        " join ledger_balance b on b.account_id = a.id where a.code like 'tax:commission:%' group by 1) b full join"
        " (select 'tax:commission:' || country || ':' || currency code, sum(minor) s from"
        " (select country, currency, tax_minor minor from payments_invoice union all"
        " select i.country, i.currency, -c.tax_minor from payments_creditnote c join payments_invoiceline l"
        " on l.id = c.line_id join payments_invoice i on i.id = l.invoice_id) u where minor <> 0 group by 1) w"
        " on w.code = b.code where coalesce(b.s, 0) <> coalesce(w.s, 0)",
    ),
    Check(
        "I09", "S1", "Credit notes give up what refunds of their order did, and all of its tax with all of it.",
        "select l.ref from payments_invoiceline l join (select c.line_id, sum(c.gross_minor) s, sum(c.tax_minor) tax,"
        " bool_and(r.state = 'succeeded' and r.commission_minor = c.gross_minor) same, min(r.ref) first,"
        " max(r.ref) last from payments_creditnote c join payments_refund r on r.id = c.refund_id group by 1) c"
        " on c.line_id = l.id where not c.same or (c.first, c.last) <> (l.ref, l.ref)"
        " or c.tax <> div(l.tax_minor::numeric * c.s, l.commission_minor)",
    ),
    Check(
        "I10", "S2", "What was given up of an invoice is on a credit note within a day.",
        "select r.ref from payments_refund r join payments_invoiceline l on l.ref = r.ref"
        " join payments_invoice i on i.id = l.invoice_id where r.state = 'succeeded' and r.commission_minor > 0"
        " and greatest(r.succeeded_at, i.issued_at) < now() - interval '1 day' and i.paper_id is not null"
        " and not exists (select 1 from payments_creditnote c where c.refund_id = r.id)",
    ),
)  # fmt: skip

STOCK = (
    Check(
        "D03", "S1", "No more was sold than there ever was.",
        "select l.slug from listings_listing l join (select ol.listing_id, sum(ol.quantity - coalesce(i.n, 0)) n"
        " from orders_orderline ol join orders_order o on o.id = ol.order_id left join (select line_id, sum(quantity) n"
        " from orders_refundeditem where restocked group by 1) i on i.line_id = ol.id"
        " where o.status in %(held)s or o.status in ('completed', 'split') group by 1) s on s.listing_id = l.id"
        " where s.n > (select coalesce(sum(delta), 0) from listings_stockmove m"
        " where m.listing_id = l.id and m.reason in ('initial', 'restock') and delta > 0)",
        {"held": HELD},
    ),
    Check(
        "D09", "S1", "Pieces that were given back and are on sale again are moves of their quantity.",
        "select i.id from orders_refundeditem i join orders_orderline l on l.id = i.line_id full join"
        " (select * from listings_stockmove where reason = 'given_back') m"
        " on m.listing_id = l.listing_id and m.ref = replace(i.refund_id::text, '-', '')"
        " where coalesce(m.delta, 0) <> case when i.restocked then i.quantity else 0 end",
    ),
    Check(
        "D06", "S1", "A paid line has one claimed reservation of its quantity.",
        "select o.number from orders_order o join orders_orderline ol on ol.order_id = o.id"
        " left join listings_reservation r on r.ref = o.number and r.listing_id = ol.listing_id and r.state = 'claimed'"
        " where o.status in %(held)s or o.status in ('completed', 'split') group by o.id, ol.id"
        " having count(r.id) <> 1 or sum(r.quantity) <> ol.quantity",
        {"held": HELD},
    ),
    Check(
        "D08", "S1", "Stock is held while an order waits, claimed once it is paid, returned when it is not.",
        "select r.ref from listings_reservation r left join orders_order o on o.number = r.ref"
        " where r.state is distinct from case when o.status = 'placed' then 'held'"
        " when o.status = 'canceled' then 'returned' when o.id is not null then 'claimed' end",
    ),
)  # fmt: skip

LIFE = (
    Check(
        "H01", "S1", "An order moved only as its life allows.",
        "select o.number from orders_orderevent e join orders_order o on o.id = e.order_id"
        " where (e.from_status, e.to_status) not in %(moves)s or (e.seq = 1) <> (e.from_status = '')",
        {"moves": MOVES},
    ),
    Check(
        "H02", "S1", "An order's events are a chain without a gap that ends in its status.",
        # Where each came from, and the status, is where the ones before went to.
        "select o.number from orders_order o left join (select order_id, min(seq) first, max(seq) last, count(*) n,"
        " string_agg(from_status, ',' order by seq) came, string_agg(to_status, ',' order by seq) went"
        " from orders_orderevent group by 1) e on e.order_id = o.id"
        " where (e.first, e.last, e.came || ',' || o.status) is distinct from (1, e.n, ',' || e.went)",
    ),
    Check(
        "H03", "S2", "Every waiting order has a next step, and none is long overdue.",
        "select o.number from orders_order o where (o.status in %(ends)s) is distinct from (o.due_at is null)"
        " or (o.due_at is not null and o.due_at < now() - interval '1 hour' and not exists (" + ASKED +
        " and (k.kind = 'chargeback' or o.held_until > now())))",
        {"ends": ENDS},
    ),
    Check(
        "H05", "S2", "Nobody buys from their own shop.",
        "select o.number from orders_order o join orders_checkout c on c.id = o.checkout_id"
        " join listings_shop s on s.id = o.shop_id where c.buyer_id = s.owner_id",
    ),
    Check(
        "H06", "S2", "An order's lines are its shop's.",
        "select o.number from orders_order o join orders_orderline ol on ol.order_id = o.id"
        " join listings_listing l on l.id = ol.listing_id where l.shop_id <> o.shop_id",
    ),
    Check(
        "H07", "S1", "No money is held longer than eighty days after capture.",
        "select o.number from orders_order o where o.status in %(held)s and (o.held_until is null"
        " or o.held_until > o.paid_at + %(most)s or o.due_at > o.held_until"
        " or (o.held_until < now() - interval '1 hour' and not exists (" + ASKED + " and k.kind = 'chargeback')))",
        {"held": HELD, "most": HELD_AT_MOST},
    ),
    Check(
        "H08", "S1", "A dispute is open while its order is disputed, and decided as its order ended.",
        "select o.number from orders_order o left join orders_dispute d on d.order_id = o.id"
        " left join (select distinct on (order_id) order_id, to_status from orders_orderevent"
        " where from_status = 'disputed' order by order_id, seq desc) e on e.order_id = o.id"
        " where (o.status = 'disputed') is distinct from (d.id is not null and d.decided_at is null)"
        " or (d.decided_at is not null and d.outcome is distinct from"
        " case e.to_status when 'refunded' then 'buyer' when 'completed' then 'seller' else e.to_status end)",
    ),
    Check(
        "R01", "S2", "No return waits long past its deadline.",
        "select o.number from orders_return r join orders_order o on o.id = r.order_id"
        " where r.due_at < now() - interval '1 hour' and not exists (" + ASKED +
        " and (k.kind = 'chargeback' or o.held_until > now()))",
    ),
    Check(
        "R02", "S1", "A return gave money back only where it ended so, and only of its own order.",
        "select o.number from orders_return r join orders_order o on o.id = r.order_id"
        " join payments_refund f on f.id = r.refund_id where r.state <> 'refunded' or f.ref <> o.number",
    ),
    Check(
        "R04", "S1", "Who decided a contested return was neither its buyer nor its seller.",
        "select o.number from orders_return r join orders_order o on o.id = r.order_id"
        " join orders_checkout c on c.id = o.checkout_id join listings_shop s on s.id = o.shop_id"
        " where r.decided_by_id in (c.buyer_id, s.owner_id)",
    ),
    Check(
        "R05", "S2", "No more pieces of a line came back than were bought.",
        "select o.number from orders_returnitem i join orders_return r on r.id = i.back_id and r.state = 'refunded'"
        " join orders_orderline l on l.id = i.line_id join orders_order o on o.id = r.order_id"
        " group by o.number, l.id, r.order_id having sum(i.quantity) > l.quantity or l.order_id <> r.order_id",
    ),
    Check(
        "H13", "S1", "An offer that was accepted decided its dispute, and went back.",
        "select o.number from orders_disputeoffer f join orders_dispute d on d.id = f.dispute_id"
        " join orders_order o on o.id = d.order_id where f.accepted and (d.outcome not in ('buyer', 'split')"
        " or f.back_minor > o.refunded_goods_minor + o.refunded_shipping_minor)",
    ),
    Check(
        "R03", "S1", "An order goes to the address that was ordered, or to one that its seller agreed to.",
        "select o.number from orders_order o where o.new_address is not null and not exists (select 1"
        " from orders_addresschange a where a.order_id = o.id and a.accepted and a.address = o.new_address)",
    ),
    Check(
        "H09", "S2", "No order waits for a payment that has ended.",
        "select o.number from orders_order o join orders_checkout c on c.id = o.checkout_id"
        " join payments_payment p on p.id = c.payment_id where o.status = 'placed' and p.state not in %(open)s",
        {"open": tuple(sorted(map(str, Payment.OPEN)))},
    ),
    Check(
        "H10", "S2", "What was shipped has a parcel, with its number where the service is tracked.",
        "select o.number from orders_order o left join orders_shipment s on s.order_id = o.id"
        " where (o.shipped_at is null) <> (s.id is null) or (o.status in ('shipped', 'delivered') and s.id is null)"
        " or (o.tracked and s.tracking_number = '')",
    ),
    Check(
        "H11", "S2", "Whoever ordered accepted the terms and the privacy notice for it.",
        "select c.public_id from orders_checkout c left join (select a.ref, a.email, bool_or(t.kind = 'terms')"
        " and bool_or(t.kind = 'privacy') two from marketplace_acceptance a join marketplace_legaltext t"
        " on t.id = a.text_id where a.ref <> '' group by 1, 2) a on a.ref = c.public_id and a.email = lower(c.email)"
        " where a.two is not true",
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return MONEY + RECEIPTS + INVOICES + STOCK + LIFE


WAITING = (Waiting("F01", "One hold per order.", "The ledger's doing: an account's code, hold:<order>, is unique."),)
