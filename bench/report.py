"""What the benchmarks measured, kept for the table in docs/performance.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import psutil

START, END = "<!-- made by make bench: begin -->", "<!-- end -->"
rows: list[Row] = []


@dataclass(frozen=True, slots=True)
class Row:
    """`values` are what each round gave, in `unit` ("" for a ratio); `asked` is the target, in words."""

    work: str
    beside: str
    values: tuple[float, ...]
    unit: str
    asked: str

    @property
    def median(self) -> str:
        return f"{median(self.values):.2f}" + (f" {self.unit}" if self.unit else "")

    @property
    def middle(self) -> str:
        """Where the middle half of the rounds lies."""
        low, _, high = quantiles(self.values, n=4) if len(self.values) > 1 else (*self.values, 0, *self.values)
        return f"{low:.2f} to {high:.2f}"


def tell(work: str, beside: str, values: list[float], *, unit: str = "", asked: str = "") -> str:
    """Keep the row; the line to print."""
    row = Row(work, beside, tuple(values), unit, asked)
    rows.append(row)
    goal = f"; asked: {asked}" if asked else ""
    return f"{work}, beside {beside}: {row.median}, middle half {row.middle} ({len(values)} rounds){goal}"


def write(path: Path) -> None:
    """Put the table of this run between the marks in `path`."""
    before, rest = path.read_text().split(START)
    _old, after = rest.split(END)
    lines = [
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine()}",
        "",
        "| work | beside | median | middle half | rounds | asked |",
        "|---|---|---|---|---|---|",
        *(_line(row) for row in rows),
    ]
    path.write_text(f"{before}{START}\n\n" + "\n".join(lines) + f"\n\n{END}{after}")


def machine() -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{os.cpu_count()} cores, {_model()}, {memory} GiB, {platform.system()}, Python {platform.python_version()}"


def _line(row: Row) -> str:
    return f"| {row.work} | {row.beside} | {row.median} | {row.middle} | {len(row.values)} | {row.asked} |"


def _model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
