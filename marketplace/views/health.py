"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from marketplace import health

LOOPBACK = ("127.0.0.1", "::1")


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers; asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 unless the database answers and its tables are those of this code. Without a broker: degraded, but ready."""
    try:
        missing = health.missing_migrations()
        seconds = health.oldest_operation_seconds() if not missing else 0
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503)
    broker = health.broker_answers()
    answer: dict[str, Any] = {
        "ready": not missing,
        "degraded": not broker,
        "database": "ok",
        "migrations": "ok" if not missing else f"{len(missing)} missing: run manage.py migrate",
        "broker": "ok" if broker else "does not answer; sweeps go on",
        "oldest_due_operation_seconds": seconds,
    }
    return JsonResponse(answer, status=503 if missing else 200)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format. With METRICS_TOKEN set only its bearer reads it, else only this machine itself."""
    if not _may_read(request):
        raise Http404
    lines = [f"{name}{_labels(labels)} {value}" for name, labels, value in health.counts()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not proxied


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" if labels else ""
