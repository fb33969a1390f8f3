"""Closing one's account: what stands in the way, then once more the password, then good-bye."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.http import UserRequest
from orders.errors import OrderRefused
from orders.leaving import close_account, obstacles


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def leave(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            close_account(request.user, by=request.user)
        except OrderRefused as error:
            messages.error(request, str(error))
        else:
            logout(request)
            messages.success(request, _("Your account is closed. Thank you for having been here."))
            return redirect("site:home")
    return render(request, "orders/leave.html", {"obstacles": obstacles(request.user)})
