"""The account's own page: who you are, how you log in, your key to the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from marketplace.forms import ProfileForm
from marketplace.http import UserRequest
from marketplace.second_factor import has_second_factor
from marketplace.visitors import remember


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    initial = {"name": request.user.name, **asdict(request.visitor)}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        request.user.name = form.cleaned_data["name"]
        request.user.save(update_fields=["name"])
        response = redirect("site:account")
        remember(request, response, form.visitor)
        messages.success(request, _("Saved."))
        return response
    return render(request, "marketplace/account.html", _context(request, form), status=422 if form.is_bound else 200)


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def make_token(request: UserRequest) -> HttpResponse:
    """A new key to the API, shown this once; the old one ends."""
    Token.objects.filter(user=request.user).delete()
    token = Token.objects.create(user=request.user)
    form = ProfileForm(initial={"name": request.user.name, **asdict(request.visitor)})
    return render(request, "marketplace/account.html", {**_context(request, form), "new_token": token.key})


@require_POST
@login_required
def revoke_token(request: UserRequest) -> HttpResponse:
    Token.objects.filter(user=request.user).delete()
    messages.success(request, _("The API token works no more."))
    return redirect("site:account")


def _context(request: UserRequest, form: ProfileForm) -> dict[str, Any]:
    return {
        "form": form,
        "token": Token.objects.filter(user=request.user).first(),
        "second_factor": has_second_factor(request.user),
    }
