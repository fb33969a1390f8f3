"""Which request does what, and which of the SDK's types rules its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stripe import params as sdk
from stripe.params import checkout as sdk_checkout
from stripe.params.v2 import core as sdk_v2

from payments.doubles.stripe import books, checkout, connect, disputes, files, intents, refunds, wire
from payments.doubles.stripe.errors import ApiError, invalid
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

Action = Callable[["Double", str, Obj], Obj]


@dataclass(frozen=True)
class Route:
    method: str
    path: re.Pattern[str]
    rules: type
    action: Action


def route(method: str, path: str, rules: type, action: Action) -> Route:
    return Route(method, re.compile(path.replace("{id}", "(?P<id>[A-Za-z0-9_]+)")), rules, action)


def _one(kind: str) -> Action:
    return lambda double, name, asked: double.store.get(kind, name)


def _many(kind: str, path: str, *filters: str) -> Action:
    def action(double: Double, name: str, asked: Obj) -> Obj:
        wanted = {field: asked[field] for field in filters if field in asked}
        return wire.page(double.store.every(kind, **wanted), asked, path)

    return action


def _events(double: Double, name: str, asked: Obj) -> Obj:
    kinds = asked.get("types") or ([asked["type"]] if "type" in asked else [])
    rows = [row for row in double.store.every("event") if not kinds or row["type"] in kinds]
    return wire.page(rows, asked, "/v1/events")


_CLAUSE = re.compile(r"""\s*(?:metadata\[['"](\w+)['"]\]|(\w+)):['"]([^'"]*)['"]\s*""")


def _search(double: Double, name: str, asked: Obj) -> Obj:
    """Like the real one it does not see the newest objects; `search_lag` says how new."""
    rows = [row for row in double.store.every("payment_intent") if row["created"] <= stamp() - double.search_lag]
    for clause in asked["query"].split(" AND "):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            raise invalid(f"We were unable to parse your search query: {clause}", param="query")
        key, field, value = found.groups()
        rows = [row for row in rows if (row["metadata"].get(key) if key else str(row.get(field))) == value]
    listed = wire.page(rows, {"limit": asked.get("limit", 10)}, "/v1/payment_intents/search")
    return {**listed, "object": "search_result", "next_page": None}


ROUTES = [
    route(
        "POST",
        "/v1/payment_intents",
        sdk.PaymentIntentCreateParams,
        lambda d, n, a: intents.create(d, a),
    ),
    route(
        "GET",
        "/v1/payment_intents",
        sdk.PaymentIntentListParams,
        _many("payment_intent", "/v1/payment_intents"),
    ),
    route("GET", "/v1/payment_intents/search", sdk.PaymentIntentSearchParams, _search),
    route("GET", "/v1/payment_intents/{id}", sdk.PaymentIntentRetrieveParams, _one("payment_intent")),
    route("POST", "/v1/payment_intents/{id}", sdk.PaymentIntentUpdateParams, intents.update),
    route("POST", "/v1/payment_intents/{id}/confirm", sdk.PaymentIntentConfirmParams, intents.confirm),
    route("POST", "/v1/payment_intents/{id}/capture", sdk.PaymentIntentCaptureParams, intents.capture),
    route("POST", "/v1/payment_intents/{id}/cancel", sdk.PaymentIntentCancelParams, intents.cancel),
    route("POST", "/v1/refunds", sdk.RefundCreateParams, lambda d, n, a: refunds.refund(d, a)),
    route(
        "GET",
        "/v1/refunds",
        sdk.RefundListParams,
        _many("refund", "/v1/refunds", "charge", "payment_intent"),
    ),
    route("GET", "/v1/refunds/{id}", sdk.RefundRetrieveParams, _one("refund")),
    route("GET", "/v1/charges", sdk.ChargeListParams, _many("charge", "/v1/charges", "payment_intent")),
    route("GET", "/v1/charges/{id}", sdk.ChargeRetrieveParams, _one("charge")),
    route(
        "GET",
        "/v1/disputes",
        sdk.DisputeListParams,
        _many("dispute", "/v1/disputes", "charge", "payment_intent"),
    ),
    route("GET", "/v1/disputes/{id}", sdk.DisputeRetrieveParams, _one("dispute")),
    route("POST", "/v1/disputes/{id}", sdk.DisputeUpdateParams, disputes.update),
    route("POST", "/v1/disputes/{id}/close", sdk.DisputeCloseParams, lambda d, n, a: disputes.close(d, n)),
    route("POST", "/v1/files", sdk.FileCreateParams, lambda d, n, a: files.create(d, a)),
    route("GET", "/v1/files/{id}", sdk.FileRetrieveParams, _one("file")),
    route("POST", "/v1/transfers", sdk.TransferCreateParams, lambda d, n, a: connect.transfer(d, a)),
    route(
        "GET",
        "/v1/transfers",
        sdk.TransferListParams,
        _many("transfer", "/v1/transfers", "destination", "transfer_group"),
    ),
    route("GET", "/v1/transfers/{id}", sdk.TransferRetrieveParams, _one("transfer")),
    route("POST", "/v2/core/accounts", sdk_v2.AccountCreateParams, lambda d, n, a: connect.open_account(d, a)),
    route("GET", "/v2/core/accounts/{id}", sdk_v2.AccountRetrieveParams, connect.account),
    route("POST", "/v2/core/account_links", sdk_v2.AccountLinkCreateParams, lambda d, n, a: connect.link(d, a)),
    route("GET", "/v1/payouts", sdk.PayoutListParams, _many("payout", "/v1/payouts", "status")),
    route("GET", "/v1/payouts/{id}", sdk.PayoutRetrieveParams, _one("payout")),
    route("GET", "/v1/events", sdk.EventListParams, _events),
    route("GET", "/v1/events/{id}", sdk.EventRetrieveParams, _one("event")),
    route("GET", "/v1/balance", sdk.BalanceRetrieveParams, lambda d, n, a: books.balance(d)),
    route(
        "GET",
        "/v1/balance_transactions",
        sdk.BalanceTransactionListParams,
        _many("balance_transaction", "/v1/balance_transactions", "currency", "payout", "source", "type"),
    ),
    route(
        "GET",
        "/v1/balance_transactions/{id}",
        sdk.BalanceTransactionRetrieveParams,
        _one("balance_transaction"),
    ),
    route(
        "POST",
        "/v1/checkout/sessions",
        sdk_checkout.SessionCreateParams,
        lambda d, n, a: checkout.create(d, a),
    ),
    route(
        "GET",
        "/v1/checkout/sessions",
        sdk_checkout.SessionListParams,
        _many("checkout.session", "/v1/checkout/sessions", "payment_intent", "status"),
    ),
    route("GET", "/v1/checkout/sessions/{id}", sdk_checkout.SessionRetrieveParams, _one("checkout.session")),
    route(
        "POST",
        "/v1/checkout/sessions/{id}/expire",
        sdk_checkout.SessionExpireParams,
        lambda d, n, a: checkout.expire(d, n),
    ),
]


def find(method: str, path: str) -> tuple[Route, str]:
    """The route and the id in the path. A literal path wins over one with an id."""
    for one in ROUTES:
        match = one.path.fullmatch(path)
        if match and one.method == method and (match.groupdict().get("id") != "search"):
            return one, match.groupdict().get("id") or ""
    raise ApiError(404, "invalid_request_error", f"Unrecognized request URL ({method}: {path}).")
