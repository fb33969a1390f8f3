"""The texts people accept, in force or in an earlier version."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from marketplace import legal
from marketplace.lib.clock import now
from marketplace.models import LegalText


@require_safe
def text(request: HttpRequest, kind: str, version: str = "") -> HttpResponse:
    """`/legal/terms/` is the version in force, `/legal/terms/1/` stays what it was."""
    if kind not in LegalText.Kind.values:
        raise Http404
    published = LegalText.objects.filter(kind=kind, effective_at__lte=now())
    try:
        current = legal.current(kind)
    except LegalText.DoesNotExist:
        raise Http404 from None
    shown = get_object_or_404(published, version=version) if version else current
    context = {
        "text": shown,
        "sections": legal.sections(shown),
        "versions": published.order_by("-effective_at", "-pk"),
        "in_force": current == shown,
    }
    return render(request, "marketplace/legal.html", context)
