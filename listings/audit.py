"""Invariants of stock and prices. Ids follow docs/audit.md."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check("D01", "S1", "Stock is never negative.", "select slug from listings_listing where stock < 0"),
    Check(
        "D02", "S1", "Stock is the sum of its moves.",
        "select l.slug from listings_listing l left join (select listing_id, sum(delta) s from listings_stockmove"
        " group by 1) m on m.listing_id = l.id where l.stock <> coalesce(m.s, 0)",
    ),
    Check(
        "D04", "S1", "A reservation takes stock once and returns it once.",
        "select ref from listings_stockmove where ref <> '' group by listing_id, ref, reason having count(*) > 1",
    ),
    Check(
        "D05", "S2", "No reservation is held long past its end.",
        "select ref from listings_reservation where state = 'held' and expires_at < now() - interval '2 days'",
    ),
    Check(
        "D07", "S1", "What a reservation took, and gave back when it ended, are moves of its quantity.",
        "select coalesce(r.ref, m.ref) from (select listing_id, ref, -quantity took,"
        " case when state = 'returned' then quantity else 0 end back from listings_reservation) r full join ("
        " select listing_id, ref, coalesce(sum(delta) filter (where reason = 'reserved'), 0) took,"
        " coalesce(sum(delta) filter (where reason = 'returned'), 0) back from listings_stockmove"
        " where reason in ('reserved', 'returned') group by 1, 2) m on m.listing_id = r.listing_id and m.ref = r.ref"
        " where (r.took, r.back) is distinct from (m.took, m.back)",
    ),
    Check(
        "D10", "S2", "No price is fixed in the currency that its listing is priced in anyway.",
        "select l.slug from listings_fixedprice f join listings_listing l on l.id = f.listing_id"
        " where f.currency = l.currency",
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return CHECKS
