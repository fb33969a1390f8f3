"""Netting windows: what they say, beside the books and their members."""

from __future__ import annotations

from marketplace.lib.audit import Check

CHECKS = (
    Check(
        "N01", "S1", "A window's net of each currency is what the journals of its members did to the position.",
        "select coalesce(n.window_id, m.window_id) || ' ' || coalesce(n.currency, m.currency) from fx_windownet n"
        " full join (select k.window_id, a.currency, sum(e.amount) moved from (select distinct window_id, journal_key"
        " from fx_conversion where window_id is not null) k join ledger_journal j on j.key = k.journal_key"
        " join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id"
        " where a.code like 'fx:%' group by 1, 2) m on m.window_id = n.window_id and m.currency = n.currency"
        " where coalesce(n.residual_minor, 0) <> -coalesce(m.moved, 0)",
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
