"""Check every invariant on the live database, on one snapshot."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.audit import checks, waiting
from marketplace.lib.audit import Check, Result, run


class Command(BaseCommand):
    help = "Check every invariant on the live database. Exit 0: none is broken; 1: some are, or could not be checked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--only", metavar="IDS", default="", help="only these, like A01,B03")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen, started = _chosen(options["only"]), time.monotonic()
        results = run(chosen)
        seconds = time.monotonic() - started
        self._json(results, seconds) if options["json"] else self._lines(results, seconds)
        if any(result.is_broken for result in results):
            raise SystemExit(1)

    def _lines(self, results: list[Result], seconds: float) -> None:
        broken = [result for result in results if result.is_broken]
        for result in broken:
            check = result.check
            self.stdout.write(f"{check.id} {check.severity} {check.statement}")
            examples = f"broken {result.count} times, for example: {', '.join(result.samples)}"
            self.stdout.write(f"    could not be checked: {result.error}" if result.error else f"    {examples}")
        said = f"{len(broken)} broken" if broken else "none broken"
        checked = f"{len(results)} invariants checked on one snapshot in {seconds:.2f} s, {said}"
        self.stdout.write(f"{checked}; {len(waiting())} wait (docs/audit.md says why)")

    def _json(self, results: list[Result], seconds: float) -> None:
        wait = [{"id": one.id, "statement": one.statement, "why": one.why} for one in waiting()]
        found = {"seconds": round(seconds, 3), "checks": [result.json() for result in results], "waiting": wait}
        self.stdout.write(json.dumps(found, indent=2))


def _chosen(only: str) -> tuple[Check, ...]:
    """All checks, or those that are named; CommandError for a name that is none."""
    if not only:
        return checks()
    wanted = {id_.strip().upper() for id_ in only.split(",")}
    unknown = wanted - {check.id for check in checks()}
    if unknown:
        raise CommandError(f"There is no check {', '.join(sorted(unknown))}. docs/audit.md lists them.")
    return tuple(check for check in checks() if check.id in wanted)
