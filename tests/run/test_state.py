"""Commands that were given no database look for the demo's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from marketplace.run import state
from marketplace.run.places import BASE, Lock


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=BASE,
        env={"PATH": os.environ["PATH"], "ENTREPOT_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_before_any_demo_a_command_says_how_to_start_one(tmp_path: Path) -> None:
    done = run("migrate", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("There is no database yet: start `python3 manage.py demo`")


def test_while_the_demo_is_down_a_command_says_so(tmp_path: Path) -> None:
    state.write(tmp_path, {"DATABASE_URL": "postgres://nobody/home"})
    done = run("migrate", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("The demo is not running")


def test_while_the_demo_runs_a_command_has_its_environment(tmp_path: Path) -> None:
    known = {"ENTREPOT_ENV": "demo", "DATABASE_URL": "postgres://x/of-the-demo", "REDIS_URL": "unix:///x"}
    state.write(tmp_path, known)
    lock = Lock(tmp_path)
    assert lock.take()
    script = "from django.conf import settings; print(settings.DATABASES['default']['NAME'])"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    env = {"PATH": os.environ["PATH"], "ENTREPOT_DATA": str(tmp_path)}
    done = subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True, check=False)
    lock.release()
    assert done.stdout.strip() == "of-the-demo", done.stderr


def test_the_state_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    state.write(tmp_path, {"SECRET_KEY": "s"})
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def test_help_needs_no_database(tmp_path: Path) -> None:
    assert run("help", tmp_path).returncode == 0
