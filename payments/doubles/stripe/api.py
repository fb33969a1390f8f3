"""One call of the API, from bytes to answer: key, parameters, idempotency, work, and what was ordered to fail."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payments.doubles.stripe import checkout, connect, params, routes, wire
from payments.doubles.stripe.errors import ApiError, invalid
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

KEPT = 24 * 3600  # seconds that an idempotency key is remembered


@dataclass
class Answer:
    """`lost`: how much of it never arrives: nothing, half or all."""

    status: int
    body: Obj
    headers: dict[str, str] = field(default_factory=dict)
    lost: str = ""


def call(double: Double, method: str, path: str, text: str, headers: dict[str, str]) -> Answer:
    """`headers` have lower-case names; `text` is the query of a GET, else the body."""
    double.requests.append(f"{method} {path}")
    key = headers.get("idempotency-key", "") if method == "POST" else ""
    double.local.key = key or None
    try:
        _authorize(double, headers)
        _fail_before(double, method, path)
        answer = _once(double, key, method, path, text) if key else _work(double, method, path, text)
    except ApiError as error:
        answer = Answer(error.status, error.body)
    finally:
        with double.store.lock:
            double.store.commit()
    double.sender.notice()
    for lost in ("drop", "half"):
        if double.faults.take(lost, method, path):
            answer.lost = lost
    return answer


def _authorize(double: Double, headers: dict[str, str]) -> None:
    given = headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), double.secret_key.encode()):
        raise ApiError(401, "invalid_request_error", f"Invalid API Key provided: {given[:8]}***")


def _fail_before(double: Double, method: str, path: str) -> None:
    slow = double.faults.take("slow", method, path)
    if slow:
        time.sleep(slow.seconds)
    if double.faults.take("rate_limit", method, path):
        raise ApiError(
            429,
            "invalid_request_error",
            "Too many requests hit the API too quickly.",
            code="rate_limit",
        )


def _once(double: Double, key: str, method: str, path: str, text: str) -> Answer:
    """Same key, same parameters: the first answer again. Other parameters, or still at work: an error."""
    if len(key) > 255:
        raise invalid("Idempotency keys have at most 255 characters.")
    print_ = hashlib.sha256(f"{method} {path}\n{text}".encode()).hexdigest()
    store = double.store
    with store.lock:
        seen = store.find("idempotency", key)
        if seen and seen["created"] + KEPT > stamp():
            return _replayed(seen, print_)
        store.put(
            "idempotency",
            {"id": key, "created": stamp(), "print": print_, "status": 0, "body": None},
        )
    answer = None
    try:
        answer = _work(double, method, path, text)
    except ApiError as error:
        if error.status != 400 or _began(error):
            answer = Answer(error.status, error.body)
            return answer
        raise
    finally:
        with store.lock:
            if answer is None:  # refused before the work began: nothing is saved, the key is free
                store.put("idempotency", {"id": key, "created": 0, "print": "", "status": 0, "body": None})
            else:
                kept = {"status": answer.status, "body": copy.deepcopy(answer.body)}
                store.put("idempotency", {"id": key, "created": stamp(), "print": print_, **kept})
    return answer


def _began(error: ApiError) -> bool:
    return not str(error.body["error"].get("code", "")).startswith("parameter_")


def _replayed(seen: Obj, print_: str) -> Answer:
    if seen["print"] != print_:
        raise ApiError(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{seen['id']}' if you meant to execute a different request.",
        )
    if not seen["status"]:
        raise ApiError(
            409,
            "invalid_request_error",
            f"There is currently another in-progress request using this Idempotent Key: {seen['id']}.",
            code="idempotency_key_in_use",
        )
    return Answer(seen["status"], seen["body"], {"Idempotent-Replayed": "true"})


def _work(double: Double, method: str, path: str, text: str) -> Answer:
    route, name = routes.find(method, path)
    json_body = method == "POST" and path.startswith("/v2/")
    asked = params.check(connect.flattened(text) if json_body else wire.parse(text), route.rules)
    expanded = asked.pop("expand", None) or []
    broken = ApiError(500, "api_error", "An unknown error occurred")
    if double.faults.take("error", method, path):
        raise broken
    with double.store.lock:
        checkout.expire_old(double)
        done = copy.deepcopy(wire.expand(double.store, route.action(double, name, asked), expanded))
    if double.faults.take("error_after", method, path):
        raise broken
    return Answer(200, done)


def encoded(answer: Answer) -> bytes:
    return json.dumps(answer.body, indent=2).encode()
