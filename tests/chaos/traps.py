"""The named points at which a trial lets processes die, and the traps that lie there (marketplace.lib.failpoints)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from marketplace.lib.failpoints import POINTS, name_of
from marketplace.run.places import make_folder

# What the people of a trial have done. To ask again what became of a refund has its deaths in test_deaths.py; no
# processor of ours authorizes first and captures later.
CALLS = ("create", "cancel", "refund", "payout")
JOURNALS = (
    "capture",
    "fee",
    "release",
    "refund",
    "kept_fee",
    "chargeback",
    "chargeback_fee",
    "contested",
    "uncontested",
    "reserve_freed",
    "payout",
    "payout_paid",
    "settlement",
    "fill",
    "bank_payin",
)
AROUND_A_CALL = ("operation claimed", "operation answered", "operation stored")
KINDS = {"journal posted": JOURNALS} | dict.fromkeys(AROUND_A_CALL, CALLS)
NEEDS_A_NODE = {"chain seen"}
BY_A_PROGRAM = {
    "trade answered"
}  # in a trial no window has a provider; its death is in tests/payments/test_exchange.py


def everywhere(*, node: bool) -> list[str]:
    """Every named point of the money's path: of each kind, where a point has kinds; `node`: whether there are coins."""
    named = [name_of(point, kind) for point in POINTS if point not in BY_A_PROGRAM for kind in KINDS.get(point, ("",))]
    return [name for name in named if node or name not in NEEDS_A_NODE]


class Traps:
    """One folder. A trap waits until somebody comes by, however long that takes, and takes one process."""

    def __init__(self, folder: Path) -> None:
        self.folder = make_folder(folder)

    def lay(self, names: Iterable[str]) -> None:
        for name in names:
            (self.folder / name).touch()

    def waiting(self) -> set[str]:
        return {file.name for file in self.folder.iterdir()}

    def clear(self) -> None:
        for name in self.waiting():
            (self.folder / name).unlink(missing_ok=True)
