from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from payments import webhooks

app_name = "payments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/<slug:slug>/", webhooks.receive, name="hook"),
    path("", include("payments.chain.urls")),  # the demo's test coins; not found outside of the sandbox
]
