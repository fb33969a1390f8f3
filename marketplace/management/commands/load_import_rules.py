"""Bring newer import rules from a CSV file, never over an operator's edit."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listings import services
from listings.customs.seed import read_rules


class Command(BaseCommand):
    help = "Load import rules from FILE (columns as in listings/data/import_rules.csv)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            rows = read_rules(file)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} was not loaded: {error}") from error
        plan = services.load_file(rows, by=None, file=file.name)
        for sentence in (*plan.kept, *plan.refused):
            self.stderr.write(sentence)
        self.stdout.write(
            f"{plan.added} new, {plan.edited} changed, {plan.unchanged} unchanged, "
            f"{len(plan.kept) + len(plan.refused)} left alone."
        )
