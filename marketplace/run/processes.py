"""Child processes that do not outlive us, and finding those that did."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

Pause = Callable[[float], None]  # waits that many seconds; may raise to break off


@dataclass(frozen=True)
class Spawning:
    """How a child is started. `run_as` holds Popen's user, group and extra_groups, or nothing."""

    output: IO[bytes] | None = None
    folder: Path | None = None
    env: Mapping[str, str] | None = None
    run_as: Mapping[str, Any] | None = None
    when_orphaned: signal.Signals = signal.SIGTERM  # sent by the kernel when we die (Linux)


def spawn(command: Sequence[str | Path], how: Spawning) -> subprocess.Popen[bytes]:
    """Starts a child in a session of its own, so that Ctrl-C reaches us and not the child."""
    return subprocess.Popen(
        [os.fspath(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=how.output,
        stderr=subprocess.STDOUT if how.output else None,
        cwd=how.folder,
        env=how.env,
        start_new_session=True,
        preexec_fn=_die_with_parent(how.when_orphaned),
        **(how.run_as or {}),
    )


def _die_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    """On Linux the kernel sends `sign` to the child when we are killed. macOS has no such thing:
    there the next start finds the orphans by `leftovers`."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def in_child() -> None:
        libc.prctl(1, int(sign), 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os.kill(os.getpid(), sign)

    return in_child


def stop(child: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    """Asks, waits, then kills the whole group: nothing that the child started stays."""
    if child.poll() is None:
        child.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    kill_group(child.pid)
    child.wait(5)


def kill_group(pid: int) -> None:
    """Also after the leader's death: a killed web server or worker leaves its own children."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], seconds: float, pause: Pause = time.sleep) -> bool:
    """Whether `ready` became true in time; asks twenty times a second."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        pause(0.05)
    return True


@dataclass(frozen=True)
class Trace:
    """What recognises a process later: its id may be given to another, its birth can't."""

    pid: int
    born: float

    @classmethod
    def of(cls, pid: int) -> Trace:
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The living process, or None when it ended (a zombie has) or the id means another one."""
        with contextlib.suppress(psutil.Error):
            found = psutil.Process(self.pid)
            alive = found.status() != psutil.STATUS_ZOMBIE
            if alive and abs(found.create_time() - self.born) < 0.05:
                return found
        return None


def end_leftovers(traces: Sequence[Trace], seconds: float, pause: Pause = time.sleep) -> int:
    """Ends the children that an earlier, killed supervisor left; returns how many there were."""
    living = [trace for trace in traces if trace.process()]
    for trace in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(trace.pid, signal.SIGTERM)
    wait_until(lambda: not any(trace.process() for trace in living), seconds, pause)
    for trace in living:
        if trace.process():
            kill_group(trace.pid)
    return len(living)
