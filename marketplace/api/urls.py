"""Every address under /api/, from all apps."""

from __future__ import annotations

from django.urls import include, path, re_path

from fx import api as fx
from listings.api import desk, shelf
from marketplace.api import docs, start
from orders.api import basket, bought, checkouts, conversations, guests, quotes, sales
from orders.api.operation import NUMBER, TOKEN
from payments import api as payments

PICTURE = r"pictures/(?P<picture>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
ORDER = rf"^checkouts/{TOKEN}/orders/{NUMBER}"

V1 = [
    path("", start.StartView.as_view(), name="start"),
    path("schema/", docs.SchemaView.as_view(), name="schema"),
    path("docs/", docs.page, name="docs"),
    path("account/", start.AccountView.as_view(), name="account"),
    path("rates/", fx.RatesView.as_view(), name="rates"),
    path("listings/", shelf.ListingsView.as_view(), name="listings"),
    path("listings/<slug:slug>/", shelf.ListingView.as_view(), name="listing"),
    path("shops/<slug:slug>/", shelf.ShopView.as_view(), name="shop"),
    path("basket/", basket.BasketView.as_view(), name="basket"),
    path("quotes/", quotes.QuotesView.as_view(), name="quotes"),
    path("checkouts/", checkouts.CheckoutsView.as_view(), name="checkouts"),
    re_path(rf"^checkouts/{TOKEN}/$", checkouts.CheckoutView.as_view(), name="checkout"),
    re_path(rf"^checkouts/{TOKEN}/cancel/$", checkouts.CancelView.as_view(), name="cancel"),
    re_path(rf"^checkouts/{TOKEN}/refund-address/$", checkouts.RefundAddressView.as_view(), name="refund_address"),
    re_path(rf"{ORDER}/$", guests.GuestOrderView.as_view(), name="guest_order"),
    re_path(rf"{ORDER}/confirm/$", guests.GuestConfirmView.as_view(), name="guest_confirm"),
    re_path(rf"{ORDER}/delivered/$", guests.GuestDeliveredView.as_view(), name="guest_delivered"),
    re_path(rf"{ORDER}/dispute/$", guests.GuestDisputeView.as_view(), name="guest_dispute"),
    re_path(ORDER + r"/messages/$", guests.GuestMessagesView.as_view(), name="guest_messages"),
    re_path(ORDER + r"/offer/$", guests.GuestOfferAnswerView.as_view(), name="guest_answer_offer"),
    re_path(ORDER + rf"/{PICTURE}$", guests.GuestPictureView.as_view(), name="guest_picture"),
    path("orders/", bought.OrdersView.as_view(), name="orders"),
    re_path(rf"^orders/{NUMBER}/$", bought.OrderView.as_view(), name="order"),
    re_path(rf"^orders/{NUMBER}/confirm/$", bought.ConfirmView.as_view(), name="confirm"),
    re_path(rf"^orders/{NUMBER}/delivered/$", bought.DeliveredView.as_view(), name="delivered"),
    re_path(rf"^orders/{NUMBER}/dispute/$", bought.DisputeView.as_view(), name="dispute"),
    re_path(rf"^orders/{NUMBER}/messages/$", conversations.MessagesView.as_view(), name="messages"),
    re_path(rf"^orders/{NUMBER}/offer/$", conversations.OfferAnswerView.as_view(), name="answer_offer"),
    re_path(rf"^orders/{NUMBER}/{PICTURE}$", conversations.PictureView.as_view(), name="picture"),
    path("sales/", sales.SalesView.as_view(), name="sales"),
    re_path(rf"^sales/{NUMBER}/$", sales.SaleView.as_view(), name="sale"),
    re_path(rf"^sales/{NUMBER}/ship/$", sales.ShipView.as_view(), name="ship"),
    re_path(rf"^sales/{NUMBER}/refund/$", sales.RefundView.as_view(), name="refund"),
    re_path(rf"^sales/{NUMBER}/answer/$", sales.AnswerView.as_view(), name="answer"),
    re_path(rf"^sales/{NUMBER}/messages/$", conversations.SaleMessagesView.as_view(), name="sale_messages"),
    re_path(rf"^sales/{NUMBER}/offer/$", conversations.OfferView.as_view(), name="offer"),
    re_path(rf"^sales/{NUMBER}/{PICTURE}$", conversations.SalePictureView.as_view(), name="sale_picture"),
    path("balance/", sales.BalanceView.as_view(), name="balance"),
    path("payouts/", payments.PayoutsView.as_view(), name="payouts"),
    path("payout-methods/", payments.MethodsView.as_view(), name="payout_methods"),
    path("payout-plans/<str:currency>/", payments.PlanView.as_view(), name="payout_plan"),
    path("payout-methods/<int:pk>/", payments.MethodView.as_view(), name="payout_method"),
    path("payout-methods/<int:pk>/default/", payments.MethodDefaultView.as_view(), name="payout_method_default"),
    path("shop/listings/", desk.OwnListingsView.as_view(), name="own_listings"),
    path("shop/listings/<int:pk>/", desk.OwnListingView.as_view(), name="own_listing"),
    path("shop/listings/<int:pk>/stock/", desk.StockView.as_view(), name="stock"),
    path("shop/listings/<int:pk>/submit/", desk.SubmitView.as_view(), name="submit"),
    path("shop/listings/<int:pk>/withdraw/", desk.WithdrawView.as_view(), name="withdraw"),
]

app_name = "api"
urlpatterns = [
    path("v1/", include(V1)),
    re_path(r"^", start.NowhereView.as_view(), name="nowhere"),
]
