"""The seller gives money back: chooses what, sees what the buyer gets, then does it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.http import UserRequest
from orders import access
from orders.errors import OrderRefused
from orders.forms import GiveBackForm
from orders.returns.giving_back import preview, refund_part


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def give_back(request: UserRequest, number: str) -> HttpResponse:
    order = access.sold(number, request.user)
    form = GiveBackForm(request.POST or None, order=order)
    context = {"order": order, "form": form}
    if request.method != "POST":
        return render(request, "orders/give_back.html", context)
    if form.is_valid():
        try:
            if request.POST.get("step") != "do":
                context["back"] = preview(order, form.part())
                return render(request, "orders/give_back.html", context)
            refund_part(number, form.part(), by=request.user, why=form.cleaned_data["why"])
        except OrderRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It goes back to the buyer, who has been told."))
            return redirect("orders:sale", number)
    return render(request, "orders/give_back.html", context, status=422)
