"""The stand-in for Stripe that the demo and browser tests pay at. It refuses to run anywhere else."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.doubles.stripe import Double


class Command(BaseCommand):
    help = "Run the stand-in for Stripe on 127.0.0.1 (demo and tests only)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--data", type=Path, help="file that keeps it through a restart")
        parser.add_argument(
            "--webhook-url",
            default=f"{settings.SITE_URL}/hooks/stripe/",
            help="where events go; empty: they wait",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        double = self._double(options)
        signal.signal(signal.SIGTERM, lambda *_: _interrupt())
        self.stdout.write(f"The stand-in for Stripe listens on {double.url}")
        try:
            double.serve()
        except KeyboardInterrupt:
            double.sender.stop()

    def _double(self, options: dict[str, Any]) -> Double:
        config = settings.PROCESSORS.get("stripe", {})
        try:
            return Double(
                secret_key=config.get("secret_key", ""),
                webhook_secret=config.get("webhook_secret", ""),
                port=options["port"],
                data=options["data"],
                webhook_url=options["webhook_url"],
            )
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"Port {options['port']} cannot be used: {error.strerror}. Give another --port."
            ) from error


def _interrupt() -> None:
    raise KeyboardInterrupt
