"""Pages of the demo's coins. Their views are there where settings.SANDBOX is true."""

from __future__ import annotations

from django.urls import path

from payments.chain import views

urlpatterns = [path("demo/coins/<uuid:payment_id>/", views.send_test_coins, name="send_test_coins")]
