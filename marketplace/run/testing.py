"""`python3 manage.py test`: pytest in the checkout; further arguments are pytest's."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence

from marketplace.run.places import BASE

# A whole run goes to as many processes as there are processors, file by file. See docs/decisions/0037.
SPREAD = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
ALONE = ("-k", "-m", "-n", "-s", "-x", "--lf", "--ff", "--sw", "--pdb", "--long", "--co", "--collect-only", "--help")


def main(arguments: list[str]) -> int:
    """Becomes pytest, so that its exit code and its answer to Ctrl-C are pytest's own."""
    os.chdir(BASE)
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest", *(SPREAD if is_whole(arguments) else ()), *arguments]
    os.execv(sys.executable, command)  # noqa: S606


def is_whole(arguments: Sequence[str]) -> bool:
    """Whether all tests are asked for, with nothing that a person watches or chooses."""
    chooses = any(not word.startswith("-") or word.split("=")[0] in ALONE for word in arguments)
    return not chooses and importlib.util.find_spec("xdist") is not None
