"""`manage.py fetch_rates`: ask every provider of exchange rates now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fx.models import RateFetch
from fx.services import current_rates, rates_page, refresh_history, refresh_rates


class Command(BaseCommand):
    help = "Ask every provider of exchange rates now and say what came of it."

    def handle(self, *args: Any, **options: Any) -> None:
        refresh_rates(force=True)
        refresh_history(force=True)
        page = rates_page()
        for source in page.sources:
            self.stdout.write(f"{source.label}: {_outcome(source.last)}")
        if page.history is not None:
            self.stdout.write(f"{page.history.label}: {_outcome(page.history.last)}")
        rates = current_rates()
        self.stdout.write(f"{len(rates.per_eur)} currencies can be exchanged with the euro.")
        if page.held:
            raise CommandError(f"Held for review in the admin: {', '.join(page.held)}.")
        if not rates.per_eur:
            raise CommandError("No rate is usable: only purchases in one currency can go on.")


def _outcome(last: RateFetch | None) -> str:
    if last is None:
        return "not asked"
    return "; ".join(part for part in ("good" if last.ok else "failed", last.error) if part)
