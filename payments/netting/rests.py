"""What of a trade is too little to exchange: the platform keeps it, or gives it, as its own rounding."""

from __future__ import annotations

from fractions import Fraction

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fx.models import WindowTrade
from fx.money import Money, exponent_of
from fx.netting.closing import cents
from fx.rates import HUB
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.posting import post
from payments.netting.trades import TradeRefused, goes_on, locked, refuse_while_asked


def most() -> Money:
    """What a rest may be worth in euros, by the window's own rate."""
    return Money(settings.NETTING_REST_EUR * 10 ** exponent_of(HUB), HUB)


def is_little(trade: WindowTrade) -> bool:
    mid = Fraction(trade.window.nets.get(currency=trade.currency).mid)
    return 0 < cents(trade.rest.amount, trade.currency, mid) <= most().amount


@transaction.atomic
def leave_rest(trade: WindowTrade, *, by: User) -> WindowTrade:
    """A person says that nobody exchanges so little. Harmless when repeated.

    TradeRefused when it is worth more than `most()`, or while a program has the order.
    """
    trade = locked(trade.pk)
    if not trade.rest:
        return trade
    refuse_while_asked(trade)
    if not is_little(trade):
        raise TradeRefused(
            _("%(rest)s is worth more than %(most)s, the most that may be left: exchange it.")
            % {"rest": trade.rest, "most": most()}
        )
    leave(trade, by=by)
    return trade


def leave(trade: WindowTrade, *, by: User | None) -> None:
    """Book the rest of a locked trade: what came in too much is income, what is owed too much expense."""
    rest, position = trade.rest.amount, codes.fx(trade.currency)
    if trade.sells:
        legs = [(position, rest), (codes.income("rounding", trade.currency), -rest)]
    else:
        legs = [(codes.expense("rounding", trade.currency), rest), (position, -rest)]
    post(f"window:{trade.window_id}:rest:{trade.currency}", "window_rest", str(trade.window_id), legs)
    trade.left_minor, trade.left_by, trade.problem = rest, by, ""
    trade.save(update_fields=["left_minor", "left_by", "problem"])
    goes_on(trade.window)
