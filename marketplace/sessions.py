"""Sessions in the database, asked only for keys that Django could have made."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """A key that no session of ours has, such as one with a NUL, is no session instead of a database error."""

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()
