"""Named moments at which a test lets this very process die.

`FAIL_AT` names a folder. A file in it that is called like a point is a trap: whichever process comes by first takes it
away and is killed as by `kill -9`, once. `operation answered` takes everybody, `operation answered of refund` only who
comes by with a refund. Nothing dies outside the demo and tests.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from django.conf import settings

POINTS = (
    "order written",  # in the transaction that places it: nothing is intended yet
    "order placed",  # the intent is committed, nothing has left
    "operation claimed",  # before the call to the processor; of each kind of operation
    "operation answered",  # the processor did it, we do not know it yet
    "operation stored",  # we know it, whoever waits does not
    "payee opened",  # a seller's account exists at the processor, we do not know it yet
    "webhook kept",  # before its sender is thanked
    "news fetched",  # before what a webhook is about is applied
    "news applied",
    "chain seen",  # receipts are stored, what they mean for the payment is not
    "statement used",  # the bank's file is in the books, who uploaded it does not know
    "statement read",  # a processor's own record is stored, nothing is compared or healed yet
    "bank file made",  # the payouts in it are sent, nobody has the file yet
    "window closed",  # in the transaction that closes a netting window: everything is written, nothing is committed
    "trade answered",  # a provider has exchanged for a window, we do not know it yet
    "journal posted",  # in the transaction that moves the money; of each kind of journal
    "answer ready",  # to an unsafe call of the API, before it is stored
    "answer kept",  # before the caller reads it
)
TRAPS = os.environ.get("FAIL_AT", "") if settings.SANDBOX else ""


def name_of(point: str, kind: str = "") -> str:
    """What its trap is called. ValueError for a point that does not exist."""
    if point not in POINTS:
        raise ValueError(f"There is no point {point!r}; there are {', '.join(POINTS)}.")
    return f"{point} of {kind}" if kind else point


def reach(point: str, kind: str = "") -> None:
    """Say that `point` is reached; returns unless a trap says that this is the end."""
    if TRAPS:
        for name in dict.fromkeys((name_of(point), name_of(point, kind))):
            with contextlib.suppress(FileNotFoundError):
                (Path(TRAPS) / name).unlink()
                os.write(2, f"Killed at {name!r}.\n".encode())  # the last words; Celery's own stderr would prefix them
                os.kill(os.getpid(), signal.SIGKILL)
