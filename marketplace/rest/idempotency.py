"""`Idempotency-Key` on every unsafe call: the first call's answer is stored and given again; another body is an error.

A call that is refused (4xx) is stored too: a retry of a refused call is told the same. A server error is not stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.lib.clock import now
from marketplace.models import IdempotentCall
from marketplace.rest.problems import Refused
from marketplace.visitors import owner_key

HEADER = "Idempotency-Key"
STALE = dt.timedelta(minutes=5)  # a call that never finished: its process died
KEEP = dt.timedelta(days=7)


class KeyMissing(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "idempotency_key_missing"
    default_detail = "Send an Idempotency-Key header: 1 to 255 printable ASCII characters that name this one intent."


class KeyReused(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used for another request. Use a new key for a new intent."


class IdempotentView(APIView):
    """An API view whose unsafe methods are remembered by their key, per actor."""

    _call: IdempotentCall | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in {"POST", "PUT", "PATCH", "DELETE"}:
            self._call = _claim(request)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self._call = None
        response = super().dispatch(request, *args, **kwargs)
        self._remember(response)
        return response

    def _remember(self, response: Any) -> None:
        if self._call is not None:
            _keep(self._call, response)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Replay):
            return Response(exc.call.answer, exc.call.status, headers={"Idempotent-Replayed": "true"})
        return super().handle_exception(exc)


class _Replay(Exception):
    def __init__(self, call: IdempotentCall) -> None:
        self.call = call


def _claim(request: Request) -> IdempotentCall:
    key = request.headers.get(HEADER, "")
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise KeyMissing
    actor, fingerprint = owner_key(request._request, create=True), _fingerprint(request)
    try:
        with transaction.atomic():
            return IdempotentCall.objects.create(actor=actor, key=key, request_hash=fingerprint)
    except IntegrityError:
        return _second(actor, key, fingerprint)


def _second(actor: str, key: str, fingerprint: str) -> IdempotentCall:
    call = IdempotentCall.objects.get(actor=actor, key=key)
    if call.request_hash != fingerprint:
        raise KeyReused
    if call.status is not None:
        raise _Replay(call)
    took_over = IdempotentCall.objects.filter(pk=call.pk, status=None, created_at__lt=now() - STALE).update(
        created_at=now()
    )
    if not took_over:
        raise Refused("The first call with this key is still running. Wait a moment and send it again.")
    return call


def _fingerprint(request: Request) -> str:
    text = f"{request.method} {request.get_full_path()}\n{request.data!r}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _keep(call: IdempotentCall, response: Any) -> None:
    if response.status_code >= 500 or response.status_code == 429:
        IdempotentCall.objects.filter(pk=call.pk).delete()
        return
    IdempotentCall.objects.filter(pk=call.pk).update(status=response.status_code, answer=_plain(response))


def _plain(response: Response) -> Any:
    return json.loads(response.rendered_content) if response.data is not None else None


def forget_old() -> int:
    """Delete answers that nobody will ask for again."""
    return IdempotentCall.objects.filter(created_at__lt=now() - KEEP).delete()[0]
