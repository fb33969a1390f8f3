"""Netting windows: what they say, beside the books and their members."""

from __future__ import annotations

from marketplace.lib.audit import OF_FEW, Check

CHECKS = (
    Check(
        "N01", "S1", "A window's currencies are the sums of its members, to the unit.",
        # When it closed, the journals of its members said the same; since then C07 holds the members against the books.
        "select window_id || ' ' || currency from (select window_id, sell_currency currency, sell_minor came, 0 went"
        " from fx_conversion where window_id is not null union all select window_id, buy_currency, 0, buy_minor"
        " from fx_conversion where window_id is not null union all select window_id, currency, -inflow_minor,"
        " -outflow_minor from fx_windownet) u group by window_id, currency having sum(came) <> 0 or sum(went) <> 0",
    ),
    Check(
        "N02", "S1", "A window matched the lesser of what came in and what is owed; the rest is its residual.",
        "select window_id || ' ' || currency from fx_windownet"
        " where matched_minor <> least(inflow_minor, outflow_minor) or residual_minor <> inflow_minor - outflow_minor"
        " or returned_minor not between 0 and matched_minor",
    ),
    Check(
        "N03", "S1", "The shares of a window sum to its saving, to the unit.",
        "select w.id from fx_window w left join (select window_id, sum(saving_minor) s from fx_windownet group by 1) n"
        " on n.window_id = w.id left join (select window_id, sum(saving_minor) s from fx_windowshare group by 1) h"
        " on h.window_id = w.id where coalesce(n.s, 0) <> coalesce(h.s, 0)",
    ),
    Check(
        "N04", "S1", "Each conversion of a window has its one share, in that window, and a window has all its members.",
        "select 'conversion ' || coalesce(c.id, s.conversion_id) from (select * from fx_conversion"
        " where window_id is not null) c full join fx_windowshare s on s.conversion_id = c.id"
        " where c.window_id is distinct from s.window_id"
        " union all select 'window ' || w.id from fx_window w where members <>"
        " (select count(*) from fx_conversion c where c.window_id = w.id)",
    ),
    Check(
        "N05", "S1", "The trades of a live window are the residuals of its currencies, to the unit; shadow has none.",
        "select coalesce(n.window_id, t.window_id) || ' ' || coalesce(n.currency, t.currency) from (select n.*"
        " from fx_windownet n join fx_window w on w.id = n.window_id and w.mode = 'live'"
        " where currency <> 'EUR' and residual_minor <> 0) n full join fx_windowtrade t"
        " on t.window_id = n.window_id and t.currency = n.currency"
        " where n.residual_minor is distinct from t.amount_minor",
    ),
    Check(
        "N06", "S1", "A trade is filled by what its fills sum to, never over its amount; only its last is left.",
        "select t.id from fx_windowtrade t left join (select trade_id,"
        " sum(case when bought_currency = 'EUR' then sold_minor else bought_minor end) f,"
        " sum(case when bought_currency = 'EUR' then bought_minor else sold_minor end) h,"
        " min(case when bought_currency = 'EUR' then sold_currency else bought_currency end) c,"
        " bool_and((bought_currency = 'EUR') = (amount_minor > 0)) ok"
        " from payments_fill f join fx_windowtrade t on t.id = f.trade_id group by 1) f on f.trade_id = t.id"
        " where filled_minor > abs(amount_minor) or left_minor not in (0, abs(amount_minor) - filled_minor)"
        " or (filled_minor, hub_minor) <> (coalesce(f, 0), coalesce(h, 0))"
        " or c <> t.currency or not ok",
    ),
    Check(
        "N07", "S1", "A settled window leaves zero of each currency: its members, its fills, its rests and its result.",
        # What the members did to the position is what its currencies say: N01 and C07.
        "with e as (select j.window_id, a.code, a.currency, e.amount from (select f.window_id, j.id from"
        " (select t.window_id, 'fill:' || reference as key from payments_fill f join fx_windowtrade t"
        " on t.id = f.trade_id union all select id, 'window:' || id || ':result' from fx_window"
        " union all select window_id, 'window:' || window_id || ':rest:' || currency from fx_windowtrade"
        " where left_minor > 0"
        " offset 0) f cross join lateral (select id from ledger_journal where key = f.key offset 0) j) j"
        f" {OF_FEW} join ledger_account a on a.id = e.account_id),"
        " s as (select window_id, currency, -residual_minor amount from fx_windownet"
        " union all select window_id, currency, amount from e where code like 'fx:%')"
        " select s.window_id || ' ' || s.currency from s join fx_window w on w.id = s.window_id"
        " and w.state = 'settled' group by s.window_id, s.currency having sum(amount) <> 0"
        " union all select 'window ' || w.id from fx_window w left join (select window_id, -sum(amount) s from e"
        " where code in ('income:spread:EUR', 'expense:spread:EUR') group by 1) e on e.window_id = w.id"
        " where coalesce(w.result_minor, 0) <> coalesce(e.s, 0)",
    ),
    Check(
        "N08", "S1", "Nobody has a rebate for an order that was not completed.",
        "select r.id from payments_rebate r where not exists"
        " (select 1 from ledger_journal j where j.key = 'release:' || r.ref)",
    ),
    Check(
        "N09", "S1", "A rebate is at most its share, less in proportion to what went back, rounded down.",
        "select r.id from payments_rebate r join fx_conversion c on c.id = r.conversion_id"
        " left join fx_windowshare s on s.conversion_id = r.conversion_id and s.window_id = r.window_id"
        " join (select p.payment_id, p.ref, sum(p.target_minor) was, sum(coalesce(b.back, 0)) gone"
        " from payments_paymentline p left join (select line_id, sum(target_minor) back from payments_refundline"
        " group by 1) b on b.line_id = p.id where p.account like 'hold:%'"
        " and p.ref in (select ref from payments_rebate) group by 1, 2) p"
        " on c.journal_key = 'capture:' || p.payment_id and p.ref = r.ref"
        " where r.most_minor is distinct from s.rebate_minor or c.seller_id <> r.seller_id"
        " or r.currency <> c.buy_currency or r.booked_minor <> div(r.most_minor * (p.was - p.gone), p.was)",
    ),
    Check(
        "N10", "S1", "A rebate is in the books as it is booked: the seller's part and the platform's expense.",
        "select coalesce(r.key, j.key) from (select r.*, replace(c.journal_key, 'capture', 'rebate') || ':' || r.ref"
        " as key from payments_rebate r join fx_conversion c on c.id = r.conversion_id) r full join ("
        "select regexp_replace(j.key, ':[0-9]+$', '') as key,"
        " -sum(e.amount) filter (where a.code like 'seller:%') seller, sum(e.amount) filter (where"
        f" a.code = 'expense:rebate:EUR') hub from ledger_journal j {OF_FEW}"
        " join ledger_account a on a.id = e.account_id where j.kind in ('rebate', 'rebate_back') group by 1) j"
        " on j.key = r.key where (coalesce(r.booked_minor, 0), coalesce(r.hub_minor, 0))"
        " <> (coalesce(j.seller, 0), coalesce(j.hub, 0))",
    ),
    Check(
        "N11", "S2", "What was completed has its rebate an hour after its live window has closed.",
        "select s.conversion_id from fx_windowshare s join fx_window w on w.id = s.window_id and w.mode = 'live'"
        " and w.closed_at < now() - interval '1 hour' join fx_conversion c on c.id = s.conversion_id"
        " join ledger_journal j on j.key = 'release:' || c.ref and j.occurred_at < now() - interval '1 hour'"
        " where s.rebate_minor > 0 and not exists"
        " (select 1 from payments_rebate r where r.conversion_id = s.conversion_id)",
    ),
)  # fmt: skip
