"""Disputes in the admin: the whole case with its pictures, and the decision with what each would get."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fx.money import Money
from marketplace.admin import ReadOnly, staff
from orders import services
from orders.disputes import messages as said
from orders.disputes.forms import DecisionForm
from orders.disputes.showing import shown
from orders.errors import OrderRefused
from orders.models import Dispute, Order
from orders.returns import giving_back

WITH = ("order__shop__owner", "order__checkout")


@admin.register(Dispute)
class DisputeAdmin(ReadOnly):
    list_display = ("order", "kind", "outcome", "decide", "due", "opened_at", "answered_at")
    list_filter = ("outcome", "kind")
    list_select_related = ("order",)
    fields = readonly_fields = (
        *("order", "kind", "reason", "opened_at", "answer", "answered_at"),
        *("outcome", "decided_by", "decided_at", "decision_reason"),
    )

    @admin.display(description=gettext_lazy("Deadline"), ordering="order__due_at")
    def due(self, dispute: Dispute) -> Any:
        return dispute.order.due_at

    @admin.display(description="")
    def decide(self, dispute: Dispute) -> SafeString:
        """The same page shows a decided case."""
        url = reverse("admin:orders_dispute_decide", args=[dispute.pk])
        return format_html('<a href="{}">{}</a>', url, _("Decide") if dispute.decided_at is None else _("Look"))

    def get_urls(self) -> list[URLPattern]:
        wrap, picture = self.admin_site.admin_view, "<int:pk>/pictures/<uuid:picture>/"
        return [
            path("<int:pk>/decide/", wrap(self.decide_view), name="orders_dispute_decide"),
            path(picture, wrap(self.picture_view), name="orders_dispute_picture"),
            *super().get_urls(),
        ]

    def picture_view(self, request: HttpRequest, pk: int, picture: uuid.UUID) -> HttpResponse:
        if not request.user.has_perm("orders.view_dispute"):
            return HttpResponse(status=403)
        dispute = get_object_or_404(Dispute.objects.select_related("order"), pk=pk)
        return shown(said.picture(dispute.order, picture))

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the outcome and a reason, show what each would get, then let the service do it."""
        dispute = get_object_or_404(Dispute.objects.select_related(*WITH), pk=pk)
        if not request.user.has_perm("orders.change_dispute"):
            return HttpResponse(status=403)
        form, looks = DecisionForm(request.POST or None, held=dispute.order.held), "preview" in request.POST
        if request.method == "POST" and form.is_valid() and not looks:
            return self._decide(request, dispute, form)
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "dispute": dispute,
            "said": said.of_order(dispute.order),
            "parts": _parts(dispute.order, form) if looks and form.is_valid() else None,
            "title": _("Decide"),
        }
        return render(request, "admin/orders/decide.html", context)

    def _decide(self, request: HttpRequest, dispute: Dispute, form: DecisionForm) -> HttpResponse:
        try:
            services.decide_dispute(dispute.order.number, by=staff(request), **form.cleaned_data)
        except OrderRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Decided. Both have been told."))
        return redirect("admin:orders_dispute_changelist")


def _parts(order: Order, form: DecisionForm) -> dict[str, Money] | None:
    """What the buyer would get in both currencies, and what of the held money the seller would keep."""
    outcome, nothing = form.cleaned_data["outcome"], Money(0, order.currency)
    back = {"buyer": order.held, "seller": nothing, "split": form.cleaned_data["back"]}[outcome]
    try:
        gets = giving_back.preview_back(order, None if outcome == "buyer" else back) if back else None
    except OrderRefused as error:
        form.add_error(None, str(error))
        return None
    return {"back": back, "buyer": gets or Money(0, order.buyer_currency), "seller": order.held - back}
