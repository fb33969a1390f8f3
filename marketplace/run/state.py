"""What the running demo tells other commands of this checkout: where its servers are."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from marketplace.run.places import Lock, demo_folder

NEED_NOTHING = {"help", "--help", "-h", "version", "--version"}


def connect(command: str) -> None:
    """Sets the environment of the running demo for a Django command that was given no database.

    Leaves with one sentence when there is neither; an environment that names itself
    (ENTREPOT_ENV) is the settings' business.
    """
    if {"DATABASE_URL", "ENTREPOT_ENV"} & os.environ.keys() or command in NEED_NOTHING:
        return
    known = read(demo_folder())
    if not known:
        sys.exit(
            "There is no database yet: start `python3 manage.py demo`, "
            "or set DATABASE_URL and ENTREPOT_ENV (docs/operate.md)."
        )
    if not running(demo_folder()):
        sys.exit(
            "The demo is not running, and its database with it: start `python3 manage.py demo` "
            "in another window, or set DATABASE_URL and ENTREPOT_ENV."
        )
    os.environ.update(known)


def write(folder: Path, env: Mapping[str, str]) -> None:
    """Readable by the owner alone: it holds the demo's secret key."""
    fresh = folder / "state.json.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(dict(env), indent=1))
    fresh.rename(folder / "state.json")


def read(folder: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads((folder / "state.json").read_text()))
    return {}


def running(folder: Path) -> bool:
    """Whether a supervisor holds the folder's lock."""
    lock = Lock(folder)
    try:
        return not lock.try_only()
    finally:
        lock.release()
