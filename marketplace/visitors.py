"""Where to, in which money, in which language: chosen once, shown everywhere, kept.

An account keeps the choice in its profile, a guest in a signed cookie; a bot that sends no cookie gets
no session. Without a choice it is guessed from the browser's languages.
"""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from marketplace.lib.places import currency_of, is_country
from marketplace.lib.visitor import Visitor
from marketplace.models import User

COOKIE = "visitor"
_SALT = "entrepot.visitor"
_YEAR = 365 * 24 * 3600
_KEY = "visitor_key"  # in the session: 128 random bits that own a guest's basket and quotes
_REGION = re.compile(r"\b([a-z]{2,3})-([A-Z]{2})\b")


def visitor_of(request: HttpRequest) -> Visitor:
    """The choice of the account, of the cookie, or a guess; each part falls back on its own."""
    chosen = _profile(request) or _cookie(request) or ("", "", "")
    country = chosen[0] if is_country(chosen[0]) else guess_country(request)
    language = chosen[2] if chosen[2] in dict(settings.LANGUAGES) else _guess_language(request)
    return Visitor(country, chosen[1] or currency_of(country), language)


def remember(request: HttpRequest, response: HttpResponse, visitor: Visitor) -> None:
    """Keep the choice: in the profile of whoever is logged in, and in the cookie of this browser."""
    if request.user.is_authenticated:
        user = request.user
        user.country, user.currency, user.language = visitor.country, visitor.currency, visitor.language
        user.save(update_fields=["country", "currency", "language"])
    response.set_cookie(
        COOKIE,
        signing.dumps([visitor.country, visitor.currency, visitor.language], salt=_SALT),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def owner_key(request: HttpRequest, *, create: bool = False) -> str:
    """Who owns a basket or a quote: `user:<id>`, or `visitor:<32 hex digits>` from the session.

    A guest without a session is nobody, "" , until something is worth keeping: then pass create=True.
    """
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    key = str(request.session.get(_KEY, ""))
    if not key and create:
        key = request.session[_KEY] = secrets.token_hex(16)
    return f"visitor:{key}" if key else ""


def forget_guest(request: HttpRequest) -> str:
    """The guest's owner key of this session, or "", which ends with this call: an account takes over."""
    key: str = request.session.pop(_KEY, "")
    return f"visitor:{key}" if key else ""


def guess_country(request: HttpRequest) -> str:
    """The region of the browser's languages, as `de-AT` says Austria; else DEFAULT_COUNTRY.

    `en-US` says nothing: it is what software speaks that nobody asked.
    """
    for language, region in _REGION.findall(request.headers.get("Accept-Language", "")[:200]):
        if (language, region) != ("en", "US") and is_country(region):
            return str(region)
    return str(settings.DEFAULT_COUNTRY)


def _guess_language(request: HttpRequest) -> str:
    return translation.get_language_from_request(request)


def _profile(request: HttpRequest) -> tuple[str, str, str] | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = request.user
    return (user.country, user.currency, user.language) if isinstance(user, User) else None


def _cookie(request: HttpRequest) -> tuple[str, str, str] | None:
    try:
        country, currency, language = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return country, currency, language
