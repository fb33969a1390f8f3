"""What buyers' banks ask back: a queue by deadline, the paper that answers it, and our word that we accept it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fx.format import format_money
from marketplace.admin import ReadOnly, staff
from marketplace.http import private_pdf
from orders.evidence.answers import prepare
from orders.models import Order
from payments.chargebacks import answering
from payments.errors import AnswerRefused
from payments.models import Chargeback, EvidencePack


class AcceptForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Why we accept it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(Chargeback)
class ChargebackAdmin(ReadOnly):
    """A queue: what is due first comes first; what is over has no deadline any more."""

    list_display = ("answer", "due_at", "money", "orders", "kind", "state", "reason", "processor", "opened_at")
    list_display_links = None
    list_filter = ("state", "kind", "processor")
    search_fields = ("=processor_ref", "=payment__ref", "=payment__processor_ref")
    list_select_related = ("payment",)

    def get_ordering(self, request: HttpRequest) -> list[OrderBy]:  # type: ignore[override] # expressions are allowed
        return [F("closed_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("payment__checkout__orders")

    @admin.display(description=gettext_lazy("answer"), ordering="processor_ref")
    def answer(self, chargeback: Chargeback) -> SafeString:
        url = reverse("admin:payments_chargeback_answer", args=[chargeback.pk])
        return format_html('<a href="{}">{}</a>', url, chargeback.processor_ref)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_minor")
    def money(self, chargeback: Chargeback) -> str:
        return format_money(chargeback.amount, "en")

    @admin.display(description=gettext_lazy("orders"))
    def orders(self, chargeback: Chargeback) -> SafeString:
        return format_html_join(" ", '<a href="{}">{}</a>', _links(chargeback))

    def get_urls(self) -> list[URLPattern]:
        wrap, paper = self.admin_site.admin_view, "<uuid:pk>/evidence/<uuid:pack>.pdf"
        return [
            path("<uuid:pk>/answer/", wrap(self.answer_view), name="payments_chargeback_answer"),
            path(paper, wrap(self.paper_view), name="payments_chargeback_paper"),
            *super().get_urls(),
        ]

    def answer_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The case, the drafts and what was sent; a post prepares, sends or accepts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chargeback = get_object_or_404(Chargeback.objects.select_related("payment", "accepted_by"), pk=pk)
        if request.method == "POST":
            return self._act(request, chargeback)
        return render(request, "admin/orders/answer.html", self._page(request, chargeback, AcceptForm()))

    def _act(self, request: HttpRequest, chargeback: Chargeback) -> HttpResponse:
        if not _may_answer(request):
            raise PermissionDenied
        form = AcceptForm(request.POST)
        if request.POST.get("do") == "accept" and not form.is_valid():
            return render(request, "admin/orders/answer.html", self._page(request, chargeback, form))
        try:
            done = self._done(request, chargeback, form)
        except AnswerRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
            self.log_change(request, chargeback, done)
        return redirect("admin:payments_chargeback_answer", chargeback.pk)

    def _done(self, request: HttpRequest, chargeback: Chargeback, form: AcceptForm) -> str:
        """Do what was asked; what was done, in words. AnswerRefused says why it was not."""
        by = staff(request)
        match request.POST.get("do"):
            case "prepare":
                prepare(chargeback.pk, by=by)
                return _("Written. Look at it before you send it.")
            case "send":
                answering.send(_uuid(request.POST.get("pack", "")), by=by)
                return _("Sent. From now on the bank decides.")
            case "accept":
                answering.accept(chargeback.pk, by=by, why=form.cleaned_data["why"])
                return _("Accepted. The bank is told.")
        raise AnswerRefused(_("Write down, send or accept: choose one of them."))

    def _page(self, request: HttpRequest, chargeback: Chargeback, form: AcceptForm) -> dict[str, Any]:
        packs = EvidencePack.objects.filter(chargeback=chargeback).select_related("made_by", "sent_by").defer("facts")
        under_way = answering.under_way(chargeback)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(chargeback),
            "chargeback": chargeback,
            "orders": _links(chargeback),
            "packs": packs,
            "form": form,
            "under_way": under_way,
            "open": chargeback.state == Chargeback.State.OPENED and under_way is None and _may_answer(request),
            "can_send": answering.can_send(chargeback),
            "can_accept": chargeback.kind == Chargeback.Kind.CHARGEBACK,
        }

    def paper_view(self, request: HttpRequest, pk: uuid.UUID, pack: uuid.UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = get_object_or_404(EvidencePack, pk=pack, chargeback=pk)
        if not found.pdf:
            raise Http404
        return private_pdf(bytes(found.pdf), f"evidence-{found.pk}.pdf")


def _may_answer(request: HttpRequest) -> bool:
    return staff(request).has_perm("payments.change_chargeback")


def _links(chargeback: Chargeback) -> list[tuple[str, str]]:
    orders = Order.objects.filter(checkout__payment=chargeback.payment_id).order_by("number")
    return [(reverse("admin:orders_order_change", args=[order.pk]), order.number) for order in orders]


def _uuid(text: str) -> uuid.UUID:
    """What is no id is the id of nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
