"""What a person sees while things run: our own lines, and errors out of the children's logs."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

AT_MOST = 5  # lines of one log within WINDOW seconds; the rest is in the file
WINDOW = 10.0
TROUBLE = re.compile(r"\b(ERROR|CRITICAL|PANIC)\b")
# A query that a constraint refused is PostgreSQL's ERROR and our daily bread.
QUIET = {"postgres": re.compile(r"\bPANIC\b")}


def say(text: str, who: str = "entrepot") -> None:
    """One line; a terminal that went away is no reason to leave children behind."""
    with contextlib.suppress(OSError):
        print(f"{who:>8} | {text}", flush=True)


class LogWatch:
    """Shows the lines of one log that tell of trouble, from now on."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.at = path.stat().st_size if path.exists() else 0
        self.shown: list[float] = []

    def look(self) -> None:
        with contextlib.suppress(OSError), self.path.open("rb") as file:
            file.seek(self.at)
            fresh = file.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self.at += len(whole)
            for line in whole.decode(errors="replace").splitlines():
                if QUIET.get(self.name, TROUBLE).search(line):
                    self.show(line)

    def show(self, line: str) -> None:
        now = time.monotonic()
        self.shown = [moment for moment in self.shown if now - moment < WINDOW]
        if len(self.shown) < AT_MOST:
            self.shown.append(now)
            say(line[:300], self.name)
            if len(self.shown) == AT_MOST:
                say(f"more in {self.path}", self.name)


def begin_log(path: Path, most: int = 10_000_000) -> Path:
    """One older file is kept when a log has grown past `most` bytes."""
    if path.exists() and path.stat().st_size > most:
        path.replace(path.with_suffix(".log.1"))
    return path
