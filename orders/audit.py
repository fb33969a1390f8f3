"""Invariants of orders: money, stock and history agree with the status. Ids follow docs/audit.md."""

from __future__ import annotations

from marketplace.lib.audit import Check, Waiting
from orders.models import Order

HELD = "('paid', 'shipped', 'delivered', 'disputed')"
_MOVES = ", ".join(f"('{was}', '{to}')" for was, targets in Order.NEXT.items() for to in targets)

CHECKS = (
    Check(
        "B06", "S1", "Orders of a checkout sum to what was quoted and paid.",
        "select c.public_id from orders_checkout c join orders_order o on o.checkout_id = c.id"
        " join fx_quote q on q.id = c.quote_id join payments_payment p on p.id = c.payment_id"
        " group by c.id, q.id, p.id having sum(o.buyer_minor) <> c.amount_minor or c.amount_minor <> q.amount_minor"
        " or p.quote_id <> q.id",
    ),
    Check(
        "B07", "S2", "An order's goods are the sum of its lines.",
        "select o.number from orders_order o left join orders_orderline l on l.order_id = o.id group by o.id"
        " having coalesce(sum(l.quantity * l.unit_minor), 0) <> o.goods_minor",
    ),
    Check(
        "B08", "S1", "No paid order without money, no captured money without a paid order.",
        "select o.number from orders_order o join orders_checkout c on c.id = o.checkout_id"
        " join payments_payment p on p.id = c.payment_id"
        " where (o.status in ('placed', 'canceled')) = (p.state = 'captured')",
    ),
    Check(
        "D03", "S1", "No more was sold than there ever was.",
        "select l.slug from listings_listing l join (select ol.listing_id, sum(ol.quantity) n from orders_orderline ol"
        f" join orders_order o on o.id = ol.order_id where o.status in {HELD} or o.status = 'completed' group by 1) s"
        " on s.listing_id = l.id where s.n > (select coalesce(sum(delta), 0) from listings_stockmove m"
        " where m.listing_id = l.id and m.reason in ('initial', 'restock') and delta > 0)",
    ),
    Check(
        "D06", "S1", "A paid line has one claimed reservation of its quantity.",
        "select o.number from orders_order o join orders_orderline ol on ol.order_id = o.id"
        " left join listings_reservation r on r.ref = o.number and r.listing_id = ol.listing_id and r.state = 'claimed'"
        f" where o.status in {HELD} or o.status = 'completed' group by o.id, ol.id"
        " having count(r.id) <> 1 or sum(r.quantity) <> ol.quantity",
    ),
    Check(
        "F02", "S1", "Held money is released or given back, never both.",
        "select o.number from orders_order o where exists (select 1 from ledger_journal where key = 'release:' || o.number)"
        " and exists (select 1 from payments_refund r where r.ref = o.number and r.state <> 'failed')",
    ),
    Check(
        "F03", "S1", "What is held for an order is what its status says.",
        "select o.number from orders_order o left join ledger_account a on a.code = 'hold:' || o.number"
        " left join ledger_balance b on b.account_id = a.id where coalesce(-b.amount, 0) <>"
        f" case when o.status in {HELD} then o.goods_minor + o.shipping_minor else 0 end"
        " and not (o.status = 'refunded' and exists (select 1 from payments_refund r where r.ref = o.number"
        " and r.state in ('requested', 'needs_address', 'failed')))",
    ),
    Check(
        "F04", "S1", "Money was released for completed orders only, and for each of them.",
        "select o.number from orders_order o where (o.status = 'completed') is distinct from"
        " exists (select 1 from ledger_journal where key = 'release:' || o.number)",
    ),
    Check(
        "H01", "S1", "An order moved only as its life allows.",
        "select o.number from orders_orderevent e join orders_order o on o.id = e.order_id where e.seq > 1"
        f" and (e.from_status, e.to_status) not in ({_MOVES})",
    ),
    Check(
        "H02", "S1", "An order's events are without a gap and end in its status.",
        "select o.number from orders_order o left join orders_orderevent e on e.order_id = o.id group by o.id"
        " having count(e.id) = 0 or max(e.seq) <> count(e.id) or min(e.seq) <> 1"
        " or (array_agg(e.to_status order by e.seq desc))[1] <> o.status",
    ),
    Check(
        "H03", "S2", "Every waiting order has a next step, and none is long overdue.",
        "select number from orders_order where status not in ('completed', 'canceled', 'refunded', 'split')"
        " and (due_at is null or due_at < now() - interval '1 hour')",
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
        f"select number from orders_order where status in {HELD} and held_until < now() - interval '1 hour'",
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return CHECKS


WAITING = (
    Waiting("F01", "One hold per order.", "Held by the ledger: an account's code, hold:<order>, is unique."),
)
