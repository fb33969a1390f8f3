"""Ringing the bell: ask a worker to look now. A bell that nobody hears loses nothing, a sweep looks anyway."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring(task: Any) -> None:
    """Send `task` (Celery's, without arguments) after the transaction commits; a broker that is down is only logged."""

    def send() -> None:
        try:
            task.apply_async(retry=False)
        except (OperationalError, OSError) as error:
            log.warning("The broker did not take %s: %s. The sweep will do it.", task.name, error)

    transaction.on_commit(send)
