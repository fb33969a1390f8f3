"""Close netting windows: by the clock, by a limit, by hand. A window that the books contradict does not close."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from fx.errors import FxError
from fx.models import Window
from fx.money import Money
from fx.netting.closing import collect, oldest, waiting
from fx.services import current_rates
from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from marketplace.models import User
from payments.errors import PaymentError
from payments.netting.trades import settle

log = logging.getLogger(__name__)
LOCK = 0x6E657474  # "nett"
# What the journals of a window's members did to the position, beside what the window says: both have to be opposite.
DIFFERENT = """
select coalesce(n.currency, m.currency), -coalesce(n.residual_minor, 0), coalesce(m.moved, 0)
from (select currency, residual_minor from fx_windownet where window_id = %(window)s) n
full join (select e.currency, sum(e.amount)::bigint moved
 from (select distinct journal_key from fx_conversion where window_id = %(window)s) k
 join ledger_journal j on j.key = k.journal_key join ledger_entry e on e.journal_id = j.id
 and e.account_id = any(array(select id from ledger_account where code like 'fx:%%')) group by 1) m
 on m.currency = n.currency
where -coalesce(n.residual_minor, 0) <> coalesce(m.moved, 0) order by 1"""


class WindowRefused(PaymentError):
    """The books say something else than the conversions: nothing was closed."""


@transaction.atomic
def close_window(*, coins: bool, reason: Window.Reason, by: User | None = None) -> Window | None:
    """Net all that waits; None when nothing does. In shadow it is a report; in live its trades wait to be carried
    out, and where there are none its result is booked at once. `by` is none for the clock and the limit.

    One transaction behind a lock of its own: closed at once by several, each conversion is in one window. RateMissing
    without a trustworthy rate of a currency, WindowRefused when the books disagree; then all of it waits on.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    window = collect(coins=coins, rates=current_rates(), reason=reason)
    if window is not None:
        _hold_against_the_books(window)
        if by is not None:
            window.closed_by = by
            window.save(update_fields=["closed_by"])
        if window.is_live and not window.trades.exists():
            settle(window)
        reach("window closed")
    return window


def close_due_windows() -> list[Window]:
    """Each kind of window whose time is over, or whose position is over a limit. One that cannot close is logged and
    tried again; the other kind closes all the same."""
    closed = []
    for coins in (False, True):
        reason = due(coins=coins)
        if reason is None:
            continue
        try:
            window = close_window(coins=coins, reason=reason)
        except (FxError, PaymentError) as error:
            log.error("A netting window did not close: %s", error)
            continue
        closed += [window] if window else []
    return closed


def due(*, coins: bool) -> Window.Reason | None:
    """Why a window should close now, if it should."""
    since = oldest(coins=coins)
    if since is None:
        return None
    hours = settings.NETTING_COIN_HOURS if coins else settings.NETTING_HOURS
    if since <= now() - dt.timedelta(hours=hours):
        return Window.Reason.TIME
    return Window.Reason.LIMIT if settings.NETTING_LIMITS and any(map(_is_over, waiting(coins=coins))) else None


def _is_over(net: Money) -> bool:
    limit = settings.NETTING_LIMITS.get(net.currency)
    return limit is not None and abs(net.amount) > Money.parse(limit, net.currency).amount


def _hold_against_the_books(window: Window) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT, {"window": window.pk})
        row = cursor.fetchone()
    if row is not None:
        currency, expected, found = row
        raise WindowRefused(
            _(
                "The conversions of this window move fx:%(currency)s by %(expected)s, the books by %(found)s. "
                "Nothing was closed. Run the audit (C07) and mend the difference first."
            )
            % {"currency": currency, "expected": Money(expected, currency), "found": Money(found, currency)}
        )
