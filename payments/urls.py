from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from payments import webhooks

app_name = "payments"
urlpatterns = [path("hooks/<slug:slug>/", webhooks.receive, name="hook")]
if settings.SANDBOX:
    urlpatterns.append(path("", include("payments.chain.urls")))  # the demo's test coins
