"""Servers that may be away for a moment, and what people read then: 503, for it is over soon and nobody's mistake."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from redis.exceptions import RedisError

RETRY_SECONDS = 5
DATABASE = _("The database does not answer just now. Nothing is lost. Try again in a few seconds.")
SENTENCES: dict[type[Exception], str] = {
    OperationalError: DATABASE,
    InterfaceError: DATABASE,
    # The cache counts how often somebody tries a password. Uncounted tries are refused, never let through.
    RedisError: _("Nobody can sign in or sign up just now: what counts the tries does not answer. Try again soon."),
}


def sentence_for(error: BaseException | None) -> str | None:
    """What is away, in the active language; None for any other error."""
    if type(error) is DatabaseError:  # none of its kinds: psycopg2's for a session that ended within a statement
        return gettext(DATABASE)
    return next((gettext(said) for kind, said in SENTENCES.items() if isinstance(error, kind)), None)
