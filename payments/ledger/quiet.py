"""A moment in which nobody else writes the books: for rare work that has to know all that was posted before it."""

from __future__ import annotations

import time

from django.db import OperationalError, connection, transaction
from psycopg2.errorcodes import LOCK_NOT_AVAILABLE

from payments.ledger.balances import locked
from payments.ledger.codes import Code

NO_WRITERS = "lock table ledger_journal in share row exclusive mode"
TURN, PATIENCE, PAUSE = "300ms", 5.0, 0.05  # of one try; seconds for all of them, and between two


def hold_writers(*codes: Code) -> None:
    """Wait for the journals that are half written and hold back others until the caller's transaction ends, with the
    balances of `codes` locked: what is read next is all that was posted before what the caller posts itself.

    Some lock a balance and then post, others post and then wait for that balance. So neither lock is kept while the
    other is waited for long: both are let go and tried again. OperationalError after five seconds; nothing has moved.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return _take(codes)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE or time.monotonic() > end:
                raise
        time.sleep(PAUSE)


@transaction.atomic
def _take(codes: tuple[Code, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('lock_timeout')")
        [usual] = cursor.fetchone()
        cursor.execute("select set_config('lock_timeout', %s, true)", [TURN])
        for code in codes:
            locked(code)
        cursor.execute(NO_WRITERS)
        cursor.execute("select set_config('lock_timeout', %s, true)", [usual])
