"""Compare processors' own records with our books now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.following import follow
from payments.processors.base import ProcessorError
from payments.reconciliation.run import ReconRefused, processors, reconcile


class Command(BaseCommand):
    help = "Compare each processor's own record with our books, heal what was missing, and say what is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processor", help="only this one; without it all that keep a record")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [options["processor"]] if options["processor"] else processors()
        if not chosen:
            raise CommandError("No active processor keeps a record that could be compared.")
        for slug in chosen:
            try:
                run = reconcile(slug, follow=follow)
            except (ReconRefused, ProcessorError) as error:
                raise CommandError(f"{slug}: {error}") from error
            self.stdout.write(f"{slug}: {run.counted} references, {run.healed} healed, {run.open_items} differ")
            self.stdout.write(f"{slug}: {run.explained_bps / 100:.2f} % of the money is explained")
