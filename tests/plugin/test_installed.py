"""A third party's processor in its own package: built, installed, found by entry point, and bad ones named."""

from __future__ import annotations

import ast
import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from payments import processors
from tests.plugin.conftest import SAMPLE, ZWIN, Run


def package(folder: Path, name: str, entry: str, code: str = "", version: str = "1.0") -> None:
    """What pip leaves of an installed package with one processor: its module and what it says of itself."""
    (folder / f"{entry.partition('=')[2].partition(':')[0].strip()}.py").write_text(code)
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[marketplace.processors]\n{entry}\n")


def processor(slug: str, *, api: int = 1, init: str = "") -> str:
    return f"""
from payments.processors import BadSignature, Can, Outcome, Processor, Update

class Made(Processor):
    slug, label, can, api = "{slug}", "Made", Can.NOTHING, {api}
    def __init__(self, config):
        super().__init__(config)
        {init}
    def create(self, key, money, *, ref, expires_at, return_url):
        return Update("payment", ref, Outcome.PENDING)
    def fetch(self, ref, *, kind="payment", key=None):
        return None
    def parse_webhook(self, body, headers):
        raise BadSignature("none")
"""


def test_it_is_one_package_that_imports_the_public_names_only() -> None:
    allowed = {"payments.processors": set(processors.__all__), "payments.testing": {"ProcessorContract", "Subject"}}
    ours = ("marketplace", "fx", "listings", "payments", "orders", "tests")
    for path in SAMPLE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            for full in [module] if module else names:
                if full.split(".")[0] in ours:
                    assert full in allowed, f"{path.name} imports {full}"
                    assert set(names) <= allowed[full], f"{path.name} imports {names} of {full}"


def test_it_is_found_by_its_entry_point_and_switched_on_by_its_name(run: Run) -> None:
    off = run(["manage.py", "plugins"])
    assert (off.returncode, off.stderr) == (0, "")
    assert re.search(r"^processor +zwin +off +entrepot-zwin 1\.0\.0$", off.stdout, re.MULTILINE)
    on = run(["manage.py", "plugins"], PLUGIN_PROCESSORS="zwin", **ZWIN)
    assert (on.returncode, on.stderr) == (0, "")
    assert re.search(r"^processor +zwin +on +entrepot-zwin 1\.0\.0$", on.stdout, re.MULTILINE)
    checked = run(["manage.py", "check", "--fail-level=WARNING"], PLUGIN_PROCESSORS="zwin", **ZWIN)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_without_its_settings_it_says_which_variable_is_missing(run: Run) -> None:
    done = run(["manage.py", "check"], PLUGIN_PROCESSORS="zwin")
    assert done.returncode == 1
    assert "(payments.E002) Processor 'zwin' refuses its configuration: api_key is empty." in done.stderr
    assert "Set PROCESSOR_ZWIN_API_KEY to what Zwin's console shows." in done.stderr
    assert "Traceback" not in done.stderr


BAD = [
    ("absent", "PLUGIN_PROCESSORS has 'absent', which is neither built in (stripe"),
    ("absent", "Install its package, or take the name out."),
    (
        "broken",
        "The processor 'broken' (acme_broken:Made of acme-broken 1.0) does not load: ZeroDivisionError",
    ),
    ("nothing", "The processor 'nothing' (acme_nothing:Made of acme-nothing 1.0) does not load: AttributeError"),
    ("old", "Made of 'old' is written for API 0 of processors, this is API 1. Install a version of it that fits."),
    ("alias", "Made is installed as the processor 'alias', but its slug is 'other'. Both have to be the same."),
    ("text", "What provides the processor 'text' is no Processor class: 'Made'. Mend its entry point."),
    ("half", "Made of 'half' lacks create, fetch, parse_webhook."),
    ("twin", "Several packages provide the processor 'twin': acme-twin 1.0, other-twin 2.0. Uninstall all but one."),
    ("moody", "Processor 'moody' refuses its configuration: Tuesday"),
]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """One package for each way in which a plug-in can be bad."""
    half = processor("half").split("    def create")[0]
    codes = {
        "broken": "1 / 0",
        "nothing": "",
        "old": processor("old", api=0),
        "alias": processor("other"),
        "text": "Made = 'Made'",
        "half": half,
        "twin": processor("twin"),
        "moody": processor("moody", init="raise RuntimeError('Tuesday')"),
    }
    for name, code in codes.items():
        package(tmp_path, f"acme-{name}", f"{name} = acme_{name}:Made", code)
    package(tmp_path, "other-twin", "twin = other_twin:Made", processor("twin"), version="2.0")
    return tmp_path


def test_each_bad_plug_in_is_named_with_the_way_out(run: Run, bad: Path) -> None:
    names = ",".join(dict.fromkeys(name for name, _ in BAD))
    done = run(["manage.py", "check"], bad, PLUGIN_PROCESSORS=names)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [sentence for _name, sentence in BAD if sentence not in done.stderr] == []
    assert done.stderr.count("(payments.E001)") == len(set(names.split(","))) - 1
    assert done.stderr.count("(payments.E002)") == 1
    listed = run(["manage.py", "plugins"], bad, PLUGIN_PROCESSORS=names)
    assert (listed.returncode, listed.stdout.count("BROKEN")) == (1, len(set(names.split(","))))


def test_what_is_installed_but_off_only_warns(run: Run, bad: Path) -> None:
    done = run(["manage.py", "check"], bad)
    assert done.returncode == 0
    assert done.stderr.count("(payments.W001)") == 7
    assert "It is not switched on." in done.stderr


def test_a_plug_in_cannot_take_the_place_of_one_of_ours(run: Run, tmp_path: Path) -> None:
    package(tmp_path, "acme-stripe", "stripe = acme_stripe:Made", processor("stripe"))
    done = run(["manage.py", "check"], tmp_path)
    assert done.returncode == 1
    assert "provide the processor 'stripe': Entrepôt itself, acme-stripe 1.0. Uninstall all but one." in done.stderr


def test_its_own_tests_pass_with_nothing_left_out(run: Run) -> None:
    done = run(["-m", "pytest", str(SAMPLE / "tests"), "-q", "-p", "no:cacheprovider"], DATABASE_URL=another_database())
    assert done.returncode == 0, done.stdout
    [passed] = re.findall(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert int(passed) >= 90
    assert "skipped" not in done.stdout


def test_a_buyer_pays_by_it_and_is_refunded(run: Run, installed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = f"http://127.0.0.1:{server.getsockname()[1]}"
    story = ["-m", "pytest", "tests/plugin/story.py", "-q", "-p", "no:cacheprovider"]
    env = {"PLUGIN_PROCESSORS": "zwin", "PROCESSOR_ZWIN_API_URL": there, "DATABASE_URL": another_database()}
    done = run(story, installed, SAMPLE / "tests", **ZWIN, **env)
    assert done.returncode == 0, done.stdout
    [passed] = re.findall(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert int(passed) >= 8
    assert "skipped" not in done.stdout


def another_database() -> str:
    """Of the running server: pytest makes it, and this run's own is in use."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(path=f"{parts.path}_zwin").geturl()
