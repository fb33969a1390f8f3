"""Where to, in which money, in which language."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.forms import VisitorForm
from marketplace.http import VisitorRequest
from marketplace.visitors import remember


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Choose, keep, and go back to where the visitor came from."""
    initial = asdict(cast(VisitorRequest, request).visitor)
    back = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    form = VisitorForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        response = redirect(back)
        remember(request, response, form.visitor)
        with translation.override(form.visitor.language):
            messages.success(request, _("Saved. Prices are now for the country and the money you chose."))
        return response
    status = 422 if form.is_bound else 200
    return render(request, "marketplace/visitor.html", {"form": form, "next": back}, status=status)


def _safe(request: HttpRequest, url: str) -> str:
    """Only an address of this site; anything else goes home."""
    ours = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if ours else "/"
