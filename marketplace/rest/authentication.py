"""`Authorization: Token <key>`: the key that an account made on /account/."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class KeyAuthentication(TokenAuthentication):
    """Refuses what cannot be a key before the database sees it."""

    def authenticate_credentials(self, key: str) -> Any:
        if not (key.isascii() and key.isalnum() and len(key) <= 40):
            raise AuthenticationFailed(_("This is no API token. Make one on /account/."))
        return super().authenticate_credentials(key)
