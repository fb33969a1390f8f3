"""The trades of a live window: filled in parts or at once, each fill a journal; after the last its result is booked."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from fx.models import Window, WindowTrade
from fx.money import Money
from fx.rates import HUB
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PaymentError
from payments.exchange import registry
from payments.exchange.manual import Manual
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import Fill
from payments.treasury import book_fill, known_fill, named, refuse_more_than_available

State = Window.State


class TradeRefused(PaymentError):
    """A fill that does not fit its trade."""


@transaction.atomic
def fill_trade(trade: WindowTrade, *, reference: str, sold: Money, bought: Money, by: User) -> Fill:
    """A person exchanged `sold` for `bought`, the whole of the trade or a part. Harmless when repeated.

    TradeRefused for other currencies, more than is left, or while a program has the order; PayoutRefused when the
    money to sell is not there, or the reference was used for another exchange.
    """
    reference = named(reference)
    trade = locked(trade.pk)
    known = known_fill(reference, sold, bought, trade)
    if known is not None:
        return known
    refuse_while_asked(trade)
    refuse_misfit(trade, sold, bought)
    refuse_more_than_available(sold)
    return book(trade, reference=reference, sold=sold, bought=bought, by=by)


def locked(pk: int) -> WindowTrade:
    """The trade, with its window, for this transaction alone."""
    window = Window.objects.select_for_update().get(trades=pk)
    trade = WindowTrade.objects.select_for_update(of=("self",)).get(pk=pk)
    trade.window = window
    return trade


def refuse_misfit(trade: WindowTrade, sold: Money, bought: Money) -> None:
    amount, hub = (sold, bought) if trade.sells else (bought, sold)
    if (amount.currency, hub.currency) != (trade.currency, HUB):
        wanted = _("%(amount)s are sold for euros") if trade.sells else _("%(amount)s are bought with euros")
        raise TradeRefused(
            _("This trade is another one: %(wanted)s.") % {"wanted": wanted % {"amount": trade.amount}},
        )
    if amount.amount <= 0 or hub.amount <= 0:
        raise TradeRefused(_("A fill needs two amounts that are more than nothing."))
    if amount > trade.rest:
        raise TradeRefused(
            _("Only %(rest)s of this trade is left, not %(amount)s. Record what is more as an exchange of its own.")
            % {"rest": trade.rest, "amount": amount}
        )


def book(trade: WindowTrade, *, reference: str, sold: Money, bought: Money, by: User | None) -> Fill:
    """The fill's journal; the window executes, or is settled with its last one. The trade is locked and fits."""
    fill = book_fill(reference=reference, sold=sold, bought=bought, by=by, trade=trade)
    amount, hub = (sold, bought) if trade.sells else (bought, sold)
    trade.filled_minor += amount.amount
    trade.hub_minor += hub.amount
    trade.problem = ""
    trade.save(update_fields=["filled_minor", "hub_minor", "problem"])
    goes_on(trade.window)
    return fill


def goes_on(window: Window) -> None:
    """A trade of the locked window moved: it executes, or is settled when nothing is left of any."""
    begin(window)
    if not any(one.rest for one in window.trades.all()):
        settle(window)


def begin(window: Window) -> None:
    if window.state == State.CLOSED:
        window.move_to(State.EXECUTING)
        window.save(update_fields=["state"])


def settle(window: Window) -> None:
    """Nothing is left to exchange: what its euros are more, or less, is the platform's result. The window is locked."""
    result = residual_of_hub(window)
    for trade in window.trades.all():
        result += trade.hub if trade.sells else -trade.hub
    window.move_to(State.SETTLED)
    window.settled_at, window.result_minor = now(), result.amount
    window.save(update_fields=["state", "settled_at", "result_minor"])
    if result:
        side = codes.income("spread", HUB) if result.amount > 0 else codes.expense("spread", HUB)
        legs = [(codes.fx(HUB), result.amount), (side, -result.amount)]
        post(f"window:{window.pk}:result", "window_result", str(window.pk), legs)


def residual_of_hub(window: Window) -> Money:
    net = window.nets.filter(currency=HUB).first()
    return Money(0, HUB) if net is None else net.residual


@transaction.atomic
def take_over(trade: WindowTrade, *, why: str, by: User) -> WindowTrade:
    """A person has seen at the provider what became of its order, and that nothing more can. From now on this trade is
    theirs; the order's key is never used again. Harmless when repeated.

    TradeRefused without a reason of at least ten characters.
    """
    trade, why = locked(trade.pk), why.strip()
    if trade.provider == Manual.slug:
        return trade
    if len(why) < 10:
        raise TradeRefused(_("Say what you saw at the provider, in ten characters or more."))
    by_hand_from_now(trade, _("Taken over by %(who)s: %(why)s") % {"who": by, "why": why})
    return trade


def by_hand_from_now(trade: WindowTrade, problem: str) -> None:
    trade.provider, trade.problem = Manual.slug, problem
    trade.attempt += 1
    trade.asked_at = trade.asked_minor = None
    trade.save(update_fields=["provider", "problem", "attempt", "asked_at", "asked_minor"])


def refuse_while_asked(trade: WindowTrade) -> None:
    if trade.asked_at is not None and not registry.load(trade.provider).by_hand:
        raise TradeRefused(
            _("%(provider)s has this order since %(since)s. Until its answer is known nobody else exchanges it.")
            % {"provider": trade.provider, "since": f"{trade.asked_at:%Y-%m-%d %H:%M} UTC"}
        )
