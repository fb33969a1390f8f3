"""What to post so that it would work, for whoever may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace import legal
from marketplace.models import LegalText
from payments.models import EvidencePack
from tests.orders.world import BERLIN
from tests.security.stage import Stage, nobody, picture

Body = dict[str, Any]
LISTING: Body = {
    "title": "A plain cushion",
    "description": "Stuffed with wool.",
    "price": "950",
    "hs_code": "621490",
    "origin": "IN",
    "weight_g": "300",
    "ships_to": "",
}
IBAN: Body = {"holder": "Somebody", "country": "DE", "iban": "DE89370400440532013000"}
SHIPPED: Body = {"carrier": "Post", "tracking_number": "EE123456785IN"}
RATES: Body = {
    "rates-TOTAL_FORMS": "1",
    "rates-INITIAL_FORMS": "0",
    "rates-0-name": "Slow post",
    "rates-0-first": "500",
    "rates-0-next": "100",
    "rates-0-max_weight_g": "2000",
    "rates-0-min_days": "3",
    "rates-0-max_days": "9",
}


def _api_listing() -> Body:
    return LISTING | {"price": {"amount": "950.00", "currency": "INR"}, "weight_g": 300, "ships_to": []}


def _offer(stage: Stage) -> int:
    return int(stage.orders["answered"].dispute.offers.get().pk)


def _pieces(stage: Stage) -> Body:
    return {f"pieces_{stage.orders['delivered'].lines.get().pk}": "1"}


def _lines(stage: Stage) -> list[Body]:
    return [{"line": stage.orders["delivered"].lines.get().pk, "quantity": 1}]


BODIES: dict[str, Callable[[Stage], Body]] = {
    "site:visitor": lambda stage: {"country": "FR", "currency": "EUR", "language": "de"},
    "site:account": lambda stage: {"name": "Another", "country": "FR", "currency": "EUR", "language": "de"},
    "listings:shop_edit": lambda stage: {
        "name": "Another shop",
        "city": "Udaipur",
        "about": "",
        "handling_days": "4",
        "country": "DE",
        "currency": "EUR",
        "version": legal.current(LegalText.Kind.SELLER).version,
        "agreement": "on",
    },
    "listings:registrations": lambda stage: {"kind": "eori", "country": "FR", "number": "FR12345678900012"},
    "api:registrations": lambda stage: {"kind": "eori", "country": "FR", "number": "FR12345678900012"},
    "listings:shop_rates": lambda stage: RATES,
    "listings:new": lambda stage: LISTING | {"stock": "2"},
    "listings:edit": lambda stage: LISTING,
    "listings:add_photos": lambda stage: {"photos": SimpleUploadedFile("a.png", picture().read(), "image/png")},
    "listings:photo": lambda stage: {"action": "remove"},
    "listings:stock": lambda stage: {"stock": "7"},
    "orders:cart_add": lambda stage: {"listing": stage.scarf.pk, "quantity": "1"},
    "orders:cart_set": lambda stage: {"listing": stage.scarf.pk, "quantity": "2"},
    "orders:refund_address": lambda stage: {"destination": "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"},
    "orders:ship": lambda stage: SHIPPED,
    "orders:answer": lambda stage: {"answer": "It left whole."},
    "admin:listings_shop_reserve": lambda stage: {"bps": "1000", "days": "30", "reason": "A new shop."},
    "admin:listings_listing_fixed_price": lambda stage: {"reason": "It is a slip of the finger."},
    "orders:after": lambda stage: {"name": "Bob", "step": "do", **_pieces(stage)},
    "orders:guest_after": lambda stage: {"name": "Bob", "step": "do", **_pieces(stage)},
    "orders:sale_act": lambda stage: {"why": "The loom broke."},
    "admin:orders_return_decide": lambda stage: {"goods": "100", "why": "Worn."},
    "orders:papers": lambda stage: {f"pieces_{line.pk}": "1" for line in stage.orders["paid"].lines.all()},
    "orders:give_back": lambda stage: {"goods": "100", "why": "A small stain.", "step": "do"},
    "api:refund": lambda stage: {"goods": {"amount": "100.00", "currency": "INR"}, "why": "A small stain."},
    "admin:orders_order_give_back": lambda stage: {"goods": "100", "why": "A small stain."},
    "orders:payout_method": lambda stage: IBAN,
    "api:basket": lambda stage: {"listing": stage.scarf.pk, "quantity": 1},
    "api:quotes": lambda stage: {"country": "DE", "currency": "EUR"},
    "api:checkouts": lambda stage: {
        "quote": str(nobody()),
        "email": "guest@example.com",
        "address": BERLIN,
        "accept_terms": True,
    },
    "api:refund_address": lambda stage: {"destination": "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"},
    "api:guest_dispute": lambda stage: {"reason": "It is torn."},
    "orders:case": lambda stage: {"text": "Where is it?"},
    "orders:guest_case": lambda stage: {"text": "Where is it?"},
    "orders:sale_case": lambda stage: {"text": "It left today."},
    "api:messages": lambda stage: {"text": "Where is it?"},
    "api:guest_messages": lambda stage: {"text": "Where is it?"},
    "api:sale_messages": lambda stage: {"text": "It left today."},
    "api:answer_offer": lambda stage: {"offer": _offer(stage), "accept": True},
    "api:guest_answer_offer": lambda stage: {"offer": _offer(stage), "accept": False},
    "api:offer": lambda stage: {"back": {"amount": "100.00", "currency": "INR"}},
    "api:dispute": lambda stage: {"reason": "It is torn."},
    "api:ship": lambda stage: SHIPPED,
    "api:address": lambda stage: BERLIN,
    "api:guest_address": lambda stage: BERLIN,
    "api:withdrawal": lambda stage: {"pieces": _lines(stage), "name": "Bob"},
    "api:guest_withdrawal": lambda stage: {"pieces": _lines(stage), "name": "Bob"},
    "api:preview": lambda stage: {"pieces": _lines(stage)},
    "api:guest_preview": lambda stage: {"pieces": _lines(stage)},
    "api:returns": lambda stage: {"pieces": _lines(stage), "reason": "The wrong blue."},
    "api:guest_returns": lambda stage: {"pieces": _lines(stage), "reason": "The wrong blue."},
    "api:return_sent": lambda stage: SHIPPED,
    "api:guest_return_sent": lambda stage: SHIPPED,
    "api:sale_cancel": lambda stage: {"why": "The loom broke."},
    "api:sale_came_back": lambda stage: {"why": "Nobody there."},
    "api:sale_parcels": lambda stage: SHIPPED,
    "api:sale_address": lambda stage: {"accept": True},
    "api:sale_authorize": lambda stage: {"send_to": "12 Johari Bazaar, Jaipur", "payer": "buyer"},
    "api:sale_refuse": lambda stage: {"why": "It was cut to size."},
    "api:sale_contest": lambda stage: {"why": "It was worn."},
    "api:answer": lambda stage: {"answer": "It left whole."},
    "orders:tax_profile": lambda stage: {"name": "A", "street": "1 Johari", "city": "Jaipur", "country": "IN"},
    "orders:payout_plan": lambda stage: {"every": "month", "threshold": "100"},
    "orders:discount": lambda stage: {"percent": "50"},
    "api:discount": lambda stage: {"percent": 50},
    "api:invoice_address": lambda stage: {"name": "A", "street": "1 Ring", "city": "Jaipur", "country": "IN"},
    "api:payout_plan": lambda stage: {"every": "month", "threshold": {"amount": "100.00", "currency": "INR"}},
    "api:open_payee": lambda stage: {"currency": "INR", "country": "IN"},
    "api:payouts": lambda stage: {"currency": "INR"},
    "api:payout_methods": lambda stage: IBAN | {"currency": "EUR"},
    "api:own_listings": lambda stage: _api_listing() | {"stock": 2},
    "api:own_listing": lambda stage: _api_listing(),
    "api:stock": lambda stage: {"stock": 7},
    "admin:listings_listing_review": lambda stage: {"decision": "approve"},
    "admin:payments_chargeback_answer": lambda stage: {"do": "send", "pack": str(EvidencePack.objects.get().pk)},
    "admin:orders_dispute_decide": lambda stage: {"outcome": "buyer", "reason": "It is torn."},
    "admin:payments_payout_end": lambda stage: {"outcome": "paid", "text": "REF 1"},
    "admin:payments_bankline_explain": lambda stage: {"meaning": "own", "why": "Looked at."},
    "admin:payments_freeze_lift": lambda stage: {"why": "Looked at."},
    "admin:payments_drawing_decide": lambda stage: {"decision": "cancel"},
    "admin:payments_payout_decide": lambda stage: {"decision": "right", "why": "Looked at."},
    "admin:payments_payout_sent": lambda stage: {"transaction_id": "ab" * 32},
    "admin:payments_refund_by_hand": lambda stage: {"reference": "by hand 1"},
    "admin:payments_coinsending_sent": lambda stage: {"text": "ab" * 32},
    "admin:payments_reconitem_close": lambda stage: {"booking": "none", "note": "Looked at."},
    "admin:payments_operation_decide": lambda stage: {"what": "never", "why": "It is open there."},
    "admin:fx_window_close": lambda stage: {"coins": "yes"},
    "admin:fx_window_fill": lambda stage: {
        "reference": "X1",
        "sold_0": "0.01",
        "sold_1": "EUR",
        "bought_0": "1",
        "bought_1": "INR",
    },
    "admin:fx_window_take_over": lambda stage: {"why": "It ended without a fill."},
    "admin:payments_case_settle": lambda stage: {"note": "Looked at."},
}


def body(name: str, stage: Stage) -> Body:
    return BODIES[name](stage) if name in BODIES else {}
