"""What only the people of a case may see, as an answer that no cache keeps."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from orders.models import MessagePicture


def shown(found: MessagePicture | None) -> HttpResponse:
    """The bytes that we encoded, for this reader alone: no cache keeps them, nothing in them runs."""
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.webp), content_type="image/webp")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = f'inline; filename="{found.pk}.webp"'
    return response
