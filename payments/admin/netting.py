"""Netting windows: their flows, trades and rebates; a window is closed, and a fill recorded, by a person here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.errors import FxError
from fx.models import Window, WindowTrade
from fx.rates import HUB
from marketplace.admin import ReadOnly
from marketplace.models import User
from payments.admin.pages import AmountField, attempt, form_page, may, said
from payments.admin.windowpage import facts_of, hub, waits
from payments.errors import PaymentError
from payments.netting.rests import leave_rest, most
from payments.netting.trades import fill_trade, take_over
from payments.netting.windows import close_window


class CloseForm(forms.Form):
    coins = forms.ChoiceField(
        label=_("What"), choices=[("no", _("All currencies but coins")), ("yes", _("Coins"))], initial="no"
    )


class FillForm(forms.Form):
    reference = forms.CharField(label=_("Reference of the exchange"), max_length=128)
    sold = AmountField(label=_("Sold"))
    bought = AmountField(label=_("Bought"))


class TakeOverForm(forms.Form):
    why = forms.CharField(
        label=_("What you saw at the provider"),
        help_text=_("What became of its order, and that nothing more can. Its key is never used again."),
        max_length=500,
        widget=forms.Textarea,
    )


@admin.register(Window)
class WindowAdmin(ReadOnly):
    list_display = ("id", "closed_at", "coins", "mode", "state", "reason", "members", "result")
    list_filter = ("mode", "state", "coins", "reason")
    ordering = ("-id",)
    change_list_template = "admin/payments/window/change_list.html"

    @admin.display(description=_("result"))
    def result(self, window: Window) -> str:
        return hub(window.result_minor)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        ours = [
            path("close/", wrap(self.close_view), name="fx_window_close"),
            path("trade/<int:pk>/fill/", wrap(self.fill_view), name="fx_window_fill"),
            path("trade/<int:pk>/leave/", wrap(self.leave_view), name="fx_window_leave"),
            path("trade/<int:pk>/take-over/", wrap(self.take_over_view), name="fx_window_take_over"),
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
            **facts_of(window, may_fill=request.user.has_perm("payments.add_fill")),
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
        facts = [
            (_("Mode"), mode),
            (_("Who exchanges what is left"), settings.EXCHANGE_PROVIDER),
            (_("What waits, but coins"), waits(coins=False)),
            (_("What waits with coins"), waits(coins=True)),
        ]
        return form_page(self, request, form, title=gettext("Close a netting window"), facts=facts)

    def _closed(self, request: HttpRequest, window: Window | None) -> HttpResponse:
        if window is None:
            messages.info(request, gettext("Nothing waits for a window."))
            return HttpResponseRedirect(reverse("admin:fx_window_changelist"))
        self.log_change(request, window, "Closed")
        messages.success(request, gettext("Closed"))
        return _to(window)

    def fill_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, row = self._trade(request, pk)
        codes = (row.currency, HUB) if row.sells else (HUB, row.currency)
        form = FillForm(request.POST or None)
        for name, code in zip(("sold", "bought"), codes, strict=True):
            form.fields[name].initial = [None, code]
        done = gettext("Recorded")
        if form.is_valid() and attempt(request, done, lambda: fill_trade(row, by=user, **form.cleaned_data)):
            return _to(row.window)
        return form_page(self, request, form, title=gettext("Record a fill"), facts=_facts(row))

    def leave_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, row = self._trade(request, pk)
        form = forms.Form(request.POST if request.method == "POST" else None)
        if form.is_valid() and attempt(request, gettext("Left to rounding"), lambda: leave_rest(row, by=user)):
            self.log_change(request, row.window, "Left a rest")
            return _to(row.window)
        facts = [*_facts(row), (_("Worth at most"), said(most()))]
        return form_page(self, request, form, title=gettext("Leave the rest to rounding"), facts=facts)

    def take_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, row = self._trade(request, pk)
        form = TakeOverForm(request.POST or None)
        done = gettext("Taken over")
        if form.is_valid() and attempt(request, done, lambda: take_over(row, by=user, **form.cleaned_data)):
            self.log_change(request, row.window, "Took a trade over")
            return _to(row.window)
        return form_page(self, request, form, title=gettext("Take the trade over"), facts=_facts(row))

    def _trade(self, request: HttpRequest, pk: int) -> tuple[User, WindowTrade]:
        user = may(request, "payments.add_fill")
        return user, get_object_or_404(WindowTrade.objects.select_related("window"), pk=pk)


def _facts(trade: WindowTrade) -> list[tuple[Any, Any]]:
    return [
        (_("To sell") if trade.sells else _("To buy"), said(trade.amount)),
        (_("Done"), f"{said(trade.filled)} · {said(trade.hub)}"),
        (_("Left"), said(trade.rest)),
        (_("Provider"), trade.provider),
        *([(_("Problem"), trade.problem)] if trade.problem else []),
    ]


def _to(window: Window) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:fx_window_change", args=[window.pk]))
