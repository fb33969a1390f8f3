"""Every address under /api/, from all apps."""

from __future__ import annotations

from django.urls import include, path, re_path

from fx import api as fx
from listings.api import desk, shelf
from marketplace.api import docs, start
from orders.api import (
    after,
    balance,
    basket,
    bought,
    checkouts,
    conversations,
    corridors,
    guests,
    leaving,
    payoutsheet,
    quotes,
    receipts,
    sale_acts,
    sales,
    statement,
    withdrawing,
)
from orders.api.operation import NUMBER, TOKEN
from payments import api as payments

PICTURE = r"pictures/(?P<picture>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
VERSION = r"receipts/(?P<version>[1-9][0-9]{0,3})\.pdf"
ORDER = rf"^checkouts/{TOKEN}/orders/{NUMBER}"

V1 = [
    path("", start.StartView.as_view(), name="start"),
    path("schema/", docs.SchemaView.as_view(), name="schema"),
    path("docs/", docs.page, name="docs"),
    path("account/", start.AccountView.as_view(), name="account"),
    path("account/closing/", leaving.ClosingView.as_view(), name="closing"),
    path("corridors/", corridors.CorridorsView.as_view(), name="corridors"),
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
    re_path(rf"{ORDER}/cancel/$", guests.GuestCallOffView.as_view(), name="guest_call_off"),
    re_path(rf"{ORDER}/address/$", guests.GuestAskedAddressView.as_view(), name="guest_address"),
    re_path(rf"{ORDER}/withdrawal/$", guests.GuestWithdrawalView.as_view(), name="guest_withdrawal"),
    re_path(rf"{ORDER}/withdrawal/preview/$", guests.GuestWithdrawalPreviewView.as_view(), name="guest_preview"),
    re_path(rf"{ORDER}/returns/$", guests.GuestReturnsView.as_view(), name="guest_returns"),
    re_path(rf"{ORDER}/return/sent/$", guests.GuestReturnSentView.as_view(), name="guest_return_sent"),
    re_path(rf"{ORDER}/return/keep/$", guests.GuestKeepView.as_view(), name="guest_return_keep"),
    re_path(rf"{ORDER}/receipts/$", receipts.GuestReceiptsView.as_view(), name="guest_receipts"),
    re_path(rf"{ORDER}/{VERSION}$", receipts.GuestReceiptPaperView.as_view(), name="guest_receipt_paper"),
    path("orders/", bought.OrdersView.as_view(), name="orders"),
    re_path(rf"^orders/{NUMBER}/$", bought.OrderView.as_view(), name="order"),
    re_path(rf"^orders/{NUMBER}/confirm/$", bought.ConfirmView.as_view(), name="confirm"),
    re_path(rf"^orders/{NUMBER}/delivered/$", bought.DeliveredView.as_view(), name="delivered"),
    re_path(rf"^orders/{NUMBER}/dispute/$", bought.DisputeView.as_view(), name="dispute"),
    re_path(rf"^orders/{NUMBER}/messages/$", conversations.MessagesView.as_view(), name="messages"),
    re_path(rf"^orders/{NUMBER}/offer/$", conversations.OfferAnswerView.as_view(), name="answer_offer"),
    re_path(rf"^orders/{NUMBER}/{PICTURE}$", conversations.PictureView.as_view(), name="picture"),
    re_path(rf"^orders/{NUMBER}/cancel/$", after.CallOffView.as_view(), name="call_off"),
    re_path(rf"^orders/{NUMBER}/address/$", after.AskedAddressView.as_view(), name="address"),
    re_path(rf"^orders/{NUMBER}/withdrawal/$", withdrawing.WithdrawalView.as_view(), name="withdrawal"),
    re_path(rf"^orders/{NUMBER}/withdrawal/preview/$", withdrawing.WithdrawalPreviewView.as_view(), name="preview"),
    re_path(rf"^orders/{NUMBER}/returns/$", after.ReturnsView.as_view(), name="returns"),
    re_path(rf"^orders/{NUMBER}/return/sent/$", after.ReturnSentView.as_view(), name="return_sent"),
    re_path(rf"^orders/{NUMBER}/return/keep/$", after.KeepView.as_view(), name="return_keep"),
    re_path(rf"^orders/{NUMBER}/receipts/$", receipts.ReceiptsView.as_view(), name="receipts"),
    re_path(rf"^orders/{NUMBER}/{VERSION}$", receipts.ReceiptPaperView.as_view(), name="receipt_paper"),
    path("sales/", sales.SalesView.as_view(), name="sales"),
    re_path(rf"^sales/{NUMBER}/$", sales.SaleView.as_view(), name="sale"),
    re_path(rf"^sales/{NUMBER}/ship/$", sales.ShipView.as_view(), name="ship"),
    re_path(rf"^sales/{NUMBER}/refund/$", sales.RefundView.as_view(), name="refund"),
    re_path(rf"^sales/{NUMBER}/answer/$", sales.AnswerView.as_view(), name="answer"),
    re_path(rf"^sales/{NUMBER}/messages/$", conversations.SaleMessagesView.as_view(), name="sale_messages"),
    re_path(rf"^sales/{NUMBER}/offer/$", conversations.OfferView.as_view(), name="offer"),
    re_path(rf"^sales/{NUMBER}/{PICTURE}$", conversations.SalePictureView.as_view(), name="sale_picture"),
    re_path(rf"^sales/{NUMBER}/cancel/$", sale_acts.CancelSaleView.as_view(), name="sale_cancel"),
    re_path(rf"^sales/{NUMBER}/came-back/$", sale_acts.CameBackView.as_view(), name="sale_came_back"),
    re_path(rf"^sales/{NUMBER}/parcels/$", sale_acts.ParcelView.as_view(), name="sale_parcels"),
    re_path(rf"^sales/{NUMBER}/address/$", sale_acts.AddressAnswerView.as_view(), name="sale_address"),
    re_path(rf"^sales/{NUMBER}/return/authorize/$", sale_acts.AuthorizeView.as_view(), name="sale_authorize"),
    re_path(rf"^sales/{NUMBER}/return/refuse/$", sale_acts.RefuseView.as_view(), name="sale_refuse"),
    re_path(rf"^sales/{NUMBER}/return/received/$", sale_acts.ReceivedView.as_view(), name="sale_received"),
    re_path(rf"^sales/{NUMBER}/return/contest/$", sale_acts.ContestView.as_view(), name="sale_contest"),
    path("balance/", balance.BalanceView.as_view(), name="balance"),
    path("balance/movements/", statement.MovementsView.as_view(), name="movements"),
    path("payouts/", payments.PayoutsView.as_view(), name="payouts"),
    path("payouts/<uuid:pk>/", payoutsheet.PayoutSheetView.as_view(), name="payout"),
    path("payouts/<uuid:pk>/cancel/", payments.PayoutCancelView.as_view(), name="cancel_payout"),
    re_path(
        r"^payout-reach/(?P<country>[A-Z]{2})/(?P<currency>[A-Z]{3,4})/$",
        payments.ReachView.as_view(),
        name="payout_reach",
    ),
    path("payout-methods/", payments.MethodsView.as_view(), name="payout_methods"),
    path("payout-plans/<str:currency>/", payments.PlanView.as_view(), name="payout_plan"),
    path("payout-methods/<int:pk>/", payments.MethodView.as_view(), name="payout_method"),
    path("payout-methods/account/", payments.PayeesView.as_view(), name="open_payee"),
    path("payout-methods/<int:pk>/account/", payments.PayeeView.as_view(), name="payee"),
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
