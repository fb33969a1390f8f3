"""The second factor (a time-based one-time code, RFC 6238) of staff: who has one, who showed it, what it is now."""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt, is_mfa_enabled
from django.core.cache import cache
from django.http import HttpRequest

from marketplace.models import User


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user))


def passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session showed a code, at login or since."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def enrol(user: User) -> None:
    """Give `user` a second factor, for demo accounts and tests: people set theirs up at /account/2fa/."""
    if not has_second_factor(user):
        TOTP.activate(user, generate_totp_secret())


def seconds_left() -> int:
    """Until the present code ends."""
    period: int = app_settings.TOTP_PERIOD
    return period - int(time.time()) % period


def current_code(user: User) -> str:
    """The code that works now. Raises Authenticator.DoesNotExist when the account has no second factor."""
    device = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    counter = int(time.time()) // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(decrypt(device.data["secret"]), counter)))


def was_used(user: User, code: str) -> bool:
    """Whether `code` opened a door already: each works once."""
    device = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return TOTP(device)._get_used_cache_key(code) in cache
