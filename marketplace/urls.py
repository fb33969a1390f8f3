"""Wiring: the only module that sees every app's urls."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("api/", include("marketplace.api.urls")),
    path("pay/card/", include("payments.stripe_urls")),
    path("", include("marketplace.site_urls")),
    path("", include("fx.urls")),
    path("", include("listings.urls")),
    path("", include("payments.urls")),
    path("", include("orders.urls")),
]

handler400 = "marketplace.api.start.bad_request"  # problems under /api/, pages elsewhere
handler500 = "marketplace.api.start.server_error"
