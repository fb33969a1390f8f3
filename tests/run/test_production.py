"""The containers and the example of their settings, as far as no engine is needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from marketplace.run import demo
from marketplace.run.places import BASE
from marketplace.run.postgres import INITDB
from tests.environment import read_by_settings

COMPOSE: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
OF_OTHERS = {"POSTGRES_PASSWORD", "BITCOIN_RPC_PASSWORD"}  # read by docker-compose.yml alone


def example() -> dict[str, str]:
    """Every variable that .env.example names, also those that are commented out."""
    lines = (BASE / ".env.example").read_text().splitlines()
    found = [re.match(r"#?([A-Z0-9_]+)=(.*)$", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def load_settings(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Settings in a process of its own, with nothing but these variables."""
    return subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; settings.INSTALLED_APPS"],
        env={"DJANGO_SETTINGS_MODULE": "marketplace.settings", "PATH": os.environ["PATH"], **env},
        cwd=BASE,
        capture_output=True,
        text=True,
        check=False,
    )


def filled() -> dict[str, str]:
    """The example as an operator would fill it in, with what docker-compose.yml adds."""
    given = {name: value for name, value in example().items() if value}
    optional = ("STRIPE_", "BITCOIN_", "ERC20_", "BANK_")
    given = {name: value for name, value in given.items() if not name.startswith(optional)}
    return given | {
        "SECRET_KEY": "s" * 64,
        "DATABASE_URL": "postgres://entrepot:x@db:5432/entrepot",
        "REDIS_URL": "redis://redis:6379",
    }


def test_the_example_names_only_variables_that_are_read() -> None:
    assert set(example()) - OF_OTHERS - read_by_settings() == set()


def test_what_docker_compose_sets_is_read_by_the_settings() -> None:
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= read_by_settings()


def test_the_filled_example_starts(tmp_path: Path) -> None:
    assert load_settings(tmp_path, **filled()).stderr == ""


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("SECRET_KEY", "short", "shorter than 50"),
        ("DEBUG", "True", "DEBUG=True on the public hosts"),
        ("SITE_URL", "http://shop.example.com", "must start with https://"),
        ("STRIPE_SECRET_KEY", "sk_live_x", "STRIPE_PUBLISHABLE_KEY is not set"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("EMAIL_PORT", "٥٨٧", "not a whole number"),
        ("ENTREPOT_ENV", "staging", "none of production, demo, test"),
    ],
)
def test_nonsense_refuses_to_start(tmp_path: Path, name: str, value: str, complaint: str) -> None:
    done = load_settings(tmp_path, **(filled() | {name: value}))
    assert done.returncode == 1
    assert complaint in done.stderr


def test_the_database_is_made_as_the_embedded_one() -> None:
    words = set(SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split())
    assert words - {"--lc-ctype=C.UTF-8"} <= set(INITDB)
    assert {"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C"} <= words


def test_the_queue_forgets_nothing() -> None:
    words = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in words
    assert "--maxmemory-policy noeviction" in words


def test_worker_and_beat_run_as_in_the_demo() -> None:
    in_demo = {program.name: program.command for program in demo.product(Path("/beat"), 8000)}
    worker = [str(word) for word in in_demo["worker"]][2:]
    assert worker == SERVICES["worker"]["command"]
    assert {"--pidfile=", "-linfo"} <= set(SERVICES["beat"]["command"])
    docker = (BASE / "Dockerfile").read_text()
    web = [str(word) for word in in_demo["web"] if "gthread" in str(word) or "socket" in str(word)]
    assert len(web) == 2
    assert all(word in docker for word in web)


def test_every_service_that_stays_says_when_it_is_well() -> None:
    assert {name for name in SERVICES if "healthcheck" not in SERVICES[name]} == {"migrate"}
    for name in ("bitcoin", "evm"):
        assert SERVICES[name]["profiles"] == [name]


def test_every_named_volume_is_declared() -> None:
    used = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    names = {mount.split(":")[0] for mount in used if not mount.startswith(".")}
    assert names == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_hashes_and_names_no_index(name: str) -> None:
    text = (BASE / name).read_text()
    pins = re.findall(r"^[a-z0-9][\w.-]*==\S+", text, re.MULTILINE)
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(pins) == len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?:|file:|@ |--index|--find-links", text)


def test_the_developers_lock_holds_the_runtimes() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (BASE / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")
