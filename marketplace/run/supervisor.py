"""Keeps servers and programs alive until a signal comes, then stops them in order."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn, Protocol

import psutil

from marketplace.run.places import BASE, Refusal
from marketplace.run.postgres import last_lines
from marketplace.run.processes import Pause, Spawning, Trace, end_leftovers, kill_group, spawn, stop
from marketplace.run.screen import LogWatch, begin_log, say

DEATHS = 5  # within a minute: then something is wrong that a restart does not mend
PATIENCE = 25.0  # seconds for running tasks and requests to end


class Server(Protocol):
    """What the programs need: PostgreSQL and Valkey."""

    name: str
    log: Path
    child: subprocess.Popen[bytes] | None

    def start(self, pause: Pause = ...) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Program:
    """A process to keep alive, or with `once` to run to its end.

    A helper is stopped after the others, which may still ask it.
    """

    name: str
    command: Sequence[str | Path]
    ready: Callable[[], bool] = lambda: True
    helper: bool = False
    once: bool = False


class Stopping(Exception):  # noqa: N818  it is no error
    """Somebody asked us to stop."""


class Signals:
    """Remembers Ctrl-C and the like; `pause` breaks off where nothing is half done."""

    def __init__(self) -> None:
        self.count = 0
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._came)

    def _came(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def pause(self, seconds: float) -> None:
        if self.count:
            raise Stopping
        time.sleep(seconds)


class Supervisor:
    """The living children of one data folder."""

    def __init__(self, folder: Path, signals: Signals) -> None:
        self.folder, self.logs, self.signals = folder, folder / "logs", signals
        self.servers: list[Server] = []
        self.programs: dict[str, Program] = {}
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: dict[str, list[float]] = {}
        self.watches: list[LogWatch] = []
        self.env: Mapping[str, str] = {}

    # --- starting --------------------------------------------------------------------------------

    def end_leftovers(self) -> None:
        """What a killed supervisor left. Programs go first: a worker needs its servers to end."""
        known: dict[str, list[tuple[int, float]]] = {}
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self._children_file().read_text())
        for kind in ("programs", "servers"):
            traces = [Trace(pid, born) for pid, born in known.get(kind, [])]
            if end_leftovers(traces, PATIENCE, self.signals.pause):
                say(f"ended {kind} that an earlier start left running")

    def start_server(self, server: Server) -> None:
        self.servers.append(server)
        server.start(self.signals.pause)
        self._remember()

    def start_programs(self, programs: Sequence[Program]) -> None:
        for program in programs:
            log = begin_log(self.log_of(program.name))
            self.watches.append(LogWatch(program.name, log))
            self.programs[program.name] = program
            self._launch(program.name)

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _launch(self, name: str) -> None:
        with self.log_of(name).open("ab") as log:
            how = Spawning(log, BASE, self.env)
            self.children[name] = spawn(self.programs[name].command, how)
        self._remember()

    def _children_file(self) -> Path:
        return self.folder / "children.json"

    def _remember(self) -> None:
        servers = [server.child.pid for server in self.servers if server.child]
        programs = [child.pid for child in self.children.values()]
        text = json.dumps({"servers": traces(servers), "programs": traces(programs)})
        self._children_file().write_text(text)

    # --- watching --------------------------------------------------------------------------------

    def wait_for_all(self) -> None:
        """Until every program is ready. Says every two seconds which it waits for."""
        start = told = time.monotonic()
        while waiting := [name for name, program in self.programs.items() if not program.ready()]:
            self.look_after()
            self.signals.pause(0.1)
            if time.monotonic() - told > 2:
                told = time.monotonic()
                say(f"waiting for {', '.join(waiting)} ({told - start:.0f} s)")

    def watch(self) -> NoReturn:
        """Returns only by an exception: Stopping, or Refusal when something keeps dying."""
        while True:
            self.look_after()
            self.signals.pause(0.2)

    def look_after(self) -> None:
        """One round: errors to the screen, dead children started again."""
        for watch in self.watches:
            watch.look()
        for server in self.servers:
            if server.child and server.child.poll() is not None:
                self._mourn(server.name, server.child.returncode, server.log)
                server.start(self.signals.pause)
                self._remember()
        for name, child in list(self.children.items()):
            if child.poll() is not None:
                kill_group(child.pid)  # its own children hold the port, the queue, the memory
                self._after_end(name, child.returncode)

    def _after_end(self, name: str, code: int) -> None:
        if self.programs[name].once:
            del self.children[name], self.programs[name]
            if code:
                say(f"{name} ended with exit code {code}: see {self.log_of(name)}")
        else:
            self._mourn(name, code, self.log_of(name))
            self._launch(name)

    def _mourn(self, name: str, code: int, log: Path) -> None:
        now = time.monotonic()
        recent = [moment for moment in self.deaths.get(name, []) if now - moment < 60] + [now]
        self.deaths[name] = recent
        cause = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        if len(recent) >= DEATHS:
            raise Refusal(
                f"{name} ended {DEATHS} times within a minute ({cause}), so the demo stops. {last_lines(log, 25)}"
            )
        say(f"{name} ended ({cause}); starting it again")

    # --- stopping --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Programs, then helpers, then servers; a second signal kills instead of asking."""
        asked = self.signals.count
        for helper in (False, True):
            self._stop_programs(helper, asked)
        for server in reversed(self.servers):
            server.stop()
        self._children_file().unlink(missing_ok=True)

    def _stop_programs(self, helper: bool, asked: int) -> None:
        group = [child for name, child in self.children.items() if self.programs[name].helper == helper]
        for child in group:
            if child.poll() is None:
                child.terminate()
        end = time.monotonic() + PATIENCE
        while any(child.poll() is None for child in group):
            if time.monotonic() > end or self.signals.count > asked:
                break
            time.sleep(0.05)
        for child in group:
            stop(child, signal.SIGKILL, 0)


def traces(pids: Sequence[int]) -> list[tuple[int, float]]:
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            found.append(astuple(Trace.of(pid)))
    return found
