from __future__ import annotations

from django.urls import path

from fx import views

app_name = "fx"
urlpatterns = [
    path("rates/", views.rates, name="rates"),
    path("rates/<str:currency>/", views.rate, name="rate"),
]
