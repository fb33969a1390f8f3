"""Urls of the pages that belong to no single app."""

from __future__ import annotations

from django.urls import path

from marketplace.views import account, design, health, home, legal, visitor

app_name = "site"
urlpatterns = [
    path("", home.home, name="home"),
    path("settings/visitor/", visitor.settings, name="visitor"),
    path("account/", account.profile, name="account"),
    path("account/token/", account.make_token, name="make_token"),
    path("account/token/revoke/", account.revoke_token, name="revoke_token"),
    path("legal/<slug:kind>/", legal.text, name="legal"),
    path("legal/<slug:kind>/<slug:version>/", legal.text, name="legal_version"),
    path("design/", design.design, name="design"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
