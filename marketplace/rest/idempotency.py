"""`Idempotency-Key` on every unsafe call: the first call's answer is stored and given again; another body is an error.

A call that is refused (4xx) is stored too: a retry of a refused call is told the same. A server error is not stored.
The key belongs to its actor: an account, or the session of a guest.

What a call does and its stored answer are one transaction, so that a process that dies leaves both or neither, and
whoever comes with the key again may take over at once. Only a view that `calls_out` cannot be one: it is taken over
after `STALE`, and the services behind it are safe to call twice.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.db import DatabaseError, IntegrityError, InterfaceError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from marketplace.models import IdempotentCall
from marketplace.visitors import owner_key

HEADER = "Idempotency-Key"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
STALE = dt.timedelta(minutes=2)  # a call that never finished: its process died, for none runs that long
SOON = dt.timedelta(seconds=5)  # from the key to its transaction; a living one then holds the row's lock
KEEP = dt.timedelta(days=7)


class KeyMissing(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "idempotency_key_missing"
    default_detail = _("Send an Idempotency-Key header: 1 to 255 printable ASCII characters that name this one intent.")


class KeyReused(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = _("This Idempotency-Key was used for another request. Use a new key for a new intent.")


class StillRunning(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "still_running"
    default_detail = _("The first call with this key is still running. Wait a moment and send it again.")


class _Replay(Exception):
    def __init__(self, call: IdempotentCall) -> None:
        self.call = call


class IdempotentView(APIView):
    """An API view whose unsafe methods are remembered by their key, per actor."""

    calls_out: ClassVar[bool] = False  # its operation asks others and waits for them
    _call: IdempotentCall | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in UNSAFE and request.method in self.allowed_methods:
            self._call = _claim(request, wait=STALE if self.calls_out else SOON)
            if not self.calls_out:
                name = request.method.lower()
                setattr(self, name, partial(self._as_one, getattr(self, name)))

    def _as_one(self, operation: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
        """The operation and its stored answer, all or nothing."""
        assert self._call is not None
        with transaction.atomic():
            call = IdempotentCall.objects.select_for_update().filter(pk=self._call.pk).first()
            if call is None:
                raise StillRunning  # it was freed this very moment
            if call.status is not None:
                raise _Replay(call)  # somebody took over, and was faster
            response = operation(request, *args, **kwargs)
            reach("answer ready")
            _store(call, response.status_code, response.data)
        self._call = None
        return response

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Exception:
            self._forget()
            raise
        if self._call is not None:
            reach("answer ready")
            _keep(self._call, response)
        if request.method in UNSAFE:
            reach("answer kept")
        return response

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Replay):
            return _again(exc.call)
        return super().handle_exception(exc)

    def _forget(self) -> None:
        if self._call is not None:
            _free(self._call)


def _claim(request: Request, *, wait: dt.timedelta) -> IdempotentCall:
    key = request.headers.get(HEADER, "")
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise KeyMissing
    actor, fingerprint = owner_key(request._request, create=True), _fingerprint(request)
    try:
        with transaction.atomic():
            return IdempotentCall.objects.create(actor=actor, key=key, request_hash=fingerprint)
    except IntegrityError:
        return _second(actor, key, fingerprint, wait)


def _second(actor: str, key: str, fingerprint: str, wait: dt.timedelta) -> IdempotentCall:
    """The same key again: a replay, a mistake, too early, or the heir of a call that died."""
    call = IdempotentCall.objects.filter(actor=actor, key=key).first()
    if call is None:
        raise StillRunning  # it failed this very moment
    if call.request_hash != fingerprint:
        raise KeyReused
    if call.status is not None:
        raise _Replay(call)
    if not _inherit(call, wait):
        raise StillRunning
    return call


@transaction.atomic
def _inherit(call: IdempotentCall, wait: dt.timedelta) -> bool:
    """Whether it is ours now: begun that long ago, and nobody holds it."""
    dead = IdempotentCall.objects.filter(pk=call.pk, status=None, created_at__lt=now() - wait)
    if dead.select_for_update(skip_locked=True).first() is None:
        return False
    return bool(dead.update(created_at=now()))


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True)
    text = f"{request.method} {request.get_full_path()}\n{body}"
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(call: IdempotentCall, response: Any) -> None:
    if response.status_code >= 500:
        _free(call)
        return
    response.render()
    IdempotentCall.objects.filter(pk=call.pk).update(status=response.status_code, answer=json.loads(response.content))


def _store(call: IdempotentCall, code: int, data: Any) -> None:
    call.status, call.answer = code, json.loads(JSONRenderer().render(data))
    call.save(update_fields=["status", "answer"])


def _free(call: IdempotentCall) -> None:
    """Let the key be used again, unless its transaction went through after all, which an error does not rule out.

    When the database is gone too, the call is taken over later.
    """
    with contextlib.suppress(DatabaseError, InterfaceError):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # the one that was lost; the next query opens another
        IdempotentCall.objects.filter(pk=call.pk, status=None).delete()


def _again(call: IdempotentCall) -> Response:
    assert call.status is not None
    kind = "application/problem+json" if call.status >= 400 else None
    return Response(call.answer, call.status, headers={"Idempotent-Replayed": "true"}, content_type=kind)


@transaction.atomic
def forget_old() -> int:
    """Delete answers that nobody will ask for again, and keys of calls whose process died; how many."""
    dead = IdempotentCall.objects.filter(status=None, created_at__lt=now() - STALE)
    given_up = list(dead.select_for_update(skip_locked=True).values_list("pk", flat=True))
    rows = Q(created_at__lt=now() - KEEP, status__isnull=False) | Q(pk__in=given_up)
    return IdempotentCall.objects.filter(rows).delete()[0]
