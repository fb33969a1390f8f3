"""Netting windows: what they say, beside the books and their members."""

from __future__ import annotations

from marketplace.lib.audit import Check

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
        " where matched_minor <> least(inflow_minor, outflow_minor) or residual_minor <> inflow_minor - outflow_minor",
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
)  # fmt: skip
