"""Servers for tests: fast, forgetful, in the first free of a few folders beside the checkout."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.run.places import BASE, Lock, Refusal, make_folder
from marketplace.run.postgres import Postgres
from marketplace.run.valkey import Valkey

RUNS_AT_ONCE = 6
FOLDERS = {"STATIC_ROOT": "static", "MEDIA_ROOT": "media", "EMAIL_FILE_PATH": "mail"}


class TestServers:
    """Started once, before Django reads its settings; `stop` may be called twice."""

    __test__ = False  # no test class, whatever its name makes pytest think

    def __init__(self) -> None:
        self.folder, self.lock = free_folder()
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self) -> dict[str, str]:
        """The environment that the settings need. What DATABASE_URL or REDIS_URL name stays."""
        env = {"ENTREPOT_ENV": "test", "DJANGO_SETTINGS_MODULE": "marketplace.settings"}
        for variable, name in FOLDERS.items():
            env[variable] = str(make_folder(self.folder / name))
        if not os.environ.get("DATABASE_URL"):
            self.postgres = start_postgres(self.folder)
            env["DATABASE_URL"] = self.postgres.url
        if not os.environ.get("REDIS_URL"):
            shutil.rmtree(self.folder / "valkey", ignore_errors=True)
            self.valkey = Valkey(self.folder / "valkey", self.folder / "valkey.log")
            self.valkey.start()
            env["REDIS_URL"] = self.valkey.url
        return env

    def stop(self) -> None:
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()
        self.lock.release()


def start_postgres(folder: Path) -> Postgres:
    """Without fsync a cluster that was killed may be damaged: then it is made anew."""
    server = Postgres(folder / "pg", folder / "postgres.log", durable=False)
    if (server.data / "postmaster.pid").exists():
        server.end_orphans()
        shutil.rmtree(server.data)
    server.start()
    return server


def free_folder() -> tuple[Path, Lock]:
    """A second run at the same time gets its own servers. Raises Refusal when too many run."""
    for number in range(1, RUNS_AT_ONCE + 1):
        name = ".data-test" if number == 1 else f".data-test/{number}"
        lock = Lock(make_folder(BASE / name))
        if lock.take():
            return BASE / name, lock
        lock.release()
    raise Refusal(f"{RUNS_AT_ONCE} test runs are under way in {BASE}. Wait for one to end.")


@contextmanager
def servers_for_checks() -> Iterator[dict[str, str]]:
    servers = TestServers()
    try:
        yield servers.start()
    finally:
        servers.stop()
