"""Where the card page posts to. Include: `path("pay/card/", include("payments.stripe_urls"))`."""

from __future__ import annotations

from django.urls import path

from payments import stripe_views

app_name = "stripe"
stripe_urlpatterns = [
    path("<uuid:payment_id>/test/", stripe_views.test_card, name="test_card"),
    path("<uuid:payment_id>/page/", stripe_views.checkout, name="checkout"),
]
urlpatterns = stripe_urlpatterns
