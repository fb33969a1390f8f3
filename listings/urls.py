from __future__ import annotations

from django.urls import path, re_path

from listings.views import hs, media, numbers, public, rules, sell, shop

app_name = "listings"

urlpatterns = [
    path("browse/", public.browse, name="browse"),
    path("l/<slug:slug>/", public.detail, name="detail"),
    path("s/<slug:slug>/", public.shop, name="shop"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<slug:country>/", rules.country, name="rules_country"),
    path("sell/shop/", shop.edit, name="shop_edit"),
    path("sell/shop/rates/", shop.rates, name="shop_rates"),
    path("sell/registrations/", numbers.mine, name="registrations"),
    path("sell/registrations/<int:pk>/remove/", numbers.remove, name="remove_number"),
    path("sell/hs/", hs.search, name="hs"),
    path("sell/listings/", sell.mine, name="mine"),
    path("sell/listings/new/", sell.new, name="new"),
    path("sell/listings/<int:pk>/", sell.edit, name="edit"),
    path("sell/listings/<int:pk>/photos/", sell.add_photos, name="add_photos"),
    path("sell/listings/<int:pk>/photos/<int:photo_pk>/", sell.photo, name="photo"),
    path("sell/listings/<int:pk>/stock/", sell.stock, name="stock"),
    path("sell/listings/<int:pk>/submit/", sell.submit, name="submit"),
    path("sell/listings/<int:pk>/withdraw/", sell.withdraw, name="withdraw"),
    re_path(rf"^media/{media.NAME}$", media.photo, name="media"),
]
