"""Finds an HS code in plain words: a page, and the choices of the listing form's field."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from listings.hs import find_codes
from marketplace.http import UserRequest


@require_safe
@login_required
def search(request: UserRequest) -> HttpResponse:
    """`/sell/hs/?q=silk scarf`; a form that is being filled in asks with `hs_code` and gets options."""
    q = request.GET.get("hs_code") or request.GET.get("q", "")
    context = {"q": q[:100], "codes": find_codes(q)}
    fragment = "#options" if request.headers.get("HX-Request") else ""
    response = render(request, f"listings/hs.html{fragment}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
