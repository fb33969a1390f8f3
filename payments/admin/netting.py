"""Netting windows: their flows, trades and rebates; a window is closed, and a fill recorded, by a person here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.errors import FxError
from fx.models import Window, WindowTrade
from fx.money import Money
from fx.rates import HUB
from marketplace.admin import ReadOnly
from payments.admin.pages import AmountField, attempt, form_page, may, said
from payments.errors import PaymentError
from payments.models import Fill, Rebate
from payments.netting.picture import picture
from payments.netting.trades import fill_trade
from payments.netting.windows import close_window


class CloseForm(forms.Form):
    coins = forms.ChoiceField(
        label=_("What"), choices=[("no", _("All currencies but coins")), ("yes", _("Coins"))], initial="no"
    )


class FillForm(forms.Form):
    reference = forms.CharField(label=_("Reference of the exchange"), max_length=128)
    sold = AmountField(label=_("Sold"))
    bought = AmountField(label=_("Bought"))


@admin.register(Window)
class WindowAdmin(ReadOnly):
    list_display = ("id", "closed_at", "coins", "mode", "state", "reason", "members", "result")
    list_filter = ("mode", "state", "coins", "reason")
    ordering = ("-id",)
    change_list_template = "admin/payments/window/change_list.html"

    @admin.display(description=_("result"))
    def result(self, window: Window) -> str:
        return _hub(window.result_minor)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        ours = [
            path("close/", wrap(self.close_view), name="fx_window_close"),
            path("trade/<int:pk>/fill/", wrap(self.fill_view), name="fx_window_fill"),
        ]
        return [*ours, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may(request, "fx.view_window")
        if request.method == "POST":
            raise PermissionDenied  # a window never changes here
        window = self.get_object(request, object_id)
        if window is None:
            return HttpResponseRedirect(reverse("admin:index"))  # as Django does
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Netting window %(number)s") % {"number": window.pk},
            "opts": self.opts,
            "window": window,
            **_facts_of(window),
            "may_fill": request.user.has_perm("payments.add_fill"),
        }
        return TemplateResponse(request, "admin/payments/window/window.html", context)

    def close_view(self, request: HttpRequest) -> HttpResponse:
        user, form = may(request, "fx.add_window"), CloseForm(request.POST or None)
        if form.is_valid():
            coins = form.cleaned_data["coins"] == "yes"
            try:
                window = close_window(coins=coins, reason=Window.Reason.PERSON, by=user)
            except (FxError, PaymentError) as error:
                messages.error(request, str(error))
            else:
                return self._closed(request, window)
        live = settings.NETTING_MODE == Window.Mode.LIVE
        mode = Window.Mode.LIVE.label if live else Window.Mode.SHADOW.label
        facts = [(_("Mode"), mode), (_("Who exchanges what is left"), settings.EXCHANGE_PROVIDER)]
        return form_page(self, request, form, title=gettext("Close a netting window"), facts=facts)

    def _closed(self, request: HttpRequest, window: Window | None) -> HttpResponse:
        if window is None:
            messages.info(request, gettext("Nothing waits for a window."))
            return HttpResponseRedirect(reverse("admin:fx_window_changelist"))
        self.log_change(request, window, "Closed")
        messages.success(request, gettext("Closed"))
        return _to(window)

    def fill_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = may(request, "payments.add_fill")
        row = get_object_or_404(WindowTrade.objects.select_related("window"), pk=pk)
        codes = (row.currency, HUB) if row.sells else (HUB, row.currency)
        form = FillForm(request.POST or None)
        for name, code in zip(("sold", "bought"), codes, strict=True):
            form.fields[name].initial = [None, code]
        done = gettext("Recorded")
        if form.is_valid() and attempt(request, done, lambda: fill_trade(row, by=user, **form.cleaned_data)):
            return _to(row.window)
        facts = [
            (_("To sell") if row.sells else _("To buy"), said(row.amount)),
            (_("Done"), f"{said(row.filled)} · {said(row.hub)}"),
            (_("Left"), said(row.rest)),
            (_("Provider"), row.provider),
        ]
        return form_page(self, request, form, title=gettext("Record a fill"), facts=facts)


def _facts_of(window: Window) -> dict[str, Any]:
    nets = list(window.nets.order_by("currency"))
    return {
        "picture": picture(nets),
        "flows": [
            (net.currency, *map(said, (net.inflow, net.outflow, net.matched, net.residual)), _hub(net.saving_minor))
            for net in nets
        ],
        "trades": [_trade(trade) for trade in window.trades.order_by("currency")],
        "fills": [
            (fill.reference, said(fill.sold), said(fill.bought), fill.recorded_by or fill.trade.provider, fill.at)
            for fill in Fill.objects.filter(trade__window=window)
            .select_related("recorded_by", "trade")
            .order_by("pk")[:200]
            if fill.trade is not None
        ],
        "saving": _hub(sum(net.saving_minor for net in nets)),
        "result": _hub(window.result_minor),
        "rebates": _rebates(window),
    }


def _trade(trade: WindowTrade) -> dict[str, Any]:
    return {
        "what": _("To sell") if trade.sells else _("To buy"),
        "amount": said(trade.amount),
        "filled": said(trade.filled),
        "hub": said(trade.hub),
        "provider": trade.provider,
        "problem": trade.problem,
        "url": reverse("admin:fx_window_fill", args=[trade.pk]) if trade.rest else "",
    }


def _rebates(window: Window) -> list[tuple[str, str, str, int]]:
    """By currency: what the shares come to, what is booked of it, and for how many orders."""
    shares = window.shares.filter(rebate_minor__gt=0).values_list("conversion__buy_currency")
    most = {currency: Money(int(minor), currency) for currency, minor in shares.annotate(Sum("rebate_minor"))}
    rows = Rebate.objects.filter(window=window, booked_minor__gt=0).values_list("currency")
    booked = {currency: (int(minor), n) for currency, minor, n in rows.annotate(Sum("booked_minor"), Count("pk"))}
    return [_rebate(money, *booked.get(currency, (0, 0))) for currency, money in sorted(most.items())]


def _rebate(most: Money, booked: int, orders: int) -> tuple[str, str, str, int]:
    return most.currency, said(most), said(Money(booked, most.currency)), orders


def _hub(minor: int | None) -> str:
    return "—" if minor is None else said(Money(minor, HUB))


def _to(window: Window) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:fx_window_change", args=[window.pk]))
