"""The content security policy: nothing that is not our own file, no inline script, no inline style.

A view that needs one more source, such as the card page, says so for its one answer: `widen(response, ...)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpResponseBase

POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
}
_REFUSED = ("'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:", "data:")


def widen(response: HttpResponseBase, more: Mapping[str, Sequence[str]]) -> None:
    """Allow further sources on this one answer: `widen(response, {"script-src": ["https://js.stripe.com"]})`.

    Raises ValueError for a source that would allow anything.
    """
    for directive, sources in more.items():
        for source in sources:
            if source in _REFUSED:
                raise ValueError(f"{directive} {source} would undo the policy. Name the one host that is needed.")
    response.csp = more  # type: ignore[attr-defined]


def header(response: HttpResponseBase) -> str:
    """The policy of `response`, with what its view added."""
    more: Mapping[str, Sequence[str]] = getattr(response, "csp", {})
    directives = {**POLICY, **{name: () for name in more if name not in POLICY}}
    return "; ".join(f"{name} {' '.join([*own, *more.get(name, ())])}" for name, own in directives.items())
