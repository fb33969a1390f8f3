"""Closing a netting window of many conversions, beside the bare SQL on the same data. COUNT says how many, 1,000,000 if
not; ROUNDS how often. Ours also holds the window against the books, which the bare SQL does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from statistics import median

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from bench.report import tell
from bench.side_by_side import seconds
from fx.models import Window
from fx.money import exponent_of
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.posting import post
from payments.netting.windows import close_window
from tests.payments.netting import COSTS, MIDS, known

COUNT, ROUNDS = int(os.environ.get("COUNT", "1000000")), int(os.environ.get("ROUNDS", "3"))
CURRENCIES = ["EUR", *MIDS]
TABLES = ("fx_conversion", "fx_windowshare", "bare_conv", "bare_rebate")
# A capture each, by number: its row, its journal and four entries, put in past the triggers that keep balances.
MAKE = """
set session_replication_role = replica;
insert into fx_conversion (journal_key, ref, sell_currency, sell_minor, buy_currency, buy_minor, seller_id, counted,
 created_at) select 'capture:' || g, 'A' || g, c[1 + g %% 4], 100 + (g * 7919::bigint) %% 100000,
 c[1 + (g + 1 + (g / 4) %% 3) %% 4], 100 + (g * 104729::bigint) %% 100000, %(seller)s, true, now()
 from generate_series(%(first)s, %(last)s) g, (select %(codes)s::text[] c) x;
insert into ledger_journal (key, kind, ref, fingerprint, occurred_at)
 select journal_key, 'capture', ref, gen_random_uuid(), now() from fx_conversion
 where substr(ref, 2)::bigint between %(first)s and %(last)s order by id;
insert into ledger_entry (journal_id, line, account_id, currency, amount)
 select j.id, l.line, a.id, l.currency, l.amount from fx_conversion c
 join ledger_journal j on j.key = c.journal_key and substr(c.ref, 2)::bigint between %(first)s and %(last)s
 cross join lateral (values (1, 'clearing:bank:', sell_currency, sell_minor), (2, 'fx:', sell_currency, -sell_minor),
  (3, 'fx:', buy_currency, buy_minor), (4, 'clearing:bank:', buy_currency, -buy_minor)) l(line, code, currency, amount)
 join ledger_account a on a.code = l.code || l.currency;
set session_replication_role = origin;"""
BARE_TABLES = """
create table bare_conv as select id, seller_id seller, sell_currency sell_ccy, sell_minor sell, buy_currency buy_ccy,
 buy_minor buy, null::bigint win from fx_conversion;
alter table bare_conv add primary key (id);
create index bare_open on bare_conv(id) where win is null;
create index bare_win on bare_conv(win);
create table bare_rate(ccy text primary key, mid numeric not null, e int not null, h numeric not null);
create table bare_net(win bigint, ccy text, inflow bigint, outflow bigint, saving_hub bigint, primary key (win, ccy));
create table bare_rebate(win bigint, conv_id bigint, seller bigint, ccy text, hub bigint, amount bigint,
 primary key (win, conv_id));"""
BARE = """
update bare_conv set win = 1 where win is null;
insert into bare_net select 1, ccy, i, o, 2 * floor(h / 10000 * least(i, o)::numeric * 100 / (10::numeric ^ e) / mid)
 from (select ccy, sum(i)::bigint i, sum(o)::bigint o from (
  select sell_ccy ccy, sum(sell) i, 0 o from bare_conv where win = 1 group by 1
  union all select buy_ccy, 0, sum(buy) from bare_conv where win = 1 group by 1) x group by 1) t
 join bare_rate using (ccy);
insert into bare_rebate with leg as (
 select id, seller, sell_ccy ccy, 'i' side, sell amt from bare_conv where win = 1
 union all select id, seller, buy_ccy, 'o', buy from bare_conv where win = 1), share as (
 select l.id, div(sum(l.amt) over w * (n.saving_hub / 2), case side when 'i' then n.inflow else n.outflow end)
  - div((sum(l.amt) over w - l.amt) * (n.saving_hub / 2), case side when 'i' then n.inflow else n.outflow end) s
 from leg l join bare_net n on n.win = 1 and n.ccy = l.ccy window w as (partition by l.ccy, l.side order by l.id))
select 1, s.id, c.seller, c.buy_ccy, sum(s.s)::bigint,
 floor(sum(s.s) * 50 / 100 * (10::numeric ^ r.e) * r.mid / 100)::bigint
from share s join bare_conv c on c.id = s.id join bare_rate r on r.ccy = c.buy_ccy
group by s.id, c.seller, c.buy_ccy, r.e, r.mid;"""


@pytest.mark.django_db(transaction=True)
def test_closing_a_window_of_many_conversions(
    settings: Settings, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.NETTING_COSTS_BPS = COSTS
    known(MIDS)
    _open_accounts()
    _make(alice, 1, COUNT // 10)
    small = [_undone(_ours(COUNT // 10)) for _round in range(ROUNDS)]
    _make(alice, COUNT // 10 + 1, COUNT)
    _make_bare()
    try:
        rounds = [(_undone(_ours(COUNT)), _undone(_bare)) for _round in range(ROUNDS)]
    finally:
        _sql("drop table bare_conv, bare_rate, bare_net, bare_rebate")
    work = f"closing a window of {COUNT:,} conversions"
    each = [ours / (10 * tenth) for (ours, _), tenth in zip(rounds, small, strict=True)]
    with capsys.disabled():
        print(tell(work, "the bare SQL", [ours / bare for ours, bare in rounds], asked="2 at most"))
        print(tell("the cost of one conversion in it", f"in a window of {COUNT // 10:,}", each, asked="linear: 1"))
        print(f"  {median(ours for ours, _ in rounds):.1f} s, the bare SQL {median(bare for _, bare in rounds):.1f} s")


def _open_accounts() -> None:
    for currency in CURRENCIES:
        post(f"open:{currency}", "fill", "", [(codes.clearing("bank", currency), 1), (codes.fx(currency), -1)])


def _make(seller: User, first: int, last: int) -> None:
    _sql(MAKE, {"seller": seller.pk, "first": first, "last": last, "codes": CURRENCIES})
    _sql("analyze")


def _make_bare() -> None:
    _sql(BARE_TABLES)
    for currency in CURRENCIES:
        row = [currency, MIDS.get(currency, "1"), exponent_of(currency), COSTS.get(currency, 0)]
        _sql("insert into bare_rate values (%s, %s, %s, %s)", row)
    _sql("analyze")


def _ours(count: int) -> Callable[[], None]:
    def close() -> None:
        window = close_window(coins=False, reason=Window.Reason.PERSON)
        _sql("set constraints all immediate")  # what a commit looks at
        assert window is not None
        assert window.members == count

    return close


def _bare() -> None:
    _sql(BARE)


def _undone(close: Callable[[], None]) -> float:
    """How long it takes; then it is taken back, and what it leaves behind is swept away."""
    with transaction.atomic():
        spent = seconds(close)
        transaction.set_rollback(True)
    for table in _there(TABLES):
        _sql(f"vacuum {table}")
    return spent


def _there(tables: Sequence[str]) -> list[str]:
    known = connection.introspection.table_names()
    return [table for table in tables if table in known]


def _sql(text: str, params: object = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, params)  # type: ignore[arg-type]
