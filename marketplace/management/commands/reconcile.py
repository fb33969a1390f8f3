"""Compare processors' own records with our books now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fx.money import Money
from orders.following import follow
from payments.models import ReconRun
from payments.processors.base import ProcessorError
from payments.reconciliation.run import ReconRefused, processors, reconcile
from payments.reconciliation.share import in_percent, latest, share_of


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
            self._say(run)
        self.stdout.write(f"{in_percent(share_of(latest()))} of the money is explained")

    def _say(self, run: ReconRun) -> None:
        slug = run.processor
        self.stdout.write(f"{slug}: {run.counted} references, {run.healed} healed, {run.open_items} differ")
        for one in run.sums.order_by("currency"):
            there, here = Money(one.theirs_minor, one.currency), Money(one.ours_minor, one.currency)
            off = Money(one.unexplained_minor, one.currency)
            said = f"there {there}, here {here}, not explained {off}: {in_percent(one.explained_bps)}"
            self.stdout.write(f"{slug} {one.currency}: {said}")
        self.stdout.write(f"{slug}: {in_percent(run.explained_bps)} of the money is explained")
