"""What every request passes: the security headers, who visits, the second factor at the staff's door."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from marketplace.http import VisitorRequest
from marketplace.lib import csp
from marketplace.models import User
from marketplace.second_factor import has_second_factor, passed_second_factor
from marketplace.visitors import visitor_of

Handler = Callable[[HttpRequest], HttpResponse]

PERMISSIONS = "camera=(), microphone=(), geolocation=(), usb=(), payment=(self), browsing-topics=()"
# What people do here is nobody else's: no proxy and no browser history keeps it.
PERSONAL = ("/account/", "/admin/", "/api/", "/cart/", "/checkout/", "/o/", "/orders/", "/pay/", "/sell/", "/settings/")


class SecurityHeaders:
    """Content policy, permissions, and `no-store` on whatever is somebody's own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", csp.header(response))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if _is_personal(request):
            response.headers["Cache-Control"] = "private, no-store"
        return response


def _is_personal(request: HttpRequest) -> bool:
    """A page for somebody with a session, or under an address that is somebody's own."""
    if request.path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
        return False
    return settings.SESSION_COOKIE_NAME in request.COOKIES or request.path.startswith(PERSONAL)


class VisitorMiddleware:
    """Sets `request.visitor` and speaks its language."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visitor = visitor_of(request)
        cast(VisitorRequest, request).visitor = visitor
        with translation.override(visitor.language):
            request.LANGUAGE_CODE = visitor.language
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", visitor.language)
        return response


class StaffSecondFactor:
    """Nobody works in the admin without a second factor shown in this very session."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        return self._refusal(request) or self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User):
            return redirect(f"/account/login/?{urlencode({'next': request.get_full_path()})}")
        if not user.is_staff:
            return render(request, "403.html", status=403)
        if not has_second_factor(user):
            messages.warning(request, _("The admin asks for a second factor. Set up an authenticator app first."))
            return redirect("mfa_index")
        if not passed_second_factor(request):
            return redirect(f"/account/2fa/reauthenticate/?{urlencode({'next': request.get_full_path()})}")
        return None
