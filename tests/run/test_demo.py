"""The whole demo as a person starts it, with data and ports of its own.

The tests tell one story, in their order: a start, every kill, a stop, and the next start.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from marketplace.run.demo import ACCOUNTS, healthy
from marketplace.run.places import BASE, make_folder
from marketplace.run.ports import probe
from marketplace.run.processes import wait_until

pytestmark = pytest.mark.chaos


class Demo:
    """A `manage.py demo` in a process of its own; `words` is everything it has said."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, probe(0)
        self.said = folder.with_suffix(".out")
        self.env = clean_environment() | {"ENTREPOT_DATA": str(folder), "PORT": str(self.port)}

    def start(self, **env: str) -> Demo:
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=BASE,
                env=self.env | env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    def ready(self) -> Demo:
        done = wait_until(lambda: self.ended() or "Stop with Ctrl-C" in self.words(), 180)
        assert done, self.words()
        assert not self.ended(), self.words()
        return self

    def ended(self) -> bool:
        return self.process.poll() is not None

    def words(self) -> str:
        return self.said.read_text()

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command, as in a second window."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=BASE,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def leader(self, name: str) -> psutil.Process:
        """The supervised process of that name, known by its command line; that of web speaks of workers, too."""
        marks = {
            "web": "gunicorn marketplace.wsgi",
            "worker": "celery -A marketplace worker",
            "postgres": "/postgres",
            "valkey": "valkey-server",
        }
        children = psutil.Process(self.process.pid).children()
        [found] = [child for child in children if marks[name] in " ".join(child.cmdline())]
        return found

    def page(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def users(self) -> int:
        script = "from marketplace.models import User; print('users', User.objects.count())"
        done = self.manage("shell", "--no-imports", "-c", script)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[-1])


def clean_environment() -> dict[str, str]:
    """What a person's shell has: nothing of what a test run sets."""
    ours = ("DATABASE_URL", "REDIS_URL", "ENTREPOT_", "DJANGO_", "_ROOT", "EMAIL_", "SITE_URL")
    kept = {k: v for k, v in os.environ.items() if not any(word in k for word in ours)}
    return kept | {"ENTREPOT_SEED_ARGS": "--listings=2"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    folder = make_folder(Path(tempfile.mkdtemp(prefix="entrepot-demo-")))
    demo = Demo(folder / "data").start().ready()
    yield demo
    demo.process.terminate()
    demo.process.wait(60)
    shutil.rmtree(folder, ignore_errors=True)


def test_it_says_where_to_look_and_who_may_log_in(demo: Demo) -> None:
    words = demo.words()
    assert f"http://127.0.0.1:{demo.port}/" in words
    assert all(email in words for email, _who in ACCOUNTS)
    assert "entrepot-demo" in words
    assert demo.page("/") == demo.page("/healthz") == demo.page("/readyz") == 200


def test_other_commands_find_its_servers(demo: Demo) -> None:
    assert demo.users() >= len(ACCOUNTS)


def test_a_second_demo_on_the_same_data_is_refused(demo: Demo) -> None:
    again = demo.manage("demo")
    assert again.returncode == 1
    assert f"already runs on {demo.folder} (process {demo.process.pid})" in again.stdout


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = Demo(tmp_path / "data")
        demo.env["PORT"] = str(taken.getsockname()[1])
        done = demo.manage("demo")
    assert done.returncode == 1
    assert f"Port {demo.env['PORT']} is taken" in done.stdout
    assert "Choose another: PORT=" in done.stdout
    assert "starting" not in done.stdout


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker"])
def test_it_recovers_from_a_kill(demo: Demo, name: str) -> None:
    killed = demo.leader(name)
    killed.kill()
    assert wait_until(lambda: f"{name} ended (killed by signal 9)" in demo.words(), 20)
    assert wait_until(lambda: demo.page("/readyz") == 200 == demo.page("/"), 40), demo.words()
    assert demo.leader(name).pid != killed.pid


def test_it_recovers_from_its_own_kill(demo: Demo) -> None:
    """The next start comes at once, while the orphans are still ending."""
    family = demo.family()
    users = demo.users()
    demo.process.kill()
    demo.process.wait()
    demo.start().ready()
    assert not [process for process in family if process.is_running()]
    assert demo.users() == users


def test_sigterm_leaves_no_process_behind(demo: Demo) -> None:
    family = demo.family()
    assert len(family) > 6
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(40) == 0
    assert not [process for process in family if process.is_running()]
    assert not healthy(demo.port)
    refused = demo.manage("migrate", "--check")
    assert refused.returncode == 1
    assert "start `python3 manage.py demo`" in refused.stderr


def test_a_second_start_is_quick_and_keeps_its_data(demo: Demo) -> None:
    before = time.monotonic()
    demo.start().ready()
    assert "seeding" not in demo.words()
    assert "migrating" not in demo.words()
    assert time.monotonic() - before < 30  # about 6 s on two idle cores
    assert demo.users() >= len(ACCOUNTS)


def test_ctrl_c_while_it_starts_leaves_no_process_behind(demo: Demo) -> None:
    demo.process.terminate()
    demo.process.wait(40)
    demo.start()
    assert wait_until(lambda: "starting Valkey" in demo.words(), 20)
    family = demo.family()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(40) == 0
    assert not [process for process in family if process.is_running()]
    assert json.loads((demo.folder / "prepared.json").read_text())
