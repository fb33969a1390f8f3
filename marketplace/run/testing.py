"""`python3 manage.py test`: pytest in the checkout; further arguments are pytest's."""

from __future__ import annotations

import os
import sys

from marketplace.run.places import BASE


def main(arguments: list[str]) -> int:
    """Becomes pytest, so that its exit code and its answer to Ctrl-C are pytest's own."""
    os.chdir(BASE)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606
