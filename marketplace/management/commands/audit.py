"""Check every invariant on the live database, on one snapshot."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketplace.audit import checks, waiting
from marketplace.lib.audit import Result, run


class Command(BaseCommand):
    help = "Check every invariant on the live database. Exit 0: none is broken; 1: some are, and they are named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        results = run(checks())
        broken = [result for result in results if result.count]
        self._json(results) if options["json"] else self._lines(results, broken)
        if broken:
            raise SystemExit(1)

    def _lines(self, results: list[Result], broken: list[Result]) -> None:
        for result in broken:
            check = result.check
            self.stdout.write(f"{check.id} {check.severity} {check.statement}")
            self.stdout.write(f"    broken {result.count} times, for example: {', '.join(result.samples)}")
        seconds = sum(result.seconds for result in results)
        said = f"{len(broken)} broken" if broken else "none broken"
        checked = f"{len(results)} invariants checked on one snapshot in {seconds:.2f} s, {said}"
        self.stdout.write(f"{checked}; {len(waiting())} wait (docs/audit.md says why)")

    def _json(self, results: list[Result]) -> None:
        found = [
            {
                "id": result.check.id,
                "severity": result.check.severity,
                "statement": result.check.statement,
                "count": result.count,
                "samples": result.samples,
                "seconds": round(result.seconds, 4),
            }
            for result in results
        ]
        wait = [{"id": one.id, "statement": one.statement, "why": one.why} for one in waiting()]
        self.stdout.write(json.dumps({"checks": found, "waiting": wait}, indent=2))
