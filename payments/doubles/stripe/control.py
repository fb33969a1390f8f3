"""What only the double can: order a fault, settle to the bank, dispute, steer the webhooks. The API key opens it."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from payments.doubles.stripe import books, connect, disputes, refunds
from payments.doubles.stripe.errors import ApiError, invalid
from payments.doubles.stripe.faults import Fault

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

DISPUTED = ("amount", "inquiry", "reason")
SWITCHES = {"delay": float, "copies": int, "reorder": bool, "paused": bool}


def call(double: Double, path: str, body: str, headers: dict[str, str]) -> Any:
    """`POST /_double/<verb>/[<id>]` with a JSON object; ApiError for what is not one of the verbs."""
    given = headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), double.secret_key.encode()):
        raise ApiError(401, "invalid_request_error", "Send the secret key as a Bearer token.")
    verb, _, name = path.removeprefix("/_double/").strip("/").partition("/")
    try:
        asked = json.loads(body or "{}")
        return _done(double, verb, name, asked)
    except (ValueError, TypeError, KeyError) as error:
        raise invalid(f"{verb}: {error}") from error


def _done(double: Double, verb: str, name: str, asked: dict[str, Any]) -> Any:
    if verb == "faults":
        double.faults.add(Fault(**asked))
        return {"ordered": asked}
    if verb == "clear":
        double.faults.clear()
        return {"ordered": None}
    if verb == "webhooks":
        return _steer(double, asked)
    if verb == "requests":
        return {"requests": double.requests[-200:], "count": len(double.requests)}
    with double.store.lock:
        try:
            return _moved(double, verb, name, asked)
        finally:
            double.store.commit()
            double.sender.notice()


def _moved(double: Double, verb: str, name: str, asked: dict[str, Any]) -> Any:
    if verb == "settle":
        return books.settle(double, asked.get("currency", "eur").lower())
    if verb == "lines":
        return books.adjust(double, **asked)
    if verb == "converts":
        double.converts = dict(asked)
        return asked
    if verb == "mature":
        return books.mature(double, asked.get("currency", "eur").lower())
    if verb == "accounts":
        return connect.finish(double, name, ready=bool(asked.get("ready", True)))
    if verb == "transfers":
        return connect.reverse(double, name)
    if verb == "refunds":
        return refunds.finish_refund(double, name, succeeded=bool(asked["succeeded"]))
    if verb == "disputes" and name:
        if asked["outcome"] == "escalated":
            return disputes.escalate(double, name)
        return disputes.end(double, name, asked["outcome"])
    if verb == "disputes":
        intent = double.store.get("payment_intent", asked["payment_intent"])
        made = double.store.get("charge", intent["latest_charge"])
        return disputes.dispute(double, made, **{name: asked[name] for name in DISPUTED if name in asked})
    raise ApiError(404, "invalid_request_error", f"The double cannot {verb}.")


def _steer(double: Double, asked: dict[str, Any]) -> dict[str, Any]:
    for switch, value in asked.items():
        setattr(double.sender, switch, SWITCHES[switch](value))
    return {switch: getattr(double.sender, switch) for switch in SWITCHES}
