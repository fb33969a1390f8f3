"""The seller's numbers on the desk: customs, tax, packaging."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from listings import services
from listings.errors import ListingError
from listings.fields import CountryField
from listings.models import Shop, ShopNumber
from marketplace.http import UserRequest
from marketplace.refusals import told


class NumberForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ShopNumber.Kind.choices)
    country = CountryField(label=gettext_lazy("Country that gave it"))
    number = forms.CharField(label=gettext_lazy("Number"), max_length=40)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mine(request: UserRequest) -> HttpResponse:
    """`/sell/registrations/`: the numbers, each with whether somebody checked it, and one more."""
    shop = get_object_or_404(Shop, owner=request.user)
    form = NumberForm(request.POST or None, initial={"kind": ShopNumber.Kind.EORI, "country": shop.country})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_number(shop, by=request.user, **form.cleaned_data)
        except ListingError as error:
            form.add_error("number", str(error))
        else:
            messages.success(request, _("The number is kept."))
            return redirect("listings:registrations")
    context = {"shop": shop, "numbers": shop.numbers.all(), "form": form}
    refused = form.is_bound and not form.is_valid()
    return render(request, "listings/registrations.html", context, status=422 if refused else 200)


@require_POST
@login_required
def remove(request: UserRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ShopNumber.objects.select_related("shop"), pk=pk, shop__owner=request.user)
    with told(request, ListingError):
        services.remove_number(row, by=request.user)
        messages.success(request, _("The number is removed."))
    return redirect("listings:registrations")
