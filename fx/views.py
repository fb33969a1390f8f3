"""The public page of exchange rates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fx.services import rates_page


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    return render(request, "fx/rates.html", {"page": rates_page()})
