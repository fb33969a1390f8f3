"""The sample processor, built and installed as an operator would, into a folder that no other test sees."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from marketplace.run.places import BASE

SAMPLE = BASE / "docs" / "sample-processor"
ZWIN = {"PROCESSOR_ZWIN_API_KEY": "zk_test_sample", "PROCESSOR_ZWIN_WEBHOOK_SECRET": "zs_test_sample"}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pip's own work, offline: the build backend comes with the developers' requirements."""
    folder = tmp_path_factory.mktemp("zwin")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--no-compile"]
    done = subprocess.run(
        [*pip, *offline, "--target", str(folder), str(SAMPLE)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def run(installed: Path) -> Run:
    """Run Python in Entrepôt's folder with packages of these folders installed; the sample's when none is named."""

    def run(command: Sequence[str], *folders: Path, **env: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(str(folder) for folder in folders or (installed,))
        return subprocess.run(
            [sys.executable, *command],
            cwd=BASE,
            env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run
