"""The supervisor in a process of its own, over programs that only sleep."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from marketplace.run.places import BASE
from marketplace.run.processes import wait_until

pytestmark = pytest.mark.chaos

SCRIPT = """
import sys
from pathlib import Path
from marketplace.run.places import Refusal
from marketplace.run.supervisor import Program, Signals, Stopping, Supervisor

supervisor = Supervisor(Path(sys.argv[1]), Signals())
supervisor.logs.mkdir(exist_ok=True)
supervisor.end_leftovers()
try:
    supervisor.start_programs([Program("one", ["sleep", "600"]), Program("two", sys.argv[2:])])
    supervisor.wait_for_all()
    print("ready", flush=True)
    supervisor.watch()
except Stopping:
    pass
except Refusal as refusal:
    print(refusal, flush=True)
finally:
    supervisor.stop()
"""


class Run:
    """A supervisor's process over `sleep 600` and the given program."""

    def __init__(self, folder: Path, *program: str) -> None:
        self.folder = folder
        command = [sys.executable, "-c", SCRIPT, str(folder), *(program or ("sleep", "601"))]
        self.process = subprocess.Popen(command, cwd=BASE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def read_until(self, words: str) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if words in line:
                return
        raise AssertionError(f"the supervisor ended without saying {words!r}")

    def children(self) -> list[int]:
        text = (self.folder / "children.json").read_text()
        return [pid for pid, _born in json.loads(text)["programs"]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run(tmp_path)
    started.read_until("ready")
    yield started
    with contextlib.suppress(ProcessLookupError):
        started.process.terminate()
    started.process.communicate(timeout=30)


def ended(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_program_outlives_the_supervisor(run: Run, sign: signal.Signals) -> None:
    pids = run.children()
    assert len(pids) == 2
    run.process.send_signal(sign)
    assert run.process.wait(10) == (-9 if sign is signal.SIGKILL else 0)
    assert wait_until(lambda: ended(pids), 5)


def test_a_killed_program_is_started_again(run: Run) -> None:
    killed = run.children()[1]
    psutil.Process(killed).kill()
    run.read_until("two ended (killed by signal 9); starting it again")
    assert wait_until(lambda: killed not in run.children(), 5)
    assert not psutil.pid_exists(killed)


def test_a_program_that_keeps_ending_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    run = Run(tmp_path, "sh", "-c", "echo no such table; exit 3")
    words, _ = run.process.communicate(timeout=30)
    assert "two ended 5 times within a minute (exit code 3), so the demo stops" in words
    assert "no such table" in words
