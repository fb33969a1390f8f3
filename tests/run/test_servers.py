"""The embedded servers, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from marketplace.run.places import Refusal
from marketplace.run.postgres import Postgres
from marketplace.run.processes import Spawning, Trace, end_leftovers, spawn
from marketplace.run.valkey import Valkey


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("pg")
    server = Postgres(folder / "pg", folder / "pg.log")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.data.parent)  # root's lies in /var/lib, since pytest's folders are private


def ask(server: Postgres, query: str) -> str:
    """What psql prints for it, bare."""
    where = ["-h", str(server.socket), "-U", "market", "-d", "market"]
    command = [str(server.bin / "psql"), *where, "-AtXqc", query]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_postgresql_18_in_utc(postgres: Postgres) -> None:
    assert ask(postgres, "show server_version").startswith("18.")
    assert ask(postgres, "show timezone") == "UTC"


def test_trigrams_see_letters_of_every_script(postgres: Postgres) -> None:
    ask(postgres, "create extension pg_trgm")
    assert ask(postgres, "select cardinality(show_trgm('Привет'))") == "7"


@pytest.mark.chaos
def test_data_outlives_a_kill_of_postgresql(postgres: Postgres) -> None:
    ask(postgres, "create table kept as select 7 as n")
    assert postgres.child
    postgres.child.kill()
    postgres.child.wait()
    postgres.start()
    assert ask(postgres, "select n from kept") == "7"


@pytest.mark.chaos
def test_a_stale_pid_file_of_a_living_stranger_stops_nobody(postgres: Postgres) -> None:
    """After a container's restart the old id may be anybody's."""
    assert postgres.child
    stale = (postgres.data / "postmaster.pid").read_text()
    postgres.stop()
    lines = [str(os.getpid()), *stale.splitlines()[1:]]
    (postgres.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (postgres.socket / ".s.PGSQL.5432.lock").write_text("\n".join(lines) + "\n")
    postgres.start()
    assert ask(postgres, "select 1") == "1"


@pytest.mark.chaos
def test_an_orphan_is_ended_before_the_next_server_starts(postgres: Postgres) -> None:
    orphan = postgres.child
    assert orphan
    postgres.start()  # as after a supervisor's death where the kernel tells no child
    assert orphan.wait(5) == 0
    assert ask(postgres, "select 1") == "1"


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "pg", tmp_path / "log")
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(Refusal, match="made by PostgreSQL 17, this is 18"):
        server.start()
    shutil.rmtree(server.data.parent)


@pytest.mark.chaos
def test_what_valkey_took_outlives_its_kill(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "valkey", tmp_path / "valkey.log")
    server.start()
    try:
        redis.Redis.from_url(server.url).rpush("queue", "a", "b")
        time.sleep(1.2)  # it writes to disk every second
        assert server.child
        server.child.kill()
        server.child.wait()
        server.start()
        assert redis.Redis.from_url(server.url).lrange("queue", 0, -1) == [b"a", b"b"]
    finally:
        server.stop()


@pytest.mark.chaos
def test_leftovers_are_ended_and_strangers_are_not() -> None:
    left = spawn(["sleep", "60"], Spawning())
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        traces = [Trace.of(left.pid), Trace(stranger.pid, born=1.0)]
        assert end_leftovers(traces, 5) == 1
        assert left.wait(5) == -15
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
