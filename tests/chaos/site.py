"""A whole site in processes of its own, kept alive by the product's own supervisor, and the ways to kill it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from marketplace.run.demo import environment, manage, product
from marketplace.run.places import BASE, make_folder
from marketplace.run.ports import probe
from marketplace.run.postgres import Postgres
from marketplace.run.screen import begin_log
from marketplace.run.supervisor import Program, Signals, Supervisor
from marketplace.run.valkey import Valkey
from tests.chaos.wire import FAILED, STRIPE, ask, page

NOT_OURS = ("DATABASE_URL", "REDIS_URL", "ENTREPOT_", "DJANGO_", "_ROOT", "EMAIL_", "SITE_URL", "PYTEST_")
CLAIM_SECONDS = 3  # the double never takes that long; a killed call is taken over after it


class Deaf(Signals):
    """pytest answers Ctrl-C itself."""

    def __init__(self) -> None:
        self.count = 0


class Site:
    """Everything on `folder` and on free ports. Start, look after and kill it from one thread: the kernel
    ends the children with the thread that began them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.stripe = make_folder(folder), probe(0), probe(0)
        self.supervisor = Supervisor(self.folder, Deaf())
        make_folder(self.supervisor.logs)
        self.postgres = Postgres(folder / "pg", begin_log(self.supervisor.log_of("postgres")))
        self.valkey = Valkey(folder / "valkey", begin_log(self.supervisor.log_of("valkey")))
        self.env: dict[str, str] = {}

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
            "BITCOIN_SOURCE": "demo",
            "ERC20_SOURCE": "demo",
            "LOG_LEVEL": "WARNING",
            "CLAIM_SECONDS": str(CLAIM_SECONDS),
        }

    def _save_the_disk(self) -> None:
        """A killed process loses nothing that it wrote, synced or not: only a lost machine would."""
        words = ["-qc", "alter system set fsync = off", "-c", "select pg_reload_conf()"]
        psql: list[str | Path] = [self.postgres.bin / "psql", self.postgres.url, *words]
        subprocess.run(psql, check=True, capture_output=True)

    def start_programs(self, fail_at: str) -> None:
        """Web, worker and beat as in the demo, beside Stripe and an auditor; the first die as `fail_at` says."""
        self.supervisor.env = self.env | {"FAIL_AT": fail_at}
        words = ["stripe_double", f"--port={self.stripe}", "--data", str(self.folder / "double.json")]
        double = manage("double", *words, port=self.stripe)
        auditor = Program("auditor", [sys.executable, "manage.py", *in_world("watch()")])
        self.supervisor.start_programs([double, *product(self.folder, self.port), auditor])
        self.supervisor.wait_for_all()

    def look_after(self) -> None:
        """Restart what died; however often it does."""
        self.supervisor.deaths.clear()
        self.supervisor.look_after()

    def heal(self) -> None:
        """From now on nothing dies by itself: web and worker are killed once more and come back without FAIL_AT."""
        self.supervisor.env = self.env
        for name in ("web", "worker"):
            self.supervisor.children[name].kill()
        self.look_after()
        self.supervisor.wait_for_all()

    def stop(self) -> None:
        self.supervisor.stop()
        for folder in (self.folder, self.postgres.data, self.postgres.socket.parent, self.valkey.socket.parent):
            shutil.rmtree(folder, ignore_errors=True)

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
        return [line.split("'")[1] for log in logs for line in log.splitlines() if line.startswith("Killed at ")]

    # --- killing ---------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        return self.supervisor.children[name].pid

    def kill_child(self, name: str, chance: random.Random) -> None:
        """One of the processes that the leader made; it makes another."""
        children = sorted(psutil.Process(self.pid(name)).children(), key=lambda child: child.pid)
        if children:
            chance.choice(children).kill()

    def kill_backend(self, chance: random.Random) -> None:
        """PostgreSQL then ends every session and recovers by itself."""
        assert self.postgres.child
        children = psutil.Process(self.postgres.child.pid).children()
        serving = [child for child in children if "market market" in " ".join(child.cmdline())]
        if serving:
            chance.choice(serving).kill()

    def kill_postgres(self, *, whole: bool) -> None:
        assert self.postgres.child
        family = psutil.Process(self.postgres.child.pid).children() if whole else []
        self.postgres.child.kill()
        for process in family:
            process.kill()
        self.postgres.child.wait()

    def kill_valkey(self, *, wiped: bool) -> None:
        assert self.valkey.child
        self.valkey.child.kill()
        self.valkey.child.wait()
        if wiped:
            shutil.rmtree(self.valkey.data)

    def kill_in_a_call(self) -> None:
        """Web and worker, all processes, while Stripe works on a call that one of them made."""
        try:
            before = self._requests()["count"]
            ask(self.stripe, "POST", "/_double/faults", SLOW_CREATE, STRIPE)
            if not self._wait_for(lambda: self._is_asked_since(before)):
                return
        except FAILED:
            return  # Stripe was killed a moment ago
        for name in ("web", "worker"):
            for child in psutil.Process(self.pid(name)).children():
                child.kill()

    def _requests(self) -> Any:
        return ask(self.stripe, "POST", "/_double/requests", {}, STRIPE)[1]

    def _is_asked_since(self, before: int) -> bool:
        """Whether the double was asked for a payment after its first `before` requests."""
        found = self._requests()
        fresh = found["requests"][before - found["count"] :] if found["count"] > before else []
        return "POST /v1/payment_intents" in fresh

    def _wait_for(self, ready: Callable[[], bool]) -> bool:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if ready():
                return True
            self.look_after()
            time.sleep(0.02)
        return False


def in_world(call: str) -> tuple[str, ...]:
    """manage.py's words that call a function of tests.chaos.world."""
    return "shell", "--no-imports", "-c", f"from tests.chaos import world; world.{call}"


SLOW_CREATE = {"kind": "slow", "path": "/v1/payment_intents$", "seconds": 0.7}
