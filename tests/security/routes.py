"""Every address that the resolver knows, and a real one for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from fx.models import WindowTrade
from marketplace.models import LegalText
from orders.models import MessagePicture
from payments.models import Chargeback, Drawing, EvidencePack, Paper
from tests.security.stage import Stage, content_type, nobody


@dataclass(frozen=True)
class Route:
    """`name` as `reverse` takes it; a pattern without one is named by its text."""

    name: str
    pattern: str
    parameters: tuple[str, ...]
    view: Callable[..., Any]


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], prefix: str, space: str) -> Iterator[Route]:
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, text, ":".join(filter(None, (space, pattern.namespace))))
        elif isinstance(pattern, URLPattern):
            name = ":".join(filter(None, (space, pattern.name))) if pattern.name else text
            yield Route(name, text, tuple(re.findall(r"<(?:\w+:)?(\w+)>", text)), pattern.callback)


ADMIN = re.compile(r"admin:([a-z]+)_([a-z]+)_(changelist|add|history|delete|change)")
Values = dict[str, object]

# What stands for a parameter, unless the route says otherwise below.
USUAL: dict[str, Callable[[Stage], object]] = {
    "number": lambda stage: stage.orders["delivered"].number,
    "token": lambda stage: stage.checkouts["delivered"].token,
    "payment_id": lambda stage: stage.checkouts["placed"].payment_id,
    "pk": lambda stage: stage.draft.pk,
    "photo_pk": lambda stage: stage.photo.pk,
    "slug": lambda stage: stage.scarf.slug,
    "paper": lambda stage: Paper.objects.filter(kind="invoice").latest("seq").number,  # Alice's
    "picture": lambda stage: str(nobody()),
    "pack": lambda stage: nobody(),
    "action": lambda stage: "confirm",
    "name": lambda stage: "withdraw",
    "kind": lambda stage: "terms",
    "currency": lambda stage: "INR",
    "country": lambda stage: "IN",
    "version": lambda stage: "1",
    "parcel": lambda stage: "1",
    "key": lambda stage: "nonsense",
    "uidb36": lambda stage: "1",
    "folder": lambda stage: str(stage.photo.key)[:2],
    "file": lambda stage: f"{stage.photo.key}-320.webp",
    "app_label": lambda stage: "orders",
    "url": lambda stage: "nowhere",
    "content_type_id": content_type,
    "object_id": lambda stage: stage.scarf.pk,
}
# The state in which an order has to be for it, where it is not delivered.
BUYERS = {"call_off": "paid", "address": "paid", "return_sent": "authorized", "return_keep": "asked"}
SELLERS = {
    "cancel": "paid",
    "came_back": "shipped",
    "parcels": "shipped",
    "address": "rerouted",
    "authorize": "asked",
    "refuse": "asked",
    "received": "sent",
    "contest": "sent",
}


def _buyers(at: str) -> Callable[[Stage], Values]:
    return lambda stage: {"number": stage.orders[at].number}


def _guests(at: str) -> Callable[[Stage], Values]:
    return lambda stage: {"number": stage.orders[at].number, "token": stage.checkouts[at].token}


SPECIAL: dict[str, Callable[[Stage], Values]] = {
    "listings:shop": lambda stage: {"slug": stage.shop.slug},
    "api:shop": lambda stage: {"slug": stage.shop.slug},
    "payments:hook": lambda stage: {"slug": "stripe"},
    "payments:send_test_coins": lambda stage: {"payment_id": stage.checkouts["coins"].payment_id},
    "orders:ship": lambda stage: {"number": stage.orders["paid"].number},
    "api:ship": lambda stage: {"number": stage.orders["paid"].number},
    "orders:answer": lambda stage: {"number": stage.orders["disputed"].number},
    "api:answer": lambda stage: {"number": stage.orders["disputed"].number},
    "admin:listings_shop_reserve": lambda stage: {"pk": stage.shop.pk},
    "admin:listings_listing_fixed_price": lambda stage: {"pk": stage.waiting.pk, "currency": "JPY"},
    "orders:after": lambda stage: {"number": stage.orders["delivered"].number, "name": "withdraw"},
    "orders:guest_after": lambda stage: {
        "number": stage.orders["delivered"].number,
        "token": stage.checkouts["delivered"].token,
        "name": "withdraw",
    },
    "orders:sale_act": lambda stage: {"number": stage.orders["paid"].number, "action": "cancel"},
    "admin:orders_return_decide": lambda stage: {"pk": stage.orders["back"].returns.get().pk},
    "orders:papers": lambda stage: {"number": stage.orders["paid"].number, "parcel": 1},
    "orders:paper": lambda stage: {"number": stage.orders["paid"].number, "parcel": 1, "kind": "slip"},
    "orders:papers_zip": lambda stage: {"number": stage.orders["paid"].number, "parcel": 1},
    "api:sale_papers": lambda stage: {"number": stage.orders["paid"].number, "parcel": 1},
    "api:sale_papers_file": lambda stage: {"number": stage.orders["paid"].number, "parcel": 1},
    "api:sale_paper": lambda stage: {"number": stage.orders["paid"].number, "parcel": 1, "kind": "slip"},
    "orders:give_back": lambda stage: {"number": stage.orders["paid"].number},
    "api:refund": lambda stage: {"number": stage.orders["paid"].number},
    "admin:orders_order_papers": lambda stage: {"pk": stage.orders["paid"].pk, "parcel": 1},
    "admin:orders_order_give_back": lambda stage: {"pk": stage.orders["paid"].pk},
    **{f"api:{name}": _buyers(at) for name, at in BUYERS.items()},
    **{f"api:guest_{name}": _guests(at) for name, at in BUYERS.items()},
    **{f"api:sale_{name}": _buyers(at) for name, at in SELLERS.items()},
    "api:delivered": lambda stage: {"number": stage.orders["shipped"].number},
    "api:guest_delivered": lambda stage: {
        "number": stage.orders["shipped"].number,
        "token": stage.checkouts["shipped"].token,
    },
    "orders:pay": lambda stage: {"token": stage.checkouts["placed"].token},
    "orders:pay_status": lambda stage: {"token": stage.checkouts["placed"].token},
    "orders:pay_cancel": lambda stage: {"token": stage.checkouts["placed"].token},
    "api:cancel": lambda stage: {"token": stage.checkouts["placed"].token},
    "listings:remove_number": lambda stage: {"pk": stage.shop.numbers.get().pk},
    "api:registration": lambda stage: {"pk": stage.shop.numbers.get().pk},
    "listings:withdraw": lambda stage: {"pk": stage.scarf.pk},
    "api:withdraw": lambda stage: {"pk": stage.scarf.pk},
    "admin:listings_listing_review": lambda stage: {"pk": stage.waiting.pk},
    "orders:payout_method": lambda stage: {"kind": "bank"},
    "orders:payee_page": lambda stage: {"pk": _wallet(stage)},
    "orders:look_at_payee": lambda stage: {"pk": _wallet(stage)},
    "orders:use_payout_method": lambda stage: {"pk": _wallet(stage)},
    "orders:remove_payout_method": lambda stage: {"pk": _wallet(stage)},
    "api:cancel_payout": lambda stage: {"pk": stage.asked.pk if stage.asked else nobody()},
    "api:payout": lambda stage: {"pk": stage.asked.pk if stage.asked else nobody()},
    "orders:payout": lambda stage: {"pk": stage.asked.pk if stage.asked else nobody()},
    "orders:cancel_payout": lambda stage: {"pk": stage.asked.pk if stage.asked else nobody()},
    "api:payee": lambda stage: {"pk": _wallet(stage)},
    "api:payout_method": lambda stage: {"pk": _wallet(stage)},
    "api:payout_method_default": lambda stage: {"pk": _wallet(stage)},
    "admin:payments_drawing_decide": lambda stage: {"pk": Drawing.objects.get().pk},
    "admin:payments_payout_decide": lambda stage: {"pk": stage.asked.pk if stage.asked else nobody()},
    "admin:payments_payout_sent": lambda stage: {"pk": stage.coins.pk if stage.coins else nobody()},
    "admin:payments_payout_end": lambda stage: {"pk": stage.payout.pk if stage.payout else nobody()},
    "admin:payments_bankline_explain": lambda stage: {"pk": stage.line.pk if stage.line else 0},
    "admin:payments_bankfile_download": lambda stage: {"pk": stage.file.pk if stage.file else 0},
    "admin:payments_freeze_lift": lambda stage: {"pk": stage.frozen.pk if stage.frozen else 0},
    "admin:payments_refund_by_hand": lambda stage: {"pk": stage.checkouts["refunded"].payment.refunds.get().pk},
    "admin:payments_coinsending_make": lambda stage: {},
    "admin:payments_coinsending_file": lambda stage: {"pk": stage.sending.pk if stage.sending else 0},
    "admin:payments_coinsending_sent": lambda stage: {"pk": stage.sending.pk if stage.sending else 0},
    "admin:payments_coinsending_discard": lambda stage: {"pk": stage.sending.pk if stage.sending else 0},
    "admin:payments_refund_price": lambda stage: {"pk": stage.checkouts["refunded"].payment.refunds.get().pk},
    "admin:payments_reconitem_close": lambda stage: {"pk": stage.difference.pk if stage.difference else 0},
    "admin:payments_operation_decide": lambda stage: {"pk": stage.dead.pk if stage.dead else nobody()},
    "admin:payments_paper_pdf": lambda stage: {"pk": Paper.objects.order_by("seq")[0].pk},
    "admin:fx_window_fill": lambda stage: {"pk": _trade().pk},
    "admin:fx_window_leave": lambda stage: {"pk": _trade().pk},
    "admin:fx_window_take_over": lambda stage: {"pk": _trade().pk},
    "admin:payments_case_settle": lambda stage: {"pk": stage.case.pk if stage.case else 0},
    "orders:case": lambda stage: {"number": stage.orders["delivered"].number, "action": "message"},
    "orders:guest_case": lambda stage: {
        "number": stage.orders["delivered"].number,
        "token": stage.checkouts["delivered"].token,
        "action": "message",
    },
    "orders:sale_case": lambda stage: {"number": stage.orders["delivered"].number, "action": "message"},
    "orders:picture": lambda stage: _picture(stage),
    "orders:guest_picture": lambda stage: {**_picture(stage), "token": stage.checkouts["disputed"].token},
    "orders:sale_picture": lambda stage: _picture(stage),
    "api:picture": lambda stage: _picture(stage),
    "api:guest_picture": lambda stage: {**_picture(stage), "token": stage.checkouts["disputed"].token},
    "api:sale_picture": lambda stage: _picture(stage),
    "api:answer_offer": lambda stage: {"number": stage.orders["answered"].number},
    "api:guest_answer_offer": lambda stage: {
        "number": stage.orders["answered"].number,
        "token": stage.checkouts["answered"].token,
    },
    "api:offer": lambda stage: {"number": stage.orders["answered"].number},
    "admin:orders_dispute_picture": lambda stage: {
        "pk": stage.orders["disputed"].dispute.pk,
        "picture": _picture(stage)["picture"],
    },
    "admin:payments_chargeback_answer": lambda stage: {"pk": Chargeback.objects.get().pk},
    "admin:payments_chargeback_paper": lambda stage: {
        "pk": Chargeback.objects.get().pk,
        "pack": EvidencePack.objects.get().pk,
    },
    "admin:orders_dispute_decide": lambda stage: {"pk": stage.orders["answered"].dispute.pk},
    "site:legal_version": lambda stage: {"kind": "terms", "version": _version()},
}
# In place of what there is, what there is not.
NOT_THERE: dict[str, object] = {
    "number": "NONE-NONE-NO",
    "token": "0" * 32,
    "paper": "I-2026-999999",
    "payment_id": "",
    "pk": 2**62,
    "photo_pk": 2**62,
    "slug": "there-is-no-such-thing",
    "picture": str(nobody()),
    "pack": nobody(),
}


def _picture(stage: Stage) -> Values:
    """A picture of a complaint."""
    order = stage.orders["disputed"]
    return {"number": order.number, "picture": str(MessagePicture.objects.get(message__thread__order=order).pk)}


def _wallet(stage: Stage) -> int:
    """Alice's other destination."""
    return int(stage.people["alice"].payout_methods.get(kind="bitcoin", currency="INR").pk)


def _version() -> str:
    return LegalText.objects.filter(kind="terms")[0].version


def address(route: Route, stage: Stage, *, there: bool = True) -> str:
    """The route's address for what is on the stage, or (not `there`) for what does not exist."""
    if route.name.startswith(("admin/", "api/")) and ":" not in route.name:
        return _unnamed(route, stage)
    values: Values = {name: USUAL[name](stage) for name in route.parameters}
    if route.name in SPECIAL:
        values |= SPECIAL[route.name](stage)
    if match := ADMIN.fullmatch(route.name):
        values |= _row(*match.groups()[:2]) if "object_id" in values else {}
    if not there:
        values |= {name: _not_there(route, name) for name in route.parameters if name in NOT_THERE}
    if route.name == "api:nowhere":
        return "/api/v1/nowhere/"
    return reverse(route.name, kwargs=values)


def _not_there(route: Route, name: str) -> object:
    return nobody() if f"<uuid:{name}>" in route.pattern else NOT_THERE[name]


def _trade() -> WindowTrade:
    return WindowTrade.objects.order_by("pk")[0]


def _row(app: str, model: str) -> Values:
    first = apps.get_model(app, model)._default_manager.order_by("pk").first()
    return {"object_id": 1 if first is None else first.pk}


def _unnamed(route: Route, stage: Stage) -> str:
    text = re.sub(r"\(\?P<url>\.\*\)\$", "nowhere/", route.pattern)
    return "/" + text.replace("<path:object_id>", str(stage.scarf.pk))


def can_be_missing(route: Route) -> bool:
    """Whether the address names something that there might not be."""
    return bool(set(route.parameters) & set(NOT_THERE)) and not route.name.startswith("payments:hook")
