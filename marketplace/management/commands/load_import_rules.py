"""Bring newer import rules from a CSV file, never over an operator's edit."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listings.customs.seed import load_rules, read_rules
from listings.models import ImportRule


class Command(BaseCommand):
    help = "Load import rules from FILE (columns as in listings/data/import_rules.csv)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            rows = read_rules(file)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} was not loaded: {error}") from error
        loaded = load_rules(ImportRule, rows)
        for sentence in loaded.kept:
            self.stderr.write(sentence)
        self.stdout.write(
            f"{loaded.created} new, {loaded.updated} changed, {loaded.unchanged} unchanged, "
            f"{len(loaded.kept)} left alone."
        )
