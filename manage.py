#!/usr/bin/env python3
"""`python3 manage.py demo`, `python3 manage.py test`, and every Django command.

Run by any Python of the machine: it makes `.venv` from the locked, hashed requirements and goes on
inside it. Only the standard library, only syntax that Python 3.6 parses, so that an old one can
say what is missing. A Python that has the project's packages (a container's) is used as it is.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from typing import IO, Dict, List

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.json")  # {requirements file: sha256 of what was installed}
UNFINISHED = os.path.join(VENV, "unfinished")  # there while the folder is being made
RUNTIME = ("django", "celery", "stripe", "allauth", "psycopg2", "embit")
DEVELOPMENT = ("pytest", "pytest_django", "schemathesis", "playwright", "mypy", "djlint")
DEVELOPER_COMMANDS = ("test", "check_all")
PIP = (
    *("pip", "install", "--require-hashes", "--no-compile", "--progress-bar=off"),
    # embit comes as source only; it is pure Python, so that no compiler is needed.
    *("--only-binary=:all:", "--no-binary=embit"),
)


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    developing = command in DEVELOPER_COMMANDS
    if not usable(developing):
        go_inside(developing)
    sys.path.insert(0, HERE)
    if command == "demo":
        from marketplace.run import demo

        sys.exit(demo.main())
    if command == "test":
        from marketplace.run import testing

        sys.exit(testing.main(sys.argv[2:]))
    if command == "check_all":
        from marketplace.run import checks

        sys.exit(checks.main())
    django(command)


def django(command: str) -> None:
    """Every other command, on the servers of `DATABASE_URL` or else on the running demo's."""
    from marketplace.run import state

    state.connect(command)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


# --- the virtual environment ---------------------------------------------------------------------


def usable(developing: bool) -> bool:
    """Whether this very Python has the project's packages."""
    if not (3, 11) <= sys.version_info[:2] < (3, 15):
        return False
    ours = os.path.realpath(sys.prefix) == os.path.realpath(VENV)
    if ours and (stamps() or os.path.exists(UNFINISHED)):
        return installed(developing)
    names = RUNTIME + (DEVELOPMENT if developing else ())
    return all(importlib.util.find_spec(name) for name in names)


def installed(developing: bool) -> bool:
    """Whether `.venv` was finished by this script and holds what the lock says now."""
    name = lock_name(developing)
    return not os.path.exists(UNFINISHED) and stamps().get(name) == fingerprint(name)


def lock_name(developing: bool) -> str:
    return "requirements-dev.txt" if developing else "requirements.txt"


def fingerprint(name: str) -> str:
    with open(os.path.join(HERE, name), "rb") as lock:
        return hashlib.sha256(lock.read()).hexdigest()


def stamps() -> Dict[str, str]:
    try:
        with open(STAMP) as file:
            return dict(json.load(file))
    except (OSError, ValueError):
        return {}


def go_inside(developing: bool) -> None:
    """Makes `.venv` what the lock says, one start at a time, and becomes its Python."""
    if os.environ.get("ENTREPOT_INSIDE") == VENV:
        sys.exit("The packages in %s do not work. Delete the folder and start again." % VENV)
    with open(os.path.abspath(__file__)) as this_file:
        wait_for_lock(this_file)
        if not installed(developing):
            install(developing, this_file.fileno())
    os.environ["ENTREPOT_INSIDE"] = VENV
    sys.stdout.flush()
    os.execv(PYTHON, [PYTHON, os.path.abspath(__file__)] + sys.argv[1:])


def wait_for_lock(file: IO[str]) -> None:
    """Another start may be installing. The lock is free when it and its pip have ended or died."""
    told = 0.0
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.time() - told > 2:
                say("waiting for another start that is installing packages")
                told = time.time()
            time.sleep(0.2)


def install(developing: bool, held: int) -> None:
    """Installs the lock; `held` is the lock's descriptor, which the children keep open.

    A start that was killed leaves `unfinished` behind: pip would trust half-written packages,
    so the folder is made anew.
    """
    if os.path.exists(UNFINISHED) or not os.path.exists(PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
    done, name = stamps(), lock_name(developing)
    if not os.path.exists(PYTHON):
        base = find_python()
        begin()
        run([base, "-m", "venv", VENV], "making .venv with " + base, held)
    begin()
    run([PYTHON, "-m", *PIP, "-r", os.path.join(HERE, name)], "installing " + name, held)
    make_importable()
    for covered in {name, "requirements.txt"}:  # the developers' lock holds the runtime's
        done[covered] = fingerprint(covered)
    with open(STAMP, "w") as file:
        json.dump(done, file)
    os.remove(UNFINISHED)


def begin() -> None:
    os.makedirs(VENV, exist_ok=True)
    open(UNFINISHED, "w").close()


def make_importable() -> None:
    """So that `.venv/bin/pytest` and `.venv/bin/celery` find the project from any folder."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = subprocess.check_output([PYTHON, "-c", where]).decode().strip()
    with open(os.path.join(folder, "entrepot.pth"), "w") as file:
        file.write(HERE + "\n")


# --- finding a Python ----------------------------------------------------------------------------

MISSING = """No fitting Python was found:
%s

Entrepot needs Python 3.11, 3.12, 3.13 or 3.14 with its modules venv and ensurepip.
  Debian, Ubuntu:  %sapt install -y python3-venv
  Fedora:          %sdnf install -y python3
  macOS:           brew install python@3.13
Then run the same command again."""

PROBE = """
import sys
version = "%d.%d" % sys.version_info[:2]
if not (3, 11) <= sys.version_info[:2] < (3, 15):
    sys.exit("is Python " + version)
try:
    import venv, ensurepip
except ImportError as error:
    sys.exit("is Python %s without %s" % (version, error.name))
"""


def find_python() -> str:
    """A Python 3.11 to 3.14 that can make virtual environments, or an end that says what to do."""
    seen = []
    for path in candidates():
        fault = what_lacks(path)
        if not fault:
            return path
        seen.append("  %s %s" % (path, fault))
    sudo = "" if os.geteuid() == 0 else "sudo "
    sys.exit(MISSING % ("\n".join(seen), sudo, sudo))


def candidates() -> List[str]:
    folders = os.environ.get("PATH", os.defpath) + ":/usr/bin:/usr/local/bin:/opt/homebrew/bin"
    names = ["python3.13", "python3.12", "python3.11", "python3.14", "python3"]
    found = [sys.executable] + [shutil.which(name, path=folders) or "" for name in names]
    return list(dict.fromkeys(path for path in found if path))


def what_lacks(path: str) -> str:
    """Empty when `path` can make the virtual environment, else what is wrong with it."""
    try:
        probe = subprocess.Popen([path, "-c", PROBE], stderr=subprocess.PIPE)
    except OSError as error:
        return str(error)
    words = (probe.communicate()[1] or b"").decode(errors="replace").strip()
    return "" if probe.returncode == 0 else (words.splitlines() or ["does not start"])[-1]


# --- saying what happens -------------------------------------------------------------------------


def say(text: str) -> None:
    print("entrepot | " + text, flush=True)


def run(command: List[str], title: str, held: int) -> None:
    """Runs a command quietly; says every two seconds what it does; shows its words if it fails."""
    say(title)
    start = time.time()
    lines = ["..."]
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
    job = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[held],
        env=env,
    )
    assert job.stdout
    reader = threading.Thread(target=read_into, args=(job.stdout, lines), daemon=True)
    reader.start()
    while reader.is_alive():
        reader.join(2)
        if reader.is_alive():
            say("  %2d s  %s" % (time.time() - start, lines[-1][:90]))
    if job.wait() != 0:
        words = "\n".join(lines[-25:])
        sys.exit("%s\n%s failed. Mend what it says and run the same command again." % (words, title))


def read_into(stream: IO[bytes], lines: List[str]) -> None:
    for line in stream:
        words = line.decode(errors="replace").strip()
        if words and not words.startswith("WARNING"):
            lines.append(words)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
