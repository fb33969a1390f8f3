"""A call that was interrupted is sent again: nobody looks whether it was done, and Stripe gets no key to know it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payments.calls import sending as calls
from payments.models import Operation
from payments.processors import registry
from payments.processors.base import Update
from payments.processors.stripe_client import Line
from tests.chaos.naive import Patch

_request = Line.request


def make(operation: Operation, *, recovering: bool) -> Update:
    return calls.SEND[Operation.Kind(operation.kind)](registry.get(operation.processor), operation)


def request(line: Line, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None) -> Any:
    kept = {name: value for name, value in (headers or {}).items() if name.lower() != "idempotency-key"}
    return _request(line, method, url, kept, post_data)


PATCHES: list[Patch] = [(calls, "make", make), (Line, "request", request)]
