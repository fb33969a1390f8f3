from __future__ import annotations

from django.urls import path, re_path

from orders.views import (
    after,
    bought,
    cart,
    case,
    checkout,
    corridors,
    desk,
    discount,
    give_back,
    invoices,
    leaving,
    money,
    papers,
    pay,
    payout,
    proof,
    receipt,
    sale_acts,
    statement,
)

app_name = "orders"

ACTION = r"(?P<action>confirm|delivered|dispute|cancel|sent-back|keep)/$"
PAGE = r"(?P<name>withdraw|send-back|address)/$"
SALE = r"(?P<action>cancel|came-back|parcel|authorize|refuse|received|contest|address)/$"
BUYER_SAYS = r"case/(?P<action>message|accept|decline)/$"
SELLER_SAYS = r"case/(?P<action>message|offer)/$"
PICTURE = r"pictures/(?P<picture>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/$"
VERSION = r"receipt/(?P<version>[1-9][0-9]{0,3})\.pdf$"
PAPER = r"(?P<paper>[IC]-[0-9]{4}-[0-9]{6,9})\.pdf"
PARCEL = r"(?P<parcel>[1-9]|1[0-9]|20)"
NUMBER = r"(?P<number>[0-9A-Z-]{6,32})"
TOKEN = r"(?P<token>[0-9a-f]{32})"  # noqa: S105  the checkout's, 128 bits

urlpatterns = [
    path("corridors/", corridors.corridors, name="corridors"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.put, {"add": True}, name="cart_add"),
    path("cart/set/", cart.put, {"add": False}, name="cart_set"),
    path("checkout/", checkout.address, name="checkout"),
    path("checkout/review/", checkout.review, name="review"),
    path("checkout/again/", checkout.requote, name="requote"),
    path("checkout/pay/", checkout.pay, name="place"),
    re_path(rf"^pay/{TOKEN}/$", pay.pay, name="pay"),
    re_path(rf"^pay/{TOKEN}/status/$", pay.status, name="pay_status"),
    re_path(rf"^pay/{TOKEN}/cancel/$", pay.cancel, name="pay_cancel"),
    re_path(rf"^pay/{TOKEN}/refund-address/$", pay.refund_address, name="refund_address"),
    path("account/close/", leaving.leave, name="leave"),
    path("orders/", bought.index, name="index"),
    re_path(rf"^orders/{NUMBER}/$", bought.detail, name="detail"),
    path("proof/", proof.heads, name="proof_heads"),
    path("proof/verify.py", proof.verifier, name="proof_verifier"),
    re_path(rf"^orders/{NUMBER}/proof/$", proof.of_order, name="proof"),
    re_path(rf"^orders/{NUMBER}/proof\.json$", proof.download, name="proof_json"),
    re_path(rf"^orders/{NUMBER}/{ACTION}", bought.act, name="act"),
    re_path(rf"^orders/{NUMBER}/{PAGE}", after.page, name="after"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/{PAGE}", after.guest_page, name="guest_after"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/$", bought.guest, name="guest"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/{ACTION}", bought.guest_act, name="guest_act"),
    re_path(rf"^orders/{NUMBER}/{BUYER_SAYS}", case.act, name="case"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/{BUYER_SAYS}", case.guest_act, name="guest_case"),
    re_path(rf"^sell/orders/{NUMBER}/{SELLER_SAYS}", case.sale_act, name="sale_case"),
    re_path(rf"^orders/{NUMBER}/{PICTURE}", case.bought_picture, name="picture"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/{PICTURE}", case.guest_picture, name="guest_picture"),
    re_path(rf"^sell/orders/{NUMBER}/{PICTURE}", case.sale_picture, name="sale_picture"),
    re_path(rf"^orders/{NUMBER}/receipt/$", receipt.receipt, name="receipt"),
    re_path(rf"^orders/{NUMBER}/{VERSION}", receipt.paper, name="receipt_paper"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/receipt/$", receipt.guest_receipt, name="guest_receipt"),
    re_path(rf"^o/{TOKEN}/{NUMBER}/{VERSION}", receipt.guest_paper, name="guest_receipt_paper"),
    path("sell/", desk.home, name="desk"),
    path("sell/discount/", discount.discount, name="discount"),
    path("sell/orders/", desk.sales, name="sales"),
    re_path(rf"^sell/orders/{NUMBER}/$", desk.sale, name="sale"),
    re_path(rf"^sell/orders/{NUMBER}/ship/$", desk.ship, name="ship"),
    re_path(rf"^sell/orders/{NUMBER}/answer/$", desk.answer, name="answer"),
    re_path(rf"^sell/orders/{NUMBER}/refund/$", give_back.give_back, name="give_back"),
    re_path(rf"^sell/orders/{NUMBER}/papers/{PARCEL}/$", papers.papers, name="papers"),
    re_path(rf"^sell/orders/{NUMBER}/papers/{PARCEL}/papers\.zip$", papers.pack_file, name="papers_zip"),
    re_path(
        rf"^sell/orders/{NUMBER}/papers/{PARCEL}/(?P<kind>cn22|cn23|invoice|slip|qr)\.pdf$", papers.paper, name="paper"
    ),
    re_path(rf"^sell/orders/{NUMBER}/{SALE}", sale_acts.act, name="sale_act"),
    path("sell/money/", money.money, name="money"),
    path("sell/money/movements/", statement.movements, name="movements"),
    path("sell/money/statement.csv", statement.statement_csv, name="statement_csv"),
    path("sell/money/statement.pdf", statement.statement_pdf, name="statement_pdf"),
    path("sell/money/invoices/", invoices.index, name="invoices"),
    path("sell/money/invoices/now/", invoices.write_now, name="invoice_now"),
    re_path(rf"^sell/money/invoices/{PAPER}$", invoices.show_paper, name="invoice_paper"),
    path("sell/money/invoices/address/", invoices.profile, name="tax_profile"),
    path("sell/money/method/add/<slug:kind>/", money.add_method, name="payout_method"),
    path("sell/money/method/open-account/", money.open_account, name="open_payee"),
    path("sell/money/method/<int:pk>/account/", money.account_page, name="payee_page"),
    path("sell/money/method/<int:pk>/look/", money.look_at_account, name="look_at_payee"),
    path("sell/money/method/<int:pk>/use/", money.use_method, name="use_payout_method"),
    path("sell/money/method/<int:pk>/remove/", money.remove_method, name="remove_payout_method"),
    path("sell/money/plan/", money.plan, name="payout_plan"),
    path("sell/money/payout/", money.request_payout, name="request_payout"),
    path("sell/money/payout/<uuid:pk>/", payout.payout, name="payout"),
    path("sell/money/payout/<uuid:pk>/cancel/", money.cancel_payout, name="cancel_payout"),
]
