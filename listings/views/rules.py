"""The public pages of import rules."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from listings.rulepages import country_page, rules_page
from marketplace.lib.clock import today


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every country: what is in force, what comes, what changed."""
    return render(request, "listings/rules.html", {"page": rules_page(get_language() or "en", today())})


@require_safe
def country(request: HttpRequest, country: str) -> HttpResponse:
    """One country: what is in force and how it came about."""
    page = country_page(country.upper(), get_language() or "en", today())
    if page is None:
        raise Http404
    return render(request, "listings/rules_country.html", {"page": page})
