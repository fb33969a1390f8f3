"""Invariants of quotes and conversions. Ids follow docs/audit.md."""

from __future__ import annotations

from fx.money import EXPONENT
from marketplace.lib.audit import OF_FEW, Check, Param

CODES: dict[str, Param] = {"codes": list(EXPONENT), "digits": list(EXPONENT.values())}
# How many minor units of each currency there were for a euro, in every set of rates.
UNITS = (
    "with e(code, digits) as (select * from unnest(%(codes)s::text[], %(digits)s::int[])), r as ("
    " select t.rate_set_id, t.currency, t.per_eur * power(10::numeric, e.digits) units,"
    " (t.per_eur * power(10::numeric, e.digits))::float8 rough from ("
    " select rate_set_id, currency, per_eur from fx_rate union all select id, 'EUR', 1 from fx_rateset) t"
    " join e on e.code = t.currency)"
)

# What of a quote's line is set in the buyer's money, and what it becomes.
PIECES = (
    "select line_id, sum(minor * quantity)::bigint minor, sum(target_minor * quantity)::bigint target"
    " from fx_pieceprice group by 1"
)

CHECKS = (
    Check(
        "C01", "S1", "A quote was used before it expired.",
        "select id from fx_quote where used_at > expires_at",
    ),
    Check(
        "C02", "S1", "A quote's lines sum to its amounts, to the unit.",
        # One sum over both, the lines' turned round: nothing is left. A quote without lines stands alone.
        "select id from (select id, amount_minor a, pay_minor p from fx_quote"
        " union all select quote_id, -minor, -pay_minor from fx_quoteline) u"
        " group by id having sum(a) <> 0 or sum(p) <> 0 or count(*) = 1",
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
        # Multiplied out, so that nothing is rounded: mid = was * b.units / a.units. Floats say which are near an edge.
        # Without what is set in the buyer's money per piece: see C12.
        UNITS + " select l.id from (select q.id, q.rate_set_id, q.currency, 10000 - q.spread_bps part,"
        " l.minor - coalesce(p.minor, 0) minor, l.target_currency, l.target_minor - coalesce(p.target, 0) was"
        " from fx_quote q join fx_quoteline l on l.quote_id = q.id left join (" + PIECES + ") p on p.line_id = l.id"
        " where l.component in ('goods', 'shipping') and l.target_currency <> q.currency offset 0) l"
        " join r a on a.rate_set_id = l.rate_set_id and a.currency = l.target_currency"
        " join r b on b.rate_set_id = l.rate_set_id and b.currency = l.currency where"
        " (was * b.rough >= (minor + 1) * a.rough * .999999999 and was * b.units >= (minor + 1) * a.units)"
        " or (part * a.rough * (minor - 1) > was * b.rough * 9999.99999"
        " and part * a.units * (minor - 1) > was * b.units * 10000)",
        CODES,
    ),
    Check(
        "C07", "S1", "Conversions are what crossed the platform's position.",
        f"with f as materialized (select e.account_id, e.amount from ledger_journal j {OF_FEW}"
        " where j.kind in ('fill', 'converted', 'window_result', 'window_rest'))"
        " select coalesce(c.currency, l.currency) from ("
        " select currency, sum(s) s from (select sell_currency currency, -sum(sell_minor) s from fx_conversion"
        " group by 1 union all select buy_currency, sum(buy_minor) from fx_conversion group by 1) u group by 1) c"
        # What the position's balances have beside the fills': A05 holds the balances against the entries.
        " full join (select currency, sum(s) s from (select a.currency, b.amount s from ledger_account a"
        " join ledger_balance b on b.account_id = a.id where a.code like 'fx:%' union all"
        " select a.currency, -f.amount from f join ledger_account a on a.id = f.account_id"
        " where a.code like 'fx:%') u group by 1) l"
        " on l.currency = c.currency where coalesce(c.s, 0) <> coalesce(l.s, 0)",
    ),
    Check(
        "C08", "S1", "No quote stands on a rate that was missing, stale or disputed.",
        # Where a line or the payment crosses, all three currencies need a good rate; the euro is what rates are in.
        "with r as (select rate_set_id, currency, good_until from fx_rate where not disputed)"
        " select q.id from fx_quote q join fx_quoteline l on l.quote_id = q.id"
        " left join r a on a.rate_set_id = q.rate_set_id and a.currency = q.currency"
        " left join r b on b.rate_set_id = q.rate_set_id and b.currency = l.target_currency"
        " left join r c on c.rate_set_id = q.rate_set_id and c.currency = q.pay_currency"
        " where q.rate_set_id is not null and (l.target_currency <> q.currency or q.pay_currency <> q.currency) and ("
        " (q.currency <> 'EUR' and (a.currency is null or a.good_until < q.created_at - interval '1 minute'))"
        " or (l.target_currency <> 'EUR' and (b.currency is null"
        " or b.good_until < q.created_at - interval '1 minute'))"
        " or (q.pay_currency <> 'EUR' and (c.currency is null or c.good_until < q.created_at - interval '1 minute')))",
    ),
    Check(
        "C09", "S1", "What is asked in coin is mid-market plus the quote's coin spread, within a unit.",
        # Multiplied out, so that nothing is rounded: mid = amount * b.units / a.units.
        UNITS + " select q.id from fx_quote q join r a on a.rate_set_id = q.rate_set_id and a.currency = q.currency"
        " join r b on b.rate_set_id = q.rate_set_id and b.currency = q.pay_currency where q.pay_currency <> q.currency"
        " and (q.amount_minor * b.units >= (q.pay_minor + 1) * a.units"
        " or (10000 - q.coin_spread_bps) * a.units * (q.pay_minor - 1) > q.amount_minor * b.units * 10000)"
        " union all select id from fx_quote where pay_currency = currency and pay_minor <> amount_minor",
        CODES,
    ),
    Check(
        "C11", "S1", "A quote lives for fifteen minutes at most; for fourteen days when nothing is exchanged.",
        "select q.id from fx_quote q where expires_at > created_at + interval '15 minutes'"
        " and (pay_currency <> currency or expires_at > created_at + interval '14 days' or exists"
        " (select 1 from fx_quoteline l where l.quote_id = q.id and l.target_currency <> q.currency))",
    ),
    Check(
        "C12", "S1", "A piece priced in the buyer's money becomes mid-market less the spread, rounded down.",
        # Multiplied out, so that nothing is rounded: mid = minor * a.units / b.units.
        UNITS + " select p.line_id from fx_pieceprice p join fx_quoteline l on l.id = p.line_id"
        " join fx_quote q on q.id = l.quote_id"
        " left join r a on a.rate_set_id = q.rate_set_id and a.currency = l.target_currency"
        " left join r b on b.rate_set_id = q.rate_set_id and b.currency = q.currency"
        " where l.component <> 'goods' or l.target_currency = q.currency or a.units is null or b.units is null"
        " or p.target_minor * b.units * 10000 > p.minor * a.units * (10000 - q.spread_bps)"
        " or (p.target_minor + 1) * b.units * 10000 <= p.minor * a.units * (10000 - q.spread_bps)"
        " union all select l.id from fx_quoteline l join (" + PIECES + ") p on p.line_id = l.id"
        " where p.minor > l.minor or p.target > l.target_minor",
        CODES,
    ),
)  # fmt: skip


def checks() -> tuple[Check, ...]:
    return CHECKS
