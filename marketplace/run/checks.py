"""`make check`, and what CI runs after the tests: the one list of checks that need no test."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from marketplace.run.places import BASE, Refusal
from marketplace.run.testbed import servers_for_checks

PYTHON = sys.executable
APPS = ("marketplace", "fx", "listings", "payments", "orders")
PATHS = ("manage.py", *APPS, "tests", "bench", "docs/sample-processor/src", "docs/sample-processor/tests")
DJANGO = (PYTHON, "manage.py")
CHECKS: dict[str, tuple[str, ...]] = {
    "lint": (PYTHON, "-m", "ruff", "check", "."),
    "format": (PYTHON, "-m", "ruff", "format", "--check", "."),
    "import contracts": (os.path.join(os.path.dirname(PYTHON), "lint-imports"),),
    "template lint": (PYTHON, "-m", "djlint", "--lint", "--quiet", "."),
    "template format": (PYTHON, "-m", "djlint", "--check", "--quiet", "."),
    "translations": (PYTHON, "-m", "marketplace.run.translations"),
    "system check": (*DJANGO, "check", "--fail-level=WARNING"),
    "missing migrations": (*DJANGO, "makemigrations", "--check", "--dry-run"),
    "API schema": (*(*DJANGO, "spectacular", "--validate", "--fail-on-warn", "--file"), os.devnull),
    "types": (PYTHON, "-m", "mypy", *PATHS),
}


def main() -> int:
    """Runs all of them, also after a failure; returns how many failed, as an exit code."""
    try:
        with servers_for_checks() as env:
            failed = [name for name, command in CHECKS.items() if not passes(name, command, env)]
    except Refusal as refusal:
        print(refusal)
        return 1
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(CHECKS)} checks are clean")
    return min(len(failed), 1)


def passes(name: str, command: tuple[str, ...], env: dict[str, str]) -> bool:
    """Shows what the check said only when it failed."""
    print(f"{name:<20}", end="", flush=True)
    start = time.monotonic()
    done = subprocess.run(
        command,
        cwd=BASE,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(f"{'FAILED' if done.returncode else 'ok'} ({time.monotonic() - start:.1f} s)", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0
