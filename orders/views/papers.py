"""A parcel's customs papers: for the seller of the order, and nobody else on these pages."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.http import UserRequest, private_file, private_pdf
from orders import access
from orders.errors import OrderRefused
from orders.models import Order, PackedParcel
from orders.papers import showing
from orders.papers.bundle import bundle
from orders.papers.forms import PackForm
from orders.papers.gathering import packed_of
from orders.papers.packing import pack


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def papers(request: UserRequest, number: str, parcel: str) -> HttpResponse:
    order = access.sold(number, request.user)
    form = PackForm(request.POST or None, order=order, parcel=_packed(order, int(parcel)))
    if request.method == "POST" and form.is_valid():
        try:
            pack(number, int(parcel), form.facts(), by=request.user)
        except OrderRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. The papers say so now."))
            return redirect("orders:papers", number, parcel)
    known = any(one.number == int(parcel) for one in packed_of(order))
    context = {"order": order, "parcel": int(parcel), "form": form, "known": known}
    context |= showing.page_of(order, int(parcel)) if known else {"numbers": [one.number for one in packed_of(order)]}
    return render(request, "orders/papers.html", context, status=422 if form.errors else 200)


def _packed(order: Order, number: int) -> PackedParcel:
    """The parcel, or the next one, of which nothing is said yet."""
    if order.paid_at is None:
        raise Http404
    known = {one.number: one for one in packed_of(order)}
    if number not in known and number != max(known) + 1:
        raise Http404
    return known.get(number) or PackedParcel(order=order, number=number)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper(request: UserRequest, number: str, parcel: str, kind: str) -> HttpResponse:
    """To look at; by POST it is printed, which is remembered."""
    order, nth = access.sold(number, request.user), int(parcel)
    page = request.POST.get("page") or request.GET.get("page", "label")
    try:
        if request.method == "POST":
            data = showing.print_paper(order, nth, kind, by=request.user, page=page)
        else:
            data = showing.draw(showing.papers(order, nth), kind, page)
    except OrderRefused as error:
        messages.error(request, str(error))
        return redirect("orders:papers", number, parcel)
    return private_pdf(data, f"{kind}-{number}-{parcel}.pdf")


@require_safe
@login_required
def pack_file(request: UserRequest, number: str, parcel: str) -> HttpResponse:
    """All that can be drawn now, and the facts as data."""
    found = showing.papers(access.sold(number, request.user), int(parcel))
    return private_file(bundle(found), f"papers-{number}-{parcel}.zip", "application/zip")
