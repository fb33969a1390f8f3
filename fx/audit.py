"""Invariants of quotes and conversions. Ids follow docs/audit.md."""

from __future__ import annotations

from fx.money import EXPONENT
from marketplace.lib.audit import Check, Param

CODES: dict[str, Param] = {"codes": list(EXPONENT), "digits": list(EXPONENT.values())}

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
        "select q.id from fx_quote q left join fx_rateset s on s.id = q.rate_set_id"
        " where s.state <> 'active' or s.created_at > q.created_at + interval '1 minute' or (s.id is null and ("
        " q.pay_currency <> q.currency or exists (select 1 from fx_quoteline l"
        " where l.quote_id = q.id and l.target_currency <> q.currency)))",
    ),
    Check(
        "C06", "S1", "Goods and shipping are charged at mid-market plus the quote's spread, within a unit.",
        # e: exponents; r: every currency's rate in every set, with its exponent
        "with e(code, digits) as (select * from unnest(%(codes)s::text[], %(digits)s::int[])), r as ("
        " select t.rate_set_id, t.currency, t.per_eur, e.digits from (select rate_set_id, currency, per_eur"
        " from fx_rate union all select id, 'EUR', 1 from fx_rateset) t join e on e.code = t.currency),"
        " x as (select q.id, l.minor, q.spread_bps,"
        " l.target_minor * b.per_eur / a.per_eur * power(10::numeric, b.digits - a.digits) as mid"
        " from fx_quote q join fx_quoteline l on l.quote_id = q.id"
        " join r a on a.rate_set_id = q.rate_set_id and a.currency = l.target_currency"
        " join r b on b.rate_set_id = q.rate_set_id and b.currency = q.currency"
        " where l.component in ('goods', 'shipping') and l.target_currency <> q.currency)"
        " select id from x where minor < floor(mid) or minor > mid * 10000 / (10000 - spread_bps) + 1",
        CODES,
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
    Check(
        "C08", "S1", "No quote stands on a rate that was missing, stale or disputed.",
        "select q.id from fx_quote q join (select id quote_id, currency from fx_quote"
        " union select quote_id, target_currency from fx_quoteline union select id, pay_currency from fx_quote) n"
        " on n.quote_id = q.id left join fx_rate r on r.rate_set_id = q.rate_set_id and r.currency = n.currency"
        " where n.currency <> 'EUR' and q.rate_set_id is not null and exists (select 1 from fx_quoteline l"
        " where l.quote_id = q.id and (l.target_currency <> q.currency or q.pay_currency <> q.currency))"
        " and (r.id is null or r.disputed or r.good_until < q.created_at - interval '1 minute')",
    ),
    Check(
        "C09", "S1", "What is asked in coin is mid-market plus the quote's coin spread, within a unit.",
        # e: exponents; r: every currency's rate in every set, with its exponent
        "with e(code, digits) as (select * from unnest(%(codes)s::text[], %(digits)s::int[])), r as ("
        " select t.rate_set_id, t.currency, t.per_eur, e.digits from (select rate_set_id, currency, per_eur"
        " from fx_rate union all select id, 'EUR', 1 from fx_rateset) t join e on e.code = t.currency),"
        " x as (select q.id, q.pay_minor, q.coin_spread_bps,"
        " q.amount_minor * b.per_eur / a.per_eur * power(10::numeric, b.digits - a.digits) as mid from fx_quote q"
        " join r a on a.rate_set_id = q.rate_set_id and a.currency = q.currency"
        " join r b on b.rate_set_id = q.rate_set_id and b.currency = q.pay_currency where q.pay_currency <> q.currency)"
        " select id from x where pay_minor < floor(mid) or pay_minor > mid * 10000 / (10000 - coin_spread_bps) + 1"
        " union all select id from fx_quote where pay_currency = currency and pay_minor <> amount_minor",
        CODES,
    ),
    Check(
        "C11", "S1", "A quote lives for fifteen minutes at most; for fourteen days when nothing is exchanged.",
        "select q.id from fx_quote q where expires_at > created_at + interval '15 minutes'"
        " and (pay_currency <> currency or expires_at > created_at + interval '14 days' or exists"
        " (select 1 from fx_quoteline l where l.quote_id = q.id and l.target_currency <> q.currency))",
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return CHECKS
