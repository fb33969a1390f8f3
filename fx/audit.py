"""Invariants of quotes and conversions. Ids follow docs/audit.md."""

from __future__ import annotations

from fx.money import EXPONENT
from marketplace.lib.audit import Check

_EXPONENTS = ", ".join(f"('{code}', {digits})" for code, digits in sorted(EXPONENT.items()))

CHECKS = (
    Check(
        "C01", "S1", "A quote was used before it expired.",
        "select id from fx_quote where used_at > expires_at",
    ),
    Check(
        "C02", "S1", "A quote's lines sum to its amounts, to the unit.",
        "select q.id from fx_quote q left join fx_quoteline l on l.quote_id = q.id group by q.id"
        " having sum(l.minor) is distinct from q.amount_minor or sum(l.pay_minor) is distinct from q.pay_minor",
    ),
    Check(
        "C03", "S1", "A quote stands on rates that were active and known before it.",
        "select q.id from fx_quote q join fx_rateset s on s.id = q.rate_set_id"
        " where s.state <> 'active' or s.created_at > q.created_at + interval '1 minute'",
    ),
    Check(
        "C06", "S1", "Goods and shipping are charged at mid-market plus the quote's spread, within a unit.",
        f"with e(code, digits) as (values {_EXPONENTS}),"
        " r as (select rate_set_id, currency, per_eur from fx_rate union all select id, 'EUR', 1 from fx_rateset),"
        " x as (select q.id, l.minor, l.target_minor * b.per_eur / a.per_eur * power(10::numeric, eb.digits - ea.digits)"
        " as mid, q.spread_bps from fx_quote q join fx_quoteline l on l.quote_id = q.id"
        " join r a on a.rate_set_id = q.rate_set_id and a.currency = l.target_currency"
        " join r b on b.rate_set_id = q.rate_set_id and b.currency = q.currency"
        " join e ea on ea.code = l.target_currency join e eb on eb.code = q.currency"
        " where l.component in ('goods', 'shipping') and l.target_currency <> q.currency)"
        " select id from x where minor < floor(mid) or minor > mid * 10000 / (10000 - spread_bps) + 1",
    ),
    Check(
        "C07", "S1", "Conversions are what crossed the platform's position.",
        "select coalesce(c.currency, l.currency) from ("
        " select currency, sum(s) s from (select sell_currency currency, -sell_minor s from fx_conversion"
        " union all select buy_currency, buy_minor from fx_conversion) u group by 1) c full join ("
        " select a.currency, sum(e.amount) s from ledger_entry e join ledger_account a on a.id = e.account_id"
        " join ledger_journal j on j.id = e.journal_id where a.code like 'fx:%' and j.kind <> 'fill' group by 1) l"
        " on l.currency = c.currency where coalesce(c.s, 0) <> coalesce(l.s, 0)",
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return CHECKS
