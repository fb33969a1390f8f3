"""Where things lie: the checkout, the data folder, a short private folder for sockets, a lock."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


class Refusal(Exception):
    """Something a person has to decide or mend; the text is one plain sentence or two."""


def demo_folder() -> Path:
    """The demo's data: `.data`, or where ENTREPOT_DATA says."""
    return Path(os.environ.get("ENTREPOT_DATA") or BASE / ".data").resolve()


def make_folder(path: Path, mode: int = 0o755) -> Path:
    """Also under a strict umask others may walk through, as PostgreSQL's own user must."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    return path


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def sockets_folder(data: Path) -> Path:
    """The same private folder for the same data; short: a socket's path has 104 bytes at most.

    Raises Refusal when somebody else made it: the name can be guessed.
    """
    short = len(tempfile.gettempdir()) < 60
    parent = Path(tempfile.gettempdir() if short else "/tmp")  # noqa: S108
    folder = parent / f"entrepot-{os.getuid()}-{digest_of(str(data.resolve()))}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Refusal(f"{folder} belongs to somebody else. Delete it, or set TMPDIR.")
    return folder


class Lock:
    """One supervisor per data folder. The kernel frees it on any kind of death."""

    def __init__(self, folder: Path) -> None:
        self.path = make_folder(folder) / "lock"
        self.file = self.path.open("a+")

    def try_only(self) -> bool:
        """Takes it without leaving a name: for those who only ask whether somebody has it."""
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def take(self) -> bool:
        if not self.try_only():
            return False
        self.file.seek(0)
        self.file.truncate()
        self.file.write(str(os.getpid()))
        self.file.flush()
        return True

    def holder(self) -> str:
        """The process id of the one who has it, as text; "?" for an instant while it is written."""
        return self.path.read_text().strip() or "?"

    def release(self) -> None:
        self.file.close()
