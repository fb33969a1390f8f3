"""`manage.py` run by a bare Python, in a checkout of its own whose lock is empty."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marketplace.run.places import BASE

INSIDE = "def main():\n    import sys\n    print('inside', sys.prefix)\n    return 0\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """manage.py with empty locks, and a demo that only says where it runs."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(BASE / "manage.py", folder)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text("# nothing\n")
    (folder / "marketplace" / "run").mkdir(parents=True)
    (folder / "marketplace" / "run" / "demo.py").write_text(INSIDE)
    return folder


def begin(checkout: Path, **env: str) -> subprocess.Popen[str]:
    """A start by a Python without the project's packages: -S hides them."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-S", "manage.py", "demo"],
        cwd=checkout,
        env=clean | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_an_old_python_can_read_manage_py() -> None:
    ast.parse((BASE / "manage.py").read_text(), feature_version=(3, 6))


def test_without_ensurepip_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError('gone', name='ensurepip')")
    start = begin(checkout, PYTHONPATH=str(tmp_path))
    words, _ = start.communicate(timeout=60)
    assert start.returncode == 1
    assert "without ensurepip" in words
    assert "apt install -y python3-venv" in words
    assert not (checkout / ".venv").exists()


def test_two_starts_at_once_make_one_environment(checkout: Path) -> None:
    starts = [begin(checkout), begin(checkout)]
    words = [start.communicate(timeout=120)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], words
    assert all(f"inside {checkout / '.venv'}" in text for text in words)
    assert sum("making .venv" in text for text in words) == 1


def test_a_second_start_installs_nothing(checkout: Path) -> None:
    began = time.monotonic()
    words, _ = begin(checkout).communicate(timeout=60)
    assert words.splitlines() == [f"inside {checkout / '.venv'}"]
    assert time.monotonic() - began < 5


def test_a_start_after_a_kill_makes_the_environment_anew(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("# nothing, again\n")
    start = begin(checkout)
    assert start.stdout
    assert "installing requirements.txt" in start.stdout.readline()
    start.kill()
    start.wait()
    assert (checkout / ".venv" / "unfinished").exists()
    words, _ = begin(checkout).communicate(timeout=120)
    assert "making .venv" in words
    assert "inside" in words
    assert not (checkout / ".venv" / "unfinished").exists()
