"""The ledger with eight clients and each commit on the disk: beside pgbench, in a big book, on one hot account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from bench.books import ROOT, Book, Clients, books, surroundings
from bench.poster import ACCOUNTS
from bench.report import tell

ENTRIES = int(os.environ.get("ENTRIES", "10000000"))
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "5")), float(os.environ.get("SECONDS", "4"))
READ = "import django; django.setup(); from bench.poster import read; read()"


def test_the_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled(), books(tmp_path, "empty", "full") as (empty, full):
        began = time.monotonic()
        full.fill(ENTRIES)
        [(count,)] = full.query("select count(*) from ledger_entry")
        print(f"\n{count} entries in the big book, made in {time.monotonic() - began:.0f} s")
        for line in _posting(empty, full, tmp_path):
            print(line)
        for line in _reading(full):
            print(line)


def _posting(empty: Book, full: Book, folder: Path) -> list[str]:
    small, big = Clients(empty), Clients(full)
    ways: dict[str, Callable[[], float]] = {
        "pgbench": lambda: empty.pgbench("spread", SECONDS, folder),
        "ours": lambda: small.post("spread", SECONDS),
        "ours, big": lambda: big.post("spread", SECONDS),
        "pgbench, big": lambda: full.pgbench("spread", SECONDS, folder),
        "pgbench, hot": lambda: empty.pgbench("hot", SECONDS, folder),
        "ours, hot": lambda: small.post("hot", SECONDS),
    }
    rounds = [{name: do() for name, do in ways.items()} for _round in range(ROUNDS + 1)][1:]
    small.stop()
    big.stop()
    for name in ways:
        print(f"  {name}: {median(one[name] for one in rounds):.0f} journals per second")

    def ratio(a: str, b: str) -> list[float]:
        return [one[a] / one[b] for one in rounds]

    of = f"spread over {ACCOUNTS} accounts"
    ours, same = "journals per second by our Python, 8 clients", "pgbench"
    filled = f"with {ENTRIES} entries in the book"
    return [
        tell(ours, "pgbench with the same SQL", ratio("ours", same), asked="0.6"),
        tell(f"{ours}, {filled}", "an empty book", ratio("ours, big", "ours"), asked="0.95"),
        tell(f"pgbench, {filled}", "an empty book", ratio("pgbench, big", same), asked="0.95"),
        tell(f"{ours}, all on one hot account", of, ratio("ours, hot", "ours"), asked="0.7"),
        tell("pgbench, all on one hot account", of, ratio("pgbench, hot", same), asked="0.7"),
    ]


def _reading(full: Book) -> list[str]:
    """The shared account of the big book has half of its entries; another is given ten."""
    command = [sys.executable, "-c", READ]
    said = subprocess.run(
        command, cwd=ROOT, env=surroundings(full.url), check=True, capture_output=True, text=True
    ).stdout
    found = json.loads(said)
    hot, small = found["hot"], found["small"]
    ratios = [a / b for a, b in zip(hot, small, strict=True)]
    many = f"balance of an account with {found['entries']} entries"
    return [
        tell(many, "one with 10", ratios, asked="2 at most"),
        tell(many, "the clock", [1000 * one for one in hot], unit="ms", asked="under 5 ms"),
    ]
