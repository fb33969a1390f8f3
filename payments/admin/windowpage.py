"""What the page of a netting window shows."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from fx.models import Window, WindowNet, WindowTrade
from fx.money import Money
from fx.netting.closing import waiting
from fx.rates import HUB
from payments.admin.pages import said
from payments.admin.tables import Cell, Table, table
from payments.exchange.manual import Manual
from payments.models import Fill, Rebate
from payments.netting.picture import picture
from payments.netting.rests import is_little

SHOWN = 200  # fills


def facts_of(window: Window, *, may_fill: bool) -> dict[str, Any]:
    nets = list(window.nets.order_by("currency"))
    return {
        "picture": [
            (row, said(row.net.inflow), said(row.net.outflow), _more(row.net.residual)) for row in picture(nets)
        ],
        "flows": _flows(nets),
        "trades": _trades(window, {net.currency: net for net in nets}, may_fill),
        "fills": _fills(window),
        "saving": hub(sum(net.saving_minor for net in nets)),
        "result": hub(window.result_minor),
        "rebates": _rebates(window),
    }


def waits(*, coins: bool) -> str:
    """What the next window would have to exchange."""
    nets = waiting(coins=coins)
    return " · ".join(_more(net) for net in nets) or _("nothing")


def hub(minor: int | None) -> str:
    return "—" if minor is None else said(Money(minor, HUB))


def _more(net: Money) -> str:
    if not net:
        return _("%(currency)s: all of it matched") % {"currency": net.currency}
    words = _("%(amount)s more came in than is owed") if net.amount > 0 else _("%(amount)s more is owed than came in")
    return words % {"amount": said(Money(abs(net.amount), net.currency))}


def _flows(nets: list[WindowNet]) -> Table:
    head = [_("Currency"), _("came in"), _("is owed"), _("matched"), _("residual"), _("saving")]
    rows = [
        (net.currency, net.inflow, net.outflow, net.matched, net.residual, Money(net.saving_minor, HUB)) for net in nets
    ]
    return table(_("Flows"), head, rows)


def _trades(window: Window, nets: dict[str, WindowNet], may_fill: bool) -> Table:
    head = [_("Trade"), _("Done"), _("Left"), _("In euros"), _("Expected"), _("Provider")]
    rows = [_trade(one, nets[one.currency], may_fill) for one in window.trades.order_by("currency")]
    return table(_("Trades"), head, rows)


def _trade(trade: WindowTrade, net: WindowNet, may_fill: bool) -> list[Any]:
    what = _("To sell") if trade.sells else _("To buy")
    note = _("%(amount)s to rounding") % {"amount": said(trade.left)} if trade.left else ""
    links = _links(trade) if trade.rest and may_fill else ()
    rest = Cell(said(trade.rest), note, links, number=True)
    expected = Money(abs(net.trade_minor), HUB)
    who = Cell(trade.provider, note=trade.problem)
    return [f"{what}: {said(trade.amount)}", trade.filled, rest, trade.hub, expected, who]


def _links(trade: WindowTrade) -> list[tuple[str, str]]:
    """What a person can do about the rest."""
    links = []
    if trade.asked_at is None:
        links.append((reverse("admin:fx_window_fill", args=[trade.pk]), _("Record a fill")))
        if is_little(trade):
            links.append((reverse("admin:fx_window_leave", args=[trade.pk]), _("Leave it to rounding")))
    if trade.provider != Manual.slug:
        links.append((reverse("admin:fx_window_take_over", args=[trade.pk]), _("Take it over")))
    return links


def _fills(window: Window) -> Table:
    head = [_("Reference of the exchange"), _("Sold"), _("Bought"), _("By"), _("When")]
    fills = Fill.objects.filter(trade__window=window).select_related("recorded_by", "trade").order_by("pk")[:SHOWN]
    rows = [(one.reference, one.sold, one.bought, _by(one), one.at) for one in fills]
    return table(_("Fills"), head, rows)


def _by(fill: Fill) -> str:
    if fill.recorded_by is not None:
        return str(fill.recorded_by)
    return fill.trade.provider if fill.trade is not None else ""


def _rebates(window: Window) -> Table:
    """By currency: what the shares come to, what is booked of it, and for how many orders."""
    shares = window.shares.filter(rebate_minor__gt=0).values_list("conversion__buy_currency")
    most = {currency: Money(int(minor), currency) for currency, minor in shares.annotate(Sum("rebate_minor"))}
    found = Rebate.objects.filter(window=window, booked_minor__gt=0).values_list("currency")
    booked = {currency: (int(minor), n) for currency, minor, n in found.annotate(Sum("booked_minor"), Count("pk"))}
    rows = [_rebate(money, *booked.get(currency, (0, 0))) for currency, money in sorted(most.items())]
    return table(_("Rebates"), [_("Currency"), _("At most"), _("Booked"), _("Orders")], rows)


def _rebate(most: Money, booked: int, orders: int) -> tuple[str, Money, Money, int]:
    return most.currency, most, Money(booked, most.currency), orders
