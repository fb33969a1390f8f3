"""The same work without a broker: one loop over the sweeps that Celery's beat rings."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from fx.services import forget_unused, refresh_history, refresh_rates
from marketplace import auditing
from marketplace.letters import send_due
from marketplace.rest.idempotency import forget_old
from orders.work import SELDOM, SWEEPS

SLOW: tuple[Callable[[], object], ...] = (
    refresh_rates,
    refresh_history,
    forget_unused,
    forget_old,
    auditing.sweep,
    *SELDOM,
)
SLOW_SECONDS = 60.0


class Command(BaseCommand):
    help = "Run operations, webhooks, chains, deadlines, letters and rates in a loop, without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and end")
        parser.add_argument("--seconds", type=float, default=5.0, help="pause between two rounds (default 5)")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        slow_at = 0.0
        while not stop.is_set():
            close_old_connections()
            for sweep in (*SWEEPS, send_due):
                self._run(sweep)
            if time.monotonic() >= slow_at:
                for job in SLOW:
                    self._run(job)
                slow_at = time.monotonic() + SLOW_SECONDS
            if options["once"]:
                return
            stop.wait(options["seconds"])

    def _run(self, job: Callable[[], object]) -> None:
        """A job that fails is said and tried again in the next round; the others go on."""
        try:
            job()
        except Exception as error:
            self.stderr.write(f"{job.__name__}: {error}")
