"""`python3 manage.py demo`: the whole marketplace on this machine, until Ctrl-C."""

from __future__ import annotations

import http.client
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from marketplace.run import ports, state
from marketplace.run.outside import anvil_words, configure_node, find_anvil, find_bitcoind
from marketplace.run.places import BASE, Lock, Refusal, demo_folder, make_folder
from marketplace.run.postgres import Postgres, last_lines
from marketplace.run.prepare import SEED_WORDS, STEP
from marketplace.run.processes import Spawning, spawn, stop
from marketplace.run.screen import begin_log, say
from marketplace.run.supervisor import Program, Signals, Stopping, Supervisor
from marketplace.run.valkey import Valkey

PREPARE = (sys.executable, "-m", "marketplace.run.prepare")
ACCOUNTS = (
    ("alice@example.com", "sells scarves from Jaipur, in INR"),
    ("bob@example.com", "buys in Berlin, pays in EUR"),
    ("carmen@example.com", "sells and buys in Oaxaca, in MXN"),
    ("charlie@example.com", "a stranger to all of them"),
    ("moderator@example.com", "staff: reviews listings"),
    ("finance@example.com", "staff: approves payouts"),
    ("admin@example.com", "staff: everything"),
)
PASSWORD = "entrepot-demo"  # noqa: S105  printed on the screen, for the demo alone


def main() -> int:
    start, signals = time.monotonic(), Signals()
    folder = make_folder(demo_folder())
    lock = Lock(folder)
    if not lock.take():
        say(f"The demo already runs on {folder} (process {lock.holder()}). Stop that one first.")
        return 1
    supervisor = Supervisor(folder, signals)
    try:
        serve(supervisor, start)
    except Stopping:
        return 0
    except Refusal as refusal:
        say(str(refusal))
        return 1
    finally:
        end(supervisor)
        lock.release()


def serve(supervisor: Supervisor, start: float) -> NoReturn:
    """Everything in order; returns only by an exception."""
    make_folder(supervisor.logs)
    supervisor.end_leftovers()
    port = ports.wanted_port()
    ours = environment(supervisor.folder, port) | start_servers(supervisor)
    programs, addresses = helpers(supervisor.folder)
    ours |= addresses
    state.write(supervisor.folder, ours)
    supervisor.env = os.environ | ours
    prepare(supervisor)
    web, *others = product(supervisor.folder, port)
    supervisor.start_programs([*programs, web])
    supervisor.wait_for_all()
    supervisor.start_programs(others)  # what is queued meanwhile waits for them
    greet(supervisor, port, time.monotonic() - start)
    if not os.environ.get(SEED_WORDS):
        supervisor.start_programs([Program("pictures", [*PREPARE, "later"], once=True)])
    supervisor.watch()


def end(supervisor: Supervisor) -> None:
    if supervisor.servers:
        say("stopping")
    supervisor.stop()
    if supervisor.servers:
        say("stopped; what you did is kept in " + str(supervisor.folder))


# --- what runs -----------------------------------------------------------------------------------


def start_servers(supervisor: Supervisor) -> dict[str, str]:
    """The embedded servers, but for those that DATABASE_URL and REDIS_URL replace."""
    env = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    if not env["DATABASE_URL"]:
        postgres = Postgres(supervisor.folder / "pg", begin_log(supervisor.log_of("postgres")))
        first = "" if postgres.identity() else ", making its data folder"
        say("starting PostgreSQL 18" + first)
        supervisor.start_server(postgres)
        env |= {"DATABASE_URL": postgres.url, "ENTREPOT_DATABASE_IDENTITY": postgres.identity()}
    if not env["REDIS_URL"]:
        say("starting Valkey 9")
        valkey = Valkey(supervisor.folder / "valkey", begin_log(supervisor.log_of("valkey")))
        supervisor.start_server(valkey)
        env["REDIS_URL"] = valkey.url
    return env


def helpers(folder: Path) -> tuple[list[Program], dict[str, str]]:
    """Stand-ins for the outside world, one line each, and where the product finds them."""
    stripe = ports.free_port(folder, "double")
    words = ["stripe_double", "--port", str(stripe), "--data", str(folder / "double.json")]
    found = [manage("double", *words, port=stripe)]
    env = {"STRIPE_API_BASE": f"http://{ports.HOST}:{stripe}", "BITCOIN_SOURCE": "demo", "ERC20_SOURCE": "demo"}
    if bitcoind := find_bitcoind():
        rpc = ports.free_port(folder, "bitcoin")
        env |= {"BITCOIN_SOURCE": "core", "BITCOIN_URL": configure_node(folder / "bitcoin", rpc)}
        node = [str(bitcoind), f"-datadir={folder / 'bitcoin'}"]
        found.append(Program("bitcoin", node, lambda: ports.answers(rpc), helper=True))
    if anvil := find_anvil():
        evm = ports.free_port(folder, "evm")
        env |= {"ERC20_SOURCE": "node", "ERC20_URL": f"http://{ports.HOST}:{evm}"}
        found.append(Program("evm", anvil_words(anvil, folder / "evm", evm), lambda: ports.answers(evm), helper=True))
    return found, env


def product(folder: Path, port: int) -> list[Program]:
    """Web, worker and beat, as in docker-compose.yml."""
    celery = [sys.executable, "-m", "celery", "-A", "marketplace"]
    worker = ["worker", "--concurrency=2", "--without-gossip", "--without-mingle", "-linfo"]
    beat = ["beat", "--pidfile=", f"--schedule={folder / 'beat'}", "-linfo"]
    gunicorn = [sys.executable, "-m", "gunicorn", "marketplace.wsgi", "--no-control-socket"]
    shape = ["--preload", "--worker-class=gthread", "--workers=2", "--threads=4", "--graceful-timeout=5"]
    web = [*gunicorn, *shape, f"--bind={ports.HOST}:{port}", "--access-logfile=-"]
    return [
        Program("web", web, lambda: healthy(port)),
        Program("worker", [*celery, *worker]),
        Program("beat", [*celery, *beat]),
    ]


def manage(name: str, *words: str, port: int) -> Program:
    """A helper that is a Django command listening on a port."""
    command = [sys.executable, str(BASE / "manage.py"), *words]
    return Program(name, command, lambda: ports.answers(port), helper=True)


def healthy(port: int) -> bool:
    """Asked without a proxy, whatever the environment says."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- its surroundings ----------------------------------------------------------------------------


def environment(folder: Path, port: int) -> dict[str, str]:
    """What the children's environment has beside ours."""
    return {
        "ENTREPOT_ENV": "demo",
        "ENTREPOT_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": secret_key(folder),
        "SITE_URL": f"http://{ports.HOST}:{port}",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "EMAIL_FILE_PATH": str(folder / "mail"),
    }


def secret_key(folder: Path) -> str:
    """Made once per data folder, so that a second start logs nobody out."""
    file = folder / "secret-key"
    if not file.exists() or not file.read_text():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(64))
    return file.read_text()


def prepare(supervisor: Supervisor) -> None:
    """Runs `marketplace.run.prepare`; says every two seconds what it is doing."""
    log = supervisor.log_of("prepare")
    with log.open("wb") as output:
        child = spawn(PREPARE, Spawning(output, BASE, supervisor.env))
    try:
        report(child, log, supervisor.signals)
    finally:
        stop(child)
    if child.returncode:
        raise Refusal(f"The demo could not be prepared. {last_lines(log, 30)}")


def report(child: subprocess.Popen[bytes], log: Path, signals: Signals) -> None:
    doing, since = "looking at what has changed", time.monotonic()
    while child.poll() is None:
        signals.pause(0.05)
        lines = log.read_text(errors="replace").splitlines()
        steps = [line.removeprefix(STEP) for line in lines if line.startswith(STEP)]
        if steps and steps[-1] != doing:
            doing, since = steps[-1], time.monotonic()
            say(doing)
        elif time.monotonic() - since > 2:
            since = time.monotonic()
            say(f"  {detail(lines) or f'still {doing}'}")


def detail(lines: list[str]) -> str:
    """What the step itself said last; "" before it said anything."""
    return lines[-1].strip() if lines and not lines[-1].startswith((STEP, " " * 4)) else ""


def greet(supervisor: Supervisor, port: int, seconds: float) -> None:
    site = f"http://{ports.HOST}:{port}"
    say(f"ready after {seconds:.1f} s")
    lines = [
        "",
        f"  The marketplace   {site}/",
        f"  The admin         {site}/admin/",
        f"  The API           {site}/api/v1/docs/",
        "",
        f"  Accounts, all with the password {PASSWORD}:",
        *(f"    {email:<24}{who}" for email, who in ACCOUNTS),
        "  Staff need a one-time code too: python3 manage.py demo_code admin@example.com",
        "",
        f"  Letters  {supervisor.folder / 'mail'}",
        f"  Logs     {supervisor.logs} (errors appear here, too)",
        "",
        "  Stop with Ctrl-C.",
        "",
    ]
    for line in lines:
        say(line)
