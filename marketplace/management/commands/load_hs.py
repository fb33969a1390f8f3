"""Add HS codes from a CSV file, such as the public full list of 5,613 six-digit codes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listings.customs.seed import load_codes, read_codes
from listings.models import HSCode


class Command(BaseCommand):
    help = "Load HS codes from FILE (columns hs6,plain_name or hscode,description)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            added = load_codes(HSCode, read_codes(file))
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} was not loaded: {error}") from error
        self.stdout.write(f"{added} new HS codes; names that were there stay.")
