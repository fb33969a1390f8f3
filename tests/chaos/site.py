"""A whole site in processes of its own, kept alive by the product's own supervisor, and the ways to kill it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg2

from marketplace.run.demo import environment, manage, product
from marketplace.run.places import BASE, make_folder
from marketplace.run.ports import probe
from marketplace.run.postgres import Postgres
from marketplace.run.screen import begin_log
from marketplace.run.supervisor import Program, Signals, Supervisor
from marketplace.run.valkey import Valkey
from tests.chaos.chain import Network
from tests.chaos.traps import Traps
from tests.chaos.wire import page

NOT_OURS = ("DATABASE_URL", "REDIS_URL", "ENTREPOT_", "DJANGO_", "_ROOT", "EMAIL_", "SITE_URL", "PYTEST_")
SETTINGS = "tests.chaos.settings"
CLAIM_SECONDS = 3  # the double never takes that long; a killed call is taken over after it


class Deaf(Signals):
    """pytest answers Ctrl-C itself."""

    def __init__(self) -> None:
        self.count = 0


class Site:
    """Everything on `folder` and on free ports. Start, look after and kill it from one thread: the kernel
    ends the children with the thread that began them."""

    def __init__(self, folder: Path, *, bitcoind: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        """With `bitcoind` coins go by a network of real nodes, without it nobody pays in coin."""
        self.folder, self.port, self.stripe = make_folder(folder), probe(0), probe(0)
        self.network = Network(bitcoind, make_folder(folder / "bitcoin")) if bitcoind else None
        self.more = dict(env or {})
        self.supervisor = Supervisor(self.folder, Deaf())
        make_folder(self.supervisor.logs)
        self.postgres = Postgres(folder / "pg", begin_log(self.supervisor.log_of("postgres")))
        self.valkey = Valkey(folder / "valkey", begin_log(self.supervisor.log_of("valkey")))
        self.env: dict[str, str] = {}
        self.traps = Traps(self.folder / "traps")

    @property
    def double(self) -> Path:
        """What Stripe remembers."""
        return self.folder / "double.json"

    def start_servers(self) -> None:
        for server in (self.postgres, self.valkey):
            self.supervisor.start_server(server)
        self._save_the_disk()
        kept = {name: value for name, value in os.environ.items() if not any(word in name for word in NOT_OURS)}
        self.env = kept | environment(self.folder, self.port)
        self.env |= {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "STRIPE_API_BASE": f"http://127.0.0.1:{self.stripe}",
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "BITCOIN_SOURCE": "core" if self.network else "demo",
            "BITCOIN_URL": self.network.url if self.network else "",
            "ERC20_SOURCE": "demo",
            "BANK_PAY_IN": "True",
            "LOG_LEVEL": "WARNING",
            "CLAIM_SECONDS": str(CLAIM_SECONDS),
            **self.more,
        }

    def _save_the_disk(self) -> None:
        """A killed process loses nothing that it wrote, synced or not: only a lost machine would."""
        words = ["-qc", "alter system set fsync = off", "-c", "select pg_reload_conf()"]
        psql: list[str | Path] = [self.postgres.bin / "psql", self.postgres.url, *words]
        subprocess.run(psql, check=True, capture_output=True)

    def start_programs(self) -> None:
        """Web, worker and beat as in the demo, beside Stripe, the chain and an auditor; they die where traps lie."""
        words = ["stripe_double", f"--port={self.stripe}", "--data", str(self.double)]
        outside = [manage("double", *words, port=self.stripe), *(self.network.programs() if self.network else ())]
        auditor = Program("auditor", [sys.executable, "manage.py", *in_world("watch()")])
        self.supervisor.env = self.env
        self.supervisor.start_programs(outside)
        self.supervisor.wait_for_all()
        if self.network:
            self.network.begin()
        self.supervisor.env = self.env | {"FAIL_AT": str(self.traps.folder)}
        self.supervisor.start_programs([*product(self.folder, self.port), auditor])
        self.supervisor.wait_for_all()

    def look_after(self) -> None:
        """Restart what died; however often it does."""
        self.supervisor.deaths.clear()
        self.supervisor.look_after()

    def heal(self) -> None:
        """From now on nothing dies by itself: web and worker are killed once more and come back without FAIL_AT."""
        self.traps.clear()
        self.supervisor.env = self.env
        for name in ("web", "worker"):
            self.supervisor.children[name].kill()
        self.look_after()
        self.supervisor.wait_for_all()

    def stop(self) -> None:
        self.supervisor.stop()
        for folder in (self.folder, self.postgres.data, self.postgres.socket.parent, self.valkey.socket.parent):
            shutil.rmtree(folder, ignore_errors=True)

    def hurry(self, number: str) -> None:
        """The order's deadline passes now."""
        self._pass("update orders_order set due_at = now() - interval '1 second' where number = %s", number)

    def free_reserves(self) -> None:
        """The time of every rolling reserve is over."""
        self._pass("update payments_reserve set until = now() where freed_at is null and until > now()")

    def _pass(self, sql: str, *params: str) -> None:
        """The clock of one row is moved; the same again is harmless."""
        while True:
            try:
                with (
                    contextlib.closing(psycopg2.connect(self.postgres.url)) as session,
                    session,
                    session.cursor() as it,
                ):
                    it.execute(sql, params)
                return
            except psycopg2.Error:
                time.sleep(0.2)  # killed a moment ago

    # --- looking ---------------------------------------------------------------------------------

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=BASE, env=self.env, capture_output=True, text=True, check=False)

    def world(self, call: str) -> Any:
        """The JSON that a function of tests.chaos.world says, in a process of the site."""
        done = self.manage(*in_world(call))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def waiting(self) -> int:
        """Calls to processors and webhooks that are not done; many when the site does not say."""
        status, text = page(self.port, "/metrics")
        if status != 200:
            return 10**6
        lines = [line.rsplit(" ", 1) for line in text.splitlines()]
        done = ('state="done"', 'state="failed"')
        operations = [n for name, n in lines if "entrepot_operations{" in name and not any(end in name for end in done)]
        inbox = [n for name, n in lines if name == "entrepot_inbox_waiting"]
        return sum(int(n) for n in operations + inbox)

    def audits(self) -> list[list[str]]:
        """What was broken each time that the auditor looked."""
        lines = self.supervisor.log_of("auditor").read_text(errors="replace").splitlines()
        return [json.loads(line)["broken"] for line in lines if line.startswith('{"broken"')]

    def last_words(self) -> list[str]:
        """The points at which processes killed themselves, in no order."""
        logs = [self.supervisor.log_of(name).read_text(errors="replace") for name in ("web", "worker")]
        return [name for log in logs for name in re.findall(r"Killed at '([^']+)'\.", log)]

    def pid(self, name: str) -> int:
        return self.supervisor.children[name].pid


def in_world(call: str) -> tuple[str, ...]:
    """manage.py's words that call a function of tests.chaos.world."""
    return "shell", "--no-imports", "-c", f"from tests.chaos import world; world.{call}"
