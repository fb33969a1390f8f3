"""The public pages of exchange rates."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fx.services import currency_page, rates_page


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    return render(request, "fx/rates.html", {"page": rates_page()})


@require_safe
def rate(request: HttpRequest, currency: str) -> HttpResponse:
    """One currency against the euro: now, and over the past days."""
    page = currency_page(currency)
    if page is None:
        raise Http404
    return render(request, "fx/rate.html", {"page": page})
