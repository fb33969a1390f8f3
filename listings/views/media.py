"""Serves photos, and only those: names of our own pattern, the type we wrote, never to be run."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

# photos/ab/<uuid>-640.webp, where ab starts the uuid
NAME = (
    r"photos/(?P<folder>[0-9a-f]{2})/"
    r"(?P<file>(?P=folder)[0-9a-f]{6}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?:320|640|1200)\.webp)"
)
YEAR = 31_536_000


@require_safe
def photo(request: HttpRequest, folder: str, file: str) -> FileResponse:
    """The file under MEDIA_ROOT. A name is never written twice, so that everybody may keep it."""
    assert re.fullmatch(NAME, f"photos/{folder}/{file}")
    path = Path(settings.MEDIA_ROOT) / "photos" / folder / file
    try:
        content = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="image/webp", filename=file)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = f'inline; filename="{file}"'
    return response
