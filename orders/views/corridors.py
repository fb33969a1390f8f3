"""The public corridor board."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.http import VisitorRequest
from marketplace.lib.places import countries
from orders.corridors.page import board


@require_safe
def corridors(request: VisitorRequest) -> HttpResponse:
    language = request.visitor.language
    seller, buyer = request.GET.get("from", ""), request.GET.get("to", "")
    shown = board(seller=seller, buyer=buyer, language=language)
    context = {"board": shown, "countries": countries(language), "seller": seller, "buyer": buyer}
    return render(request, "orders/corridors.html", context)
