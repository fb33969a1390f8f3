"""Orders to look at, returns to decide. Every change goes through the services of the pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fx.money import Money
from listings.fields import MoneyField
from marketplace.admin import ReadOnly, ReadOnlyInline, staff
from marketplace.http import private_file
from orders.errors import OrderRefused
from orders.forms import GiveBackForm
from orders.models import Checkout, Order, OrderEvent, OrderLine, Return, Shipment
from orders.papers import showing
from orders.papers.bundle import bundle
from orders.papers.gathering import packed_of
from orders.returns import giving_back
from orders.returns import life as returns


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = readonly_fields = ("title", "quantity", "unit", "hs_code", "origin", "weight_g")

    @admin.display(description=gettext_lazy("Unit price"))
    def unit(self, line: OrderLine) -> str:
        return str(line.unit)


class EventInline(ReadOnlyInline):
    model = OrderEvent
    fields = readonly_fields = ("seq", "from_status", "to_status", "by", "why", "at")


class ShipmentInline(ReadOnlyInline):
    model = Shipment
    fields = readonly_fields = ("carrier", "carrier_key", "tracking_number", "shipped_at", "expected_by")


@admin.register(Order)
class OrderAdmin(ReadOnly):
    list_display = ("number", "status", "shop", "buyer", "paid", "held_for_seller", "due_at", "placed_at")
    list_filter = ("status", "currency", "placed_at")
    list_select_related = ("shop", "checkout__buyer")
    search_fields = ("number", "checkout__public_id", "checkout__email", "shop__name", "parcels__tracking_number")
    date_hierarchy = "placed_at"
    inlines = (LineInline, ShipmentInline, EventInline)
    fields = readonly_fields = (
        "number",
        "status",
        "shop",
        "buyer",
        "payment",
        "paid",
        "discount_given",
        "held_for_seller",
        "given_back",
        "give_back",
        "papers",
        "due_at",
        "asked_at",
        "held_until",
        "shipping_name",
        "placed_at",
        "paid_at",
        "shipped_at",
        "delivered_at",
        "completed_at",
    )

    @admin.display(description=gettext_lazy("Discount for the way to pay, of what it saved the shop"))
    def discount_given(self, order: Order) -> str:
        return f"{order.discount} / {order.saved}"

    @admin.display(description=gettext_lazy("Give money back"))
    def give_back(self, order: Order) -> str | SafeString:
        if order.status not in giving_back.OPEN:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("admin:orders_order_give_back", args=[order.pk]), _("Refund"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.give_back_view)
        papers = self.admin_site.admin_view(self.papers_view)
        return [
            path("<int:pk>/give-back/", view, name="orders_order_give_back"),
            path("<int:pk>/papers/<int:parcel>.zip", papers, name="orders_order_papers"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("Customs papers"))
    def papers(self, order: Order) -> str | SafeString:
        if order.paid_at is None:
            return ""
        links = [
            (reverse("admin:orders_order_papers", args=[order.pk, one.number]), one.number) for one in packed_of(order)
        ]
        return format_html_join(" ", '<a href="{}">{}</a>', links)

    def papers_view(self, request: HttpRequest, pk: int, parcel: int) -> HttpResponse:
        """What the seller of the order can have."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        order = get_object_or_404(Order.objects.select_related("shop", "checkout"), pk=pk)
        data = bundle(showing.papers(order, parcel))
        return private_file(data, f"papers-{order.number}-{parcel}.zip", "application/zip")

    def give_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The seller's own form, for staff; the seller and the buyer are told."""
        order = get_object_or_404(Order.objects.select_related("shop", "checkout"), pk=pk)
        if not request.user.has_perm("orders.change_order"):
            return HttpResponse(status=403)
        form = GiveBackForm(request.POST or None, order=order)
        if request.method == "POST" and form.is_valid():
            why = form.cleaned_data["why"]
            try:
                giving_back.refund_part(order.number, form.part(), by=staff(request), why=why)
            except OrderRefused as error:
                messages.error(request, str(error))
            else:
                self.log_change(request, order, f"Gave money back: {why}")
                messages.success(request, _("It goes back to the buyer, who has been told."))
                return redirect("admin:orders_order_change", pk)
        context = {**self.admin_site.each_context(request), "form": form, "order": order, "title": _("Give money back")}
        return render(request, "admin/orders/give_back.html", context)

    @admin.display(description=gettext_lazy("Buyer"))
    def buyer(self, order: Order) -> str:
        return order.checkout.email

    @admin.display(description=gettext_lazy("Given back"))
    def given_back(self, order: Order) -> str:
        return str(order.refunded)

    @admin.display(description=gettext_lazy("Paid"))
    def paid(self, order: Order) -> str:
        return str(order.buyer_total)

    @admin.display(description=gettext_lazy("Held for the seller"))
    def held_for_seller(self, order: Order) -> str:
        return str(order.held)

    @admin.display(description=gettext_lazy("Payment"))
    def payment(self, order: Order) -> SafeString:
        payment = order.checkout.payment
        url = reverse("admin:payments_payment_change", args=[payment.pk])
        return format_html('<a href="{}">{} {}</a>', url, payment.processor, payment.get_state_display())


@admin.register(Checkout)
class CheckoutAdmin(ReadOnly):
    list_display = ("public_id", "email", "buyer", "total", "created_at")
    search_fields = ("public_id", "email")
    fields = readonly_fields = ("public_id", "email", "buyer", "address", "total", "created_at")

    @admin.display(description=gettext_lazy("Total"))
    def total(self, checkout: Checkout) -> str:
        return str(checkout.amount)


class ReturnDecisionForm(forms.Form):
    goods = forms.CharField(label=gettext_lazy("How much of the goods goes back"), max_length=20)
    why = forms.CharField(
        label=gettext_lazy("Reason, which both are told"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, most: Money, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["goods"] = MoneyField(
            currency=most.currency, low=0, high=most.amount, label=self.fields["goods"].label, initial=most
        )


@admin.register(Return)
class ReturnAdmin(ReadOnly):
    """A queue: contested ones wait for a decision."""

    list_display = ("order", "kind", "state", "decide", "due_at", "asked_at")
    list_filter = ("state", "kind")
    list_select_related = ("order",)
    search_fields = ("=order__number",)
    ordering = ("due_at", "-asked_at")
    fields = readonly_fields = (
        *("order", "kind", "state", "reason", "payer", "send_to", "carrier", "tracking_number"),
        *("answer", "decision", "decided_by", "refund", "asked_at", "sent_at", "ended_at", "due_at"),
    )

    @admin.display(description="")
    def decide(self, back: Return) -> str | SafeString:
        if back.state != Return.State.CONTESTED:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("admin:orders_return_decide", args=[back.pk]), _("Decide"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", view, name="orders_return_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How much goes back for what came back, and why."""
        back = get_object_or_404(Return.objects.select_related("order__shop"), pk=pk)
        if not request.user.has_perm("orders.change_return"):
            return HttpResponse(status=403)
        form = ReturnDecisionForm(request.POST or None, most=returns.worth(back))
        if request.method == "POST" and form.is_valid():
            try:
                returns.decide(back, by=staff(request), **form.cleaned_data)
            except OrderRefused as error:
                messages.error(request, str(error))
            else:
                self.log_change(request, back, f"Decided: {form.cleaned_data['goods']}")
                messages.success(request, _("Decided. Both have been told."))
            return redirect("admin:orders_return_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "back": back, "title": _("Decide")}
        return render(request, "admin/orders/decide_return.html", context)
